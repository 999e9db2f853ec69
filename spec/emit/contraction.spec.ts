import { assert } from "chai";
import fc from "fast-check";
import { tiling } from "../../lib/emit/contraction.ts";
import { functionsIn } from "../../lib/emit/functions.ts";

type Strided = readonly [data: Float64Array, offset: number, first: number, second: number];
type Contract = (...args: (number | Float64Array | Int32Array)[]) => void;

// The text is our own.
const contract = new Function(
  `"use strict";\n${functionsIn("contract(", "js").join("\n")}\nreturn contract;`,
)() as Contract;

const added = (terms: readonly number[]): number => terms.reduce((sum, term) => sum + term);

/** out += a · b, term after term as the emitted function says that it adds them: so many at a time, in two halves. */
function expected(
  out: Strided,
  a: Strided,
  b: Strided,
  P: number,
  Q: number,
  rows: readonly number[],
): Float64Array {
  const [data, o, oP, oQ] = out;
  const sums = Float64Array.from(data);
  const [x, xo, aP, aK] = a;
  const [z, zo, bK, bQ] = b;
  for (let p = 0; p < P; p++)
    for (let q = 0; q < Q; q++) {
      const terms = rows.map((k) => x[xo + p * aP + k * aK]! * z[zo + k * bK + q * bQ]!);
      const at = o + p * oP + q * oQ;
      while (terms.length > 0) {
        const n = [tiling.terms, 4, 2, 1].find((size) => size <= terms.length)!;
        const next = terms.splice(0, n);
        const halves = n < 4 ? [next] : [next.slice(0, n / 2), next.slice(n / 2)];
        sums[at] = sums[at]! + halves.map(added).reduce((first, second) => first + second);
      }
    }
  return sums;
}

const matrix = (rows: number, columns: number, turned: boolean, seed: number): Strided => {
  const data = Float64Array.from({ length: 3 + rows * columns }, (_, n) => Math.sin(seed + n * n));
  return turned ? [data, 3, 1, rows] : [data, 3, columns, 1];
};

/** The same with its rows, or columns, so far apart that all begin at one place of the cache. */
const apart = (rows: number, columns: number, turned: boolean, seed: number): Strided => {
  const data = Float64Array.from({ length: 3 + 512 * Math.max(rows, columns) }, (_, n) =>
    Math.sin(seed + n * n),
  );
  return turned ? [data, 3, 1, 512] : [data, 3, 512, 1];
};

describe("contract, in emitted JavaScript", () => {
  const size = fc.integer({ min: 0, max: 40 });
  const turn = fc.boolean();

  it("adds up the products of rows and columns, in the order that it states, whichever way arrays lie", () => {
    fc.assert(
      fc.property(size, size, size, turn, turn, turn, (P, Q, K, out, left, right) => {
        const [c, a, b] = [matrix(P, Q, out, 1), matrix(P, K, left, 2), matrix(K, Q, right, 3)];
        const wanted = expected(
          c,
          a,
          b,
          P,
          Q,
          Array.from({ length: K }, (_, k) => k),
        );
        contract(...c, ...a, ...b, P, Q, K);
        assert.deepEqual(c[0], wanted);
      }),
      { seed: 41, numRuns: 300 },
    );
  });

  it("takes the rows of a list", () => {
    fc.assert(
      fc.property(size, size, fc.subarray([...Array(20).keys()]), (P, Q, rows) => {
        const [c, a, b] = [matrix(P, Q, false, 1), matrix(P, 20, true, 2), matrix(20, Q, false, 3)];
        const wanted = expected(c, a, b, P, Q, rows);
        contract(...c, ...a, ...b, P, Q, rows.length, Int32Array.from(rows));
        assert.deepEqual(c[0], wanted);
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  it("adds up in the same order what it has to copy first, in blocks", () => {
    const turns = [false, true];
    for (const [P, Q, K] of [
      [33, 45, 70],
      [131, 11, 16],
      [300, 41, 17],
    ] as const)
      for (const out of turns)
        for (const left of turns) {
          const [c, a, b] = [apart(P, Q, out, 1), apart(P, 80, left, 2), apart(80, Q, false, 3)];
          const all = Array.from({ length: K }, (_, k) => k);
          const wanted = expected(c, a, b, P, Q, all);
          const listed = all.map((k) => 79 - k);
          const [again, wantedAgain] = [Float64Array.from(c[0]), expected(c, a, b, P, Q, listed)];
          contract(...c, ...a, ...b, P, Q, K);
          assert.deepEqual(c[0], wanted);
          contract(again, c[1], c[2], c[3], ...a, ...b, P, Q, K, Int32Array.from(listed));
          assert.deepEqual(again, wantedAgain);
        }
  });
});
