import { assert } from "chai";
import fc from "fast-check";
import { isFeasible } from "../../lib/check/cells.ts";
import { nearestToOrigin, type LeastVertex, type Nearest } from "../../lib/check/nearest.ts";
import { Random } from "../../lib/check/random.ts";

const among =
  (points: readonly Float64Array[]): LeastVertex =>
  (direction) => {
    const along = (p: Float64Array): number => p.reduce((sum, v, n) => sum + v * direction[n]!, 0);
    return points.reduce((best, p) => (along(p) < along(best) ? p : best));
  };

const normals = (random: Random, count: number, size: number): Float64Array[] =>
  Array.from({ length: count }, () => Float64Array.from({ length: size }, () => random.normal()));

const seen = (
  points: readonly number[][],
  target: readonly number[],
  tolerance = 1e-12,
): Nearest["verdict"] => {
  const moved = points.map((p) => Float64Array.from(p, (v, n) => v - target[n]!));
  return nearestToOrigin(among(moved), moved[0]!, tolerance).verdict;
};

describe("nearestToOrigin", () => {
  it("tells the inside of a triangle from the outside", () => {
    const corners = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    assert.equal(seen(corners, [1 / 3, 1 / 3, 1 / 3]), "inside");
    assert.equal(seen(corners, [0.5, 0.5, 0]), "inside");
    assert.equal(seen(corners, [0.5, 0.5, 0.5]), "outside");
    assert.equal(seen(corners, [0.5, 0.6, -0.1]), "outside");
  });

  for (const unit of [1e-200, 1e200])
    it(`tells it where squares would vanish or overflow, too: at ${unit}`, () => {
      const corners = [
        [unit, 0],
        [0, unit],
        [0, 0],
      ];
      assert.equal(seen(corners, [0.25 * unit, 0.25 * unit], 1e-12 * unit), "inside");
      assert.equal(seen(corners, [0.75 * unit, 0.75 * unit], 1e-12 * unit), "outside");
    });

  it("leaves open what is nearest among what is not a number", () => {
    const nothing = Float64Array.of(NaN, NaN);
    assert.equal(nearestToOrigin(() => nothing, nothing, 1).verdict, "undecided");
  });

  it("finds random convex combinations inside, and what is beyond a face outside", () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 40 }),
        (seed, size, count) => {
          const random = new Random(seed);
          const points = normals(random, count, size);
          const weights = points.map(() => -Math.log(1 - random.uniform()));
          const total = weights.reduce((a, b) => a + b, 0);
          const target = Array.from({ length: size }, (_, n) =>
            points.reduce((s, p, k) => s + (weights[k]! / total) * p[n]!, 0),
          );
          assert.equal(
            seen(
              points.map((p) => [...p]),
              target,
            ),
            "inside",
          );
          const direction = normals(random, 1, size)[0]!;
          const along = (p: ArrayLike<number>): number => direction.reduce((s, v, n) => s + v * p[n]!, 0);
          const most = points.reduce((best, p) => (along(p) > along(best) ? p : best));
          const beyond = Array.from(most, (v, n) => v + 1e-6 * direction[n]!);
          assert.equal(
            seen(
              points.map((p) => [...p]),
              beyond,
            ),
            "outside",
          );
        },
      ),
      { seed: 3, numRuns: 200 },
    );
  });

  it("finds the nearest point of a zonotope of 300 segments in 40 dimensions", () => {
    const random = new Random(9);
    const segments = normals(random, 300, 40);
    const share = segments.map(() => random.uniform());
    const target = new Float64Array(40);
    for (const [k, s] of segments.entries()) for (let n = 0; n < 40; n++) target[n]! += share[k]! * s[n]!;
    const vertex: LeastVertex = (direction) => {
      const out = target.map((v) => -v);
      for (const s of segments) {
        if (s.reduce((sum, v, n) => sum + v * direction[n]!, 0) < 0)
          for (let n = 0; n < 40; n++) out[n]! += s[n]!;
      }
      return out;
    };
    assert.equal(nearestToOrigin(vertex, vertex(target), 1e-10).verdict, "inside");
  });
});

const rows = (...all: number[][]): boolean => isFeasible(all.map((r) => Float64Array.from(r)));

describe("isFeasible", () => {
  it("finds a direction that all rows agree with, or that there is none", () => {
    assert.isTrue(rows([1, 0], [0, 1]));
    assert.isTrue(rows([1, 0], [-1, 1e-3]));
    assert.isFalse(rows([1, 0], [-1, 0]));
    assert.isFalse(rows([1, 0], [-1, 1], [0, -1]));
    assert.isTrue(rows());
  });
});
