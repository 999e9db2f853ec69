import { expect } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { named, type Scalar } from "../../lib/loop/nest.ts";
import { choiceOfLogs } from "../../lib/wasm/vector/logarithms.ts";

const apply = (op: "log" | "log1p" | "add" | "exp", ...args: Scalar[]): Scalar => ({
  kind: "apply",
  op,
  type: "real",
  args,
});
const [x, y] = [named("x", "real"), named("y", "real")];
const choice = (yes: Scalar, no: Scalar) =>
  choiceOfLogs({ kind: "select", type: "real", guard: named("p", "bool"), yes, no });

const values = [0, -0, 1e-300, 5e-324, 2 ** -60, 1e-9, 0.3, 1, 2.5, 1e17, 1e308, Infinity, -0.5, -1, -2, NaN];

describe("choices between logarithms in lanes", () => {
  for (const precision of ["float64", "float32"] as const)
    it(`give in ${precision} what each logarithm gives, to the sign of zero`, () => {
      const text = "r[n] = x[n] > 0 ? log1p(y[n]) : x[n] + log(y[n])";
      const derivation = differentiate(parse(text), { wrt: [] });
      const kernel = compile(derivation, { target: "wasm", stable: false, precision });
      const round = precision === "float32" ? Math.fround : (v: number): number => v;
      const rows = values.flatMap((v) => [1, 0, -3, 0.25].map((x) => [x, round(v)] as const));
      const { value } = kernel({ dr: rows.map(() => 1), x: rows.map(([x]) => x), y: rows.map(([, y]) => y) });
      const got = typeof value === "number" ? [value] : [...value.data];
      for (const [n, [x, y]] of rows.entries()) {
        const wanted = round(x > 0 ? Math.log1p(y) : x + Math.log(y));
        const same =
          Object.is(got[n], wanted) ||
          Math.abs(got[n]! - wanted) <= Math.abs(wanted) * (precision === "float32" ? 2 ** -23 : 2 ** -52);
        expect(same, `${got[n]} for ${wanted} at ${x}, ${y}`).to.equal(true);
        if (wanted === 0)
          expect(Object.is(got[n], wanted), `the sign of ${got[n]} at ${x}, ${y}`).to.equal(true);
      }
    });

  it("are those whose sides are one logarithm each, perhaps in a sum", () => {
    expect(choice(apply("log", x), apply("log1p", y))).to.not.equal(undefined);
    expect(choice(apply("add", x, apply("log", y)), apply("log1p", y))).to.not.equal(undefined);
    expect(choice(apply("add", apply("log", x), apply("log", y)), apply("log1p", y))).to.equal(undefined);
    expect(choice(apply("exp", x), apply("log1p", y))).to.equal(undefined);
  });
});
