import { assert } from "chai";
import fc from "fast-check";
import { bind, type Given } from "../../lib/bind.ts";
import { entry, names } from "../../lib/catalogue.ts";
import { aim, aimedPoint, randomPoint, regimes } from "../../lib/check/points.ts";
import { Random } from "../../lib/check/random.ts";
import { isOpen } from "../../lib/check/ties.ts";
import { trace } from "../../lib/check/trace.ts";
import type { Point } from "../../lib/check/point.ts";
import { parse } from "../../lib/parse.ts";
import { aimed } from "./aimed.ts";

const openGuards = ({ program, binding, wrt, upstream }: Point): number => {
  const { tape, origins } = trace(program, binding, wrt, upstream);
  return [...origins.keys()].filter((node) => isOpen(tape, node)).length;
};

const givenAt = ({ binding }: Point): Given => Object.fromEntries(binding.arrays);

const onKink = (point: Point): boolean => openGuards(point) > 0;

const hinge = parse(entry("hinge")!.text);

describe("points", () => {
  for (const name of names())
    it(`are found for ${name} in every regime`, () => {
      const program = parse(entry(name)!.text);
      for (const [seed, regime] of regimes.entries()) {
        const { binding } = randomPoint(program, new Random(seed), { regime });
        assert.sameMembers(
          [...binding.arrays.keys()],
          program.inputs.map((i) => i.name),
        );
      }
    });

  it("stay where a computed index reads inside its array", () => {
    const program = parse("r[i] = count(j, x[j] > x[i])\nloss = sum(i, w[r[i]] * x[i])");
    for (let seed = 0; seed < 60; seed++)
      assert.doesNotThrow(() => void bind(program, givenAt(aimedPoint(program, new Random(seed)))));
  });

  // prettier-ignore
  const demanding: readonly (readonly [title: string, text: string])[] = [
    ["labels and their successors",    "loss = sum(i, b[y[i] + 1] - b[y[i]])"],
    ["the predecessors of labels",     "loss = sum(i, b[y[i] - 1]^2)"],
    ["numbers between 0 and 1",        "loss = -sum(i, log(1 - p[i])^2 + log(-log(p[i])) + log(p[i]))"],
  ];
  for (const [title, text] of demanding)
    it(`are found for ${title}`, () => {
      for (let seed = 0; seed < 20; seed++)
        assert.isNotEmpty(randomPoint(parse(text), new Random(seed)).binding.arrays);
    });

  it("do not go far off for a guard that nothing makes 0", () => {
    const program = parse("loss = sum(i, max(0, 1 + 1 / (1 + x[i]^2)))");
    const point = randomPoint(program, new Random(3), { regime: "ordinary" });
    const { data } = aim(point, () => 0, 0).binding.arrays.get("x")!;
    assert.isBelow(Math.max(...data.map(Math.abs)), 1e30);
  });

  it("are the same for the same seed", () => {
    const [first, second] = [7, 7].map(
      (seed) => aimedPoint(hinge, new Random(seed)).binding.arrays.get("W")!.data,
    );
    assert.deepEqual(first, second);
  });

  it("meet no kink by chance, but nearly always when they aim at one", () => {
    let [random, aimedAt, all] = [0, 0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const r = new Random(seed);
      const point = randomPoint(hinge, r, { regime: "ordinary" });
      if (point.binding.arrays.get("Delta")!.data[0] === 0) continue; // W = 0 is not drawn, but Delta = 0 ties j = y
      all++;
      random += openGuards(point) > 0 ? 1 : 0;
      aimedAt += openGuards(aim(point, (count) => r.int(0, count - 1), 0)) > 0 ? 1 : 0;
    }
    assert.equal(random, 0);
    assert.isAbove(aimedAt / all, 0.75); // some coordinates have no rate at the guard
  });

  it("stay on the kink when they are shrunk", () => {
    const failure = fc.check(
      fc.property(aimed(hinge), (point) => !onKink(point)),
      { seed: 5, numRuns: 50 },
    );
    assert.isTrue(failure.failed);
    assert.isTrue(onKink(failure.counterexample![0]));
    assert.isAbove(failure.numShrinks, 0);
  });
});
