import { assert } from "chai";
import { chance, expectedStraddles, straddles } from "../../lib/kinks/frequency.ts";
import { guardsOf } from "../../lib/kinks/guards.ts";
import { classifierPoint } from "../../lib/check/detection.ts";
import { Random } from "../../lib/check/random.ts";
import { trace } from "../../lib/check/trace.ts";
import { entry } from "../../lib/catalogue.ts";
import { parse } from "../../lib/parse.ts";

const hinge = parse(entry("hinge")!.text);

describe("kinks/frequency", () => {
  it("gives the chance that a normal number is near 0", () => {
    assert.closeTo(chance(1, 0, 1), 0.682689492137086, 1e-14);
    assert.closeTo(chance(1e-9, 0, 2), 1e-9 / Math.sqrt(2 * Math.PI), 1e-24);
    assert.closeTo(chance(1e-6, 30, 1) / ((2e-6 * Math.exp(-450)) / Math.sqrt(2 * Math.PI)), 1, 1e-8);
    assert.deepEqual([chance(1, 0.5, 0), chance(1, 2, 0)], [1, 0]);
  });

  it("is the closed form of a linear classifier: h|x| exp(−Δ²/4σ²‖x‖²) / (√π σ‖x‖), summed over margins", () => {
    const [N, D, C, h, sigma, Delta] = [5, 4, 3, 1e-6, 0.7, 0.4];
    const point = classifierPoint(hinge, new Random(3), { N, D, C, scale: "ordinary", Delta, reg: 0.1 });
    const { tape, ...rest } = trace(hinge, point.binding, ["W"], undefined);
    const X = point.binding.arrays.get("X")!.data;
    let total = 0;
    for (let i = 0; i < N; i++) {
      const row = Array.from(X.slice(i * D, (i + 1) * D));
      const length = Math.hypot(...row);
      for (const x of row)
        total +=
          (2 * (C - 1) * h * Math.abs(x) * Math.exp(-(Delta ** 2) / (4 * sigma ** 2 * length ** 2))) /
          (Math.sqrt(Math.PI) * sigma * length);
    }
    const expected = expectedStraddles(guardsOf({ tape, ...rest }), tape.value, [0, D * C], sigma, h);
    assert.closeTo(expected / (total / (D * C)), 1, 1e-9);
  });

  it("agrees with what is counted", () => {
    const [sigma, h, draws] = [1, 0.05, 300];
    let [counted, expected] = [0, 0];
    const random = new Random(7);
    const point = classifierPoint(hinge, random, { N: 6, D: 4, C: 4, scale: "ordinary", Delta: 1, reg: 0.1 });
    const { shape } = point.binding.arrays.get("W")!;
    for (let n = 0; n < draws; n++) {
      const W = { shape, data: Float64Array.from({ length: 16 }, () => sigma * random.normal()) };
      const traced = trace(
        hinge,
        { ...point.binding, arrays: new Map([...point.binding.arrays, ["W", W]]) },
        ["W"],
        undefined,
      );
      const guards = guardsOf(traced);
      counted += straddles(guards, [0, 16], h) / draws;
      expected = expectedStraddles(guards, traced.tape.value, [0, 16], sigma, h);
    }
    assert.closeTo(counted / expected, 1, 0.15);
  });
});
