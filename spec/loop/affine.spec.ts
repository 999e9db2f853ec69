import { expect } from "chai";
import fc from "fast-check";
import { fixedExtent } from "../../lib/expr/extent.ts";
import { apply, at, index, num, type Expr } from "../../lib/expr/node.ts";
import { rangeOf } from "../../lib/loop/affine.ts";

const i = index("i", fixedExtent(100));
const n = index("n", fixedExtent(100));

/** The value of an integer expression in n. */
function value(e: Expr, of: number): number {
  if (e.kind === "num") return e.value;
  if (e.kind === "index" && e.index === n) return of;
  if (e.kind !== "apply") throw new Error(`no integer in n: ${e.kind}`);
  const args = e.args.map((a) => value(a, of));
  switch (e.op) {
    case "add":
      return args.reduce((a, b) => a + b);
    case "sub":
      return args[0]! - args[1]!;
    case "mul":
      return args.reduce((a, b) => a * b);
    case "neg":
      return -args[0]!;
    case "quotient":
      return Math.floor(args[0]! / args[1]!);
    default:
      throw new Error(`no integer: ${e.op}`);
  }
}

const holds = {
  lt: (a: number, b: number) => a < b,
  le: (a: number, b: number) => a <= b,
  gt: (a: number, b: number) => a > b,
  ge: (a: number, b: number) => a >= b,
  eq: (a: number, b: number) => a === b,
};

describe("the range of an index", () => {
  for (const op of Object.keys(holds) as (keyof typeof holds)[])
    it(`is what ${op} leaves of it, whatever its coefficient`, () => {
      const small = fc.integer({ min: -4, max: 4 });
      fc.assert(
        fc.property(small, small, small, small, (c, times, constant, there) => {
          const left = apply("add", apply("mul", num(c), at(i)), num(constant));
          const condition = apply(op, left, apply("mul", num(times), at(n)));
          const { least, end, equal, rest } = rangeOf(i, [condition]);
          if (c === 0 || (op === "eq" && Math.abs(c) > 1)) {
            expect(rest).to.deep.equal([condition]);
            return;
          }
          expect(rest).to.deep.equal([]);
          for (let x = -30; x <= 30; x++) {
            const inside =
              least.every((e) => x >= value(e, there)) &&
              end.every((e) => x < value(e, there)) &&
              equal.every((e) => x === value(e, there));
            expect(inside, `i = ${x}`).to.equal(holds[op](c * x + constant, times * there));
          }
        }),
        { seed: 1, numRuns: 300 },
      );
    });
});
