import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { parse } from "../../lib/parse.ts";
import { valueIn } from "./errors.ts";
import { meetOpposites } from "../../lib/stable/opposite.ts";
import { Random } from "../../lib/check/random.ts";
import { wide } from "../../lib/number/wide/wide.ts";

const exact = wide(640);

/** Expressions with functions of an argument and of its opposite, and in how many of each they come down to. */
// prettier-ignore
const rows: readonly (readonly [text: string, of: "softplus" | "sigmoid", calls: number])[] = [
  ["softplus(x) * softplus(-x)",                               "softplus", 1],
  ["softplus(x * (2 * t - 1)) + 3 * softplus(x * (1 - 2 * t))", "softplus", 1],
  ["softplus(2 * x) * softplus(-2 * x)",                       "softplus", 1],
  ["softplus(-abs(x)) * softplus(x)",                          "softplus", 1],
  ["sigmoid(x * t) * sigmoid(-x * t)",                         "sigmoid",  1],
  ["sigmoid(x) * sigmoid(-x)",                                 "sigmoid",  1],
  ["exp(x) / (1 + exp(x)) * sigmoid(x)^2",                     "sigmoid",  1],
  ["sigmoid(-x) * exp(-abs(x)) / (1 + exp(-abs(x))) * sigmoid(x)", "sigmoid", 1],
  ["softplus(x) * softplus(t)",                                "softplus", 2],
  ["sigmoid(x) * softplus(-x)",                                "sigmoid",  1],
];

const calls = (text: string, name: string): number => text.split(`sharp${name}(`).length - 2; // one is the function itself

describe("functions of an argument and its opposite", () => {
  it("take an exponential over one more than it for the sigmoid that is there", () => {
    const text = "p = sigmoid(-abs(x)) + t; f = p * (exp(-abs(x)) / (1 + exp(-abs(x))))";
    const [p, f] = meetOpposites(parse(text).definitions);
    assert.equal(f!.body.kind === "apply" && f!.body.args[1], p!.body.kind === "apply" && p!.body.args[0]);
  });

  for (const [text, of, count] of rows) {
    const program = parse(`f = ${text}`);

    it(`are made of ${count} ${of} in ${text}`, () => {
      const { code } = generate(differentiate(program, { wrt: [] }), { target: "js", style: "fused" });
      assert.equal(calls(code, of === "softplus" ? "Softplus" : "Sigmoid"), count);
    });

    it(`keep their value in ${text}`, () => {
      const random = new Random(3);
      const met = meetOpposites(program.definitions);
      const inputs = program.inputs.map((i) => i.name);
      for (let n = 0; n < 12; n++) {
        const given = Object.fromEntries(inputs.map((name) => [name, 20 * random.normal()]));
        const [a, b] = [program.definitions, met].map((all) => valueIn(exact, program, all, given));
        const { sub, div, abs } = exact.functions;
        assert.isAtMost(exact.toNumber(abs(div(sub(a!, b!), a!))), 1e-60);
      }
    });
  }
});
