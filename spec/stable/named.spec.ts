/** What a definition has computed is read by the others. */
import { assert } from "chai";
import { generate } from "../../lib/generate.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { namedAgain } from "../../lib/stable/named.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { apply, reduce, type Node } from "../../lib/expr/node.ts";
import { printProgram } from "../../lib/text/print.ts";

const lines = (text: string): readonly string[] => {
  const program = parse(text);
  return printProgram(namedAgain(program.definitions), program).split("\n");
};

// prettier-ignore
const rows: readonly { readonly title: string; readonly text: string; readonly last: string }[] = [
  { title: "a scalar",                             text: "m = sum(i, x[i]^2) + 1; loss = sum(i, x[i] / (sum(j, x[j]^2) + 1))",             last: "loss = sum(i, x[i] / m)" },
  { title: "an array, at other indices",           text: "r[i] = sum(d, X[i,d]^2); loss = sum(k, l, X[k,l] * sum(d, X[k,d]^2))",           last: "loss = sum(k, l, X[k,l] * r[k])" },
  { title: "an array with its axes the other way", text: "r[d,i] = sum(e, X[i,e] * W[d,e]); loss = sum(i, d, sum(e, X[i,e] * W[d,e])^2)", last: "loss = sum(i, d, r[d,i]^2)" },
  { title: "nothing that takes no loop",           text: "h[i] = x[i] + 1; loss = sum(i, (x[i] + 1)^2)",                                    last: "loss = sum(i, (x[i] + 1)^2)" },
  { title: "nothing that an index is missing in",  text: "r[i,d < 3] = sum(e, X[i,e]^2); loss = sum(i, sum(e, X[i,e]^2)^3)",           last: "loss = sum(i, sum(e, X[i,e]^2)^3)" },
];

describe("what is a definition already", () => {
  for (const { title, text, last } of rows)
    it(`is read: ${title}`, () => {
      assert.equal(lines(text).at(-1)!.replace(/ +=/u, " ="), last);
    });

  it("is compensated wherever it is once", () => {
    const { definitions } = parse("a = sum(i, x[i]^2); loss = sum(i, x[i]^2) * sum(i, x[i])");
    const plain = definitions[0]!.body as Node<"reduce">; // the text's first definition is a sum
    const precise = reduce("sum", plain.over, undefined, apply("precise", plain.body));
    const [a, loss] = namedAgain([
      definitions[0]!,
      { ...definitions[1]!, body: apply("mul", precise, plain) },
    ]);
    assert.equal(a!.body, precise);
    assert.equal(
      loss!.body.kind === "apply" && loss!.body.args[0],
      loss!.body.kind === "apply" && loss!.body.args[1],
    );
  });

  it("is read in what rewriting for floating point makes of a correlation", () => {
    const text =
      "mx = mean(i, x[i]); mt = mean(i, t[i])\nloss = 1 - sum(i, (x[i] - mx)*(t[i] - mt))/sqrt(sum(i, (x[i] - mx)^2)*sum(i, (t[i] - mt)^2))";
    const derivation = differentiate(parse(text), { wrt: ["x"] });
    const { definitions } = stabilise(derivation);
    const loss = definitions.find((d) => d.name === "loss")!;
    assert.notMatch(printProgram([loss], derivation.program), /mean\(/u);
    const { code } = generate(derivation, { target: "js", style: "fused" });
    // The means, what stands in for each where it overflows, their deviations, and the gradient.
    assert.equal([...code.matchAll(/for \(let i/gu)].length, 5);
  });
});
