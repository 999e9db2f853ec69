import { expect } from "chai";
import fc from "fast-check";
import type { Extent } from "../../lib/expr/extent.ts";
import { apply, at, index, num, read, size, type Expr } from "../../lib/expr/node.ts";
import { parse } from "../../lib/parse.ts";
import { algebra, noFacts } from "../../lib/simplify/simplify.ts";
import { linearOf, multipleIsNonnegative, provablyNonnegative } from "../../lib/simplify/linear.ts";

const [N, C] = parse("loss = sum(i, j, X[i,j])").inputs[0]!.shape as [Extent, Extent];
const [i, j] = [index("i", N), index("j", C)];
const label = read("y", [at(i)], "int");
const s = algebra({ ...noFacts, labelBelow: (e) => (e === label ? [C] : []) });

const atoms = [at(i), at(j), label, size(N), size(C)] as const;

/** Σ coefficient · atom + constant, in normal form. */
const formOf = (coefficients: readonly number[], constant: number): Expr =>
  s.simplify(
    coefficients.reduce<Expr>(
      (sum, c, n) => apply("add", sum, apply("mul", num(c), atoms[n]!)),
      num(constant),
    ),
  );

const steps = (length: number): readonly number[] => Array.from({ length }, (_, n) => n);

/** The least value over all sizes up to 3 at which what stands in the form has values. */
function least(coefficients: readonly number[], constant: number): number {
  let found = Infinity;
  const [a, b, c, d, e] = coefficients as [number, number, number, number, number];
  for (const n of [1, 2, 3])
    for (const m of [1, 2, 3])
      for (const x of steps(n))
        for (const y of steps(m))
          for (const z of steps(m)) found = Math.min(found, a * x + b * y + c * z + d * n + e * m + constant);
  return found;
}

/** Whether no size makes it less without end. */
const grows = ([a, b, c, d, e]: readonly number[]): boolean =>
  d! + Math.min(0, a!) >= 0 && e! + Math.min(0, b!) + Math.min(0, c!) >= 0;

describe("linear forms of indices, labels and sizes", () => {
  it("are proved to be at least 0 exactly where they are, if all that has a range stands in them once", () => {
    const coefficient = fc.integer({ min: -3, max: 3 });
    const all = fc.tuple(coefficient, coefficient, coefficient, coefficient, coefficient);
    fc.assert(
      fc.property(all, coefficient, (coefficients, constant) => {
        const proved = provablyNonnegative(formOf(coefficients, constant), s);
        if (proved) expect(least(coefficients, constant)).to.be.at.least(0);
        // With an index in each size's range the sizes are at least 1, as they are in the search.
        if (coefficients[0] !== 0 && coefficients[1] !== 0)
          expect(proved).to.equal(least(coefficients, constant) >= 0 && grows(coefficients));
      }),
      { seed: 8, numRuns: 2000 },
    );
  });

  // prettier-ignore
  const rows: readonly (readonly [times: number, form: Expr, plus: number, proved: boolean])[] = [
    [1,  at(i),                                                        0, true],
    [1,  at(i),                                                       -1, false],
    [-1, s.simplify(apply("sub", at(i), size(N))),                    -1, true],
    [-1, s.simplify(apply("sub", at(i), size(N))),                    -2, false],
    [-1, s.simplify(apply("sub", label, size(C))),                    -1, true],
    [2,  s.simplify(apply("add", at(i), num(1))),                     -2, true],
  ];
  for (const [times, form, plus, proved] of rows)
    it(`multiplied and added to, ${times}, ${plus}: ${proved}`, () => {
      expect(multipleIsNonnegative(times, form, plus, s)).to.equal(proved);
    });

  it("are none where a product or a real stands in them", () => {
    expect(linearOf(s.simplify(apply("mul", at(i), at(j))), s)).to.equal(undefined);
    expect(linearOf(num(0.5), s)).to.equal(undefined);
    expect(linearOf(s.simplify(apply("sub", at(i), num(2))), s)).to.deep.equal({
      constant: -2,
      coefficients: new Map([[at(i), 1]]),
    });
  });
});
