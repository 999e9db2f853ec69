import { assert } from "chai";
import { entry } from "../../lib/catalogue.ts";
import { derivedGradients } from "../../lib/check/campaign.ts";
import { check } from "../../lib/check/check.ts";
import { passes } from "../../lib/check/judge.ts";
import { aimedPoint } from "../../lib/check/points.ts";
import { Random } from "../../lib/check/random.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

/** Losses, and seeds of points where guards are 0 but for rounding, kinks lie close to each other, or slopes bend. */
// prettier-ignore
const points: readonly (readonly [string, readonly number[]])[] = [
  ["hinge",           [2, 6, 8, 18, 27]],
  ["squared-hinge",   [8, 18, 27]],
  ["crammer-singer",  [2, 6, 8, 18]],
  ["triplet",         [14, 16, 17]],
  ["relu",            [3, 5]],
  ["logistic-stable", [21]],
  ["huber",           [60]],
];

describe("the second witness", () => {
  for (const [name, seeds] of points)
    it(`does not contradict the right gradient of ${name} where it is hard to see`, async () => {
      const program = parse(entry(name)!.text);
      const gradients = derivedGradients(differentiate(program));
      for (const seed of seeds) {
        const point = aimedPoint(program, new Random(seed));
        const { verdict, reason, witness } = await check(program, {
          at: point.binding,
          gradients: gradients(point),
          ...(point.upstream && { upstream: point.upstream }),
        });
        assert.isTrue(passes(verdict), `seed ${seed}: ${verdict}, ${reason}`);
        assert.notStrictEqual(witness?.agrees, false, `seed ${seed}`);
      }
    });

  it("confirms what is wrong there", async () => {
    const program = parse(entry("hinge")!.text);
    const gradients = derivedGradients(differentiate(program, { wrt: ["W"] }));
    const point = aimedPoint(program, new Random(18));
    const { shape, data } = gradients(point).get("W")!;
    const wrong = new Map([["W", { shape, data: Array.from(data, (v, n) => (n === 0 ? v + 1e-6 : v)) }]]);
    const { verdict, witness } = await check(program, { at: point.binding, gradients: wrong });
    assert.equal(verdict, "bug");
    assert.isTrue(witness?.agrees);
  });
});
