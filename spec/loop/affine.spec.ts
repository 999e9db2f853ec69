import { expect } from "chai";
import fc from "fast-check";
import { fixedExtent } from "../../lib/expr/extent.ts";
import { apply, at, index, num, read, reduce, type Expr } from "../../lib/expr/node.ts";
import { implied, rangeOf } from "../../lib/loop/affine.ts";
import { applied } from "./applied.ts";

const i = index("i", fixedExtent(100));
const n = index("n", fixedExtent(100));

/** The value of an integer expression in n. */
function value(e: Expr, of: number): number {
  if (e.kind === "num") return e.value;
  if (e.kind === "size" && e.extent.kind === "fixed") return e.extent.value;
  if (e.kind === "index" && e.index === n) return of;
  if (e.kind !== "apply") throw new Error(`no integer in n: ${e.kind}`);
  return applied(
    e.op,
    e.args.map((a) => value(a, of)),
  );
}

const comparisons = ["lt", "le", "gt", "ge", "eq"] as const;

describe("the range of an index", () => {
  for (const op of comparisons)
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
            expect(Number(inside), `i = ${x}`).to.equal(applied(op, [c * x + constant, times * there]));
          }
        }),
        { seed: 1, numRuns: 300 },
      );
    });

  it("is what an equation with a search in it leaves, wherever the search ends", () => {
    const r = index("r", fixedExtent(3));
    const search = reduce("argmax", r, undefined, read("x", [at(i), at(r)]));
    const small = fc.integer({ min: -4, max: 4 });
    fc.assert(
      fc.property(small, fc.constantFrom(-1, 1, 2), small, (c, times, there) => {
        const found = apply("mul", num(times), search);
        const condition = apply("eq", apply("add", apply("mul", num(c), at(i)), found), at(n));
        const { least, end, equal, rest } = rangeOf(i, implied(condition));
        expect([equal, rest.length]).to.deep.equal([[], c === 0 ? 2 : 0]);
        const holds = (x: number, place: number) => c * x + times * place === there;
        for (let x = -30; x <= 30; x++) {
          const inside = least.every((e) => x >= value(e, there)) && end.every((e) => x < value(e, there));
          if ([-1, 0, 1, 2].some((place) => holds(x, place))) expect(inside, `i = ${x}`).to.equal(true);
          if (c !== 0 && Math.abs(c * x - there) > 4 * Math.abs(times)) expect(inside).to.equal(false);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
