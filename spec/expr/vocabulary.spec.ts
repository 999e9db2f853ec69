import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { parse } from "../../lib/parse.ts";
import { printProgram } from "../../lib/text/print.ts";

const text = (index: string): string => `loss = log(sum(${index}, exp(3 * x[${index}])))^2`;
const derived = (program: ReturnType<typeof parse>): string => {
  const derivation = differentiate(program);
  return printProgram(derivation.definitions, derivation);
};

describe("the names of bound indices", () => {
  it("are those of the program, whatever was derived before it", () => {
    for (const index of ["q", "m", "q", "v"]) {
      const printed = derived(parse(text(index)));
      assert.include(printed, `logsumexp(${index}, 3 * x[${index}])`);
      assert.include(printed, `dx[${index}]`);
    }
  });

  it("are those of the program when others are read between its parsing and its derivation", () => {
    const programs = ["q", "m", "v"].map((index) => parse(text(index)));
    const before = programs.map(derived);
    const [first] = programs.map((program) => differentiate(program));
    assert.deepEqual(programs.map(derived), before);
    assert.equal(new Set(before).size, 3);
    assert.include(generate(first!, { target: "js", style: "loops" }).code, "q++");
  });

  it("are one for sums that are equal but for them", () => {
    const program = parse("loss = sum(q, x[q]^3) * sum(m, x[m]^3)");
    assert.include(derived(program), "total = sum(q, x[q]^3)\nloss  = total^2");
  });
});
