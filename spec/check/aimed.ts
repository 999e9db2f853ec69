/** Arbitraries of points on the kinks of a program. What is shrunk is what the point is made from, so that it stays on its kink. */
import fc from "fast-check";
import { aim, offsets, randomPoint, regimes } from "../../lib/check/points.ts";
import type { Point } from "../../lib/check/point.ts";
import { Random } from "../../lib/check/random.ts";
import type { Program } from "../../lib/expr/program.ts";

/** Points of a program with up to three guards on, or a little beside, their kinks. */
export const aimed = (program: Program): fc.Arbitrary<Point> =>
  fc
    .record({
      seed: fc.nat(1_000_000),
      most: fc.integer({ min: 1, max: 4 }),
      regime: fc.constantFrom(...regimes),
      guards: fc.array(
        fc.record({ guard: fc.nat(1000), coordinate: fc.nat(1000), offset: fc.constantFrom(...offsets) }),
        { maxLength: 3 },
      ),
    })
    .map(({ seed, most, regime, guards }) => {
      let point = randomPoint(program, new Random(seed), { most: Math.max(2, most), regime });
      for (const { guard, coordinate, offset } of guards) {
        const choices = [guard, coordinate];
        point = aim(point, (count) => choices.shift()! % count, offset);
      }
      return point;
    });
