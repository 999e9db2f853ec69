import { assert } from "chai";
import { catalogue, entry } from "../../../lib/catalogue.ts";
import { derivedGradients, inspectAt, type Gradients } from "../../../lib/check/campaign.ts";
import { diagnose, wrongOf } from "../../../lib/check/diagnose.ts";
import { passes } from "../../../lib/check/judge.ts";
import { mutantsOf, names, type Mutant } from "../../../lib/check/mutants/mutants.ts";
import { aimedPoint, randomPoint } from "../../../lib/check/points.ts";
import { Random } from "../../../lib/check/random.ts";
import type { Point } from "../../../lib/check/point.ts";
import { differentiate } from "../../../lib/diff/differentiate.ts";
import { parse } from "../../../lib/parse.ts";

const program = (name: string) => parse(entry(name)!.text);

/** Points of a program, each with the inputs that are differentiated. */
const pointsOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    ...randomPoint(program(name), new Random(n + 1), { most: 3 }),
    wrt: [...(entry(name)!.wrt ?? [])],
  }));

describe("check/mutants", () => {
  it("makes at least twenty mistakes in the mathematics of hinge and softmax", () => {
    for (const name of ["hinge", "softmax"]) {
      const found = new Set(
        mutantsOf(program(name), ["W"])
          .filter((m) => m.kind === "logic")
          .map((m) => m.name),
      );
      assert.isAtLeast(found.size, 20, [...found].join(", "));
    }
  });

  it("knows each mistake by one name", () => {
    assert.equal(new Set(names).size, names.length);
  });

  it("can make every mistake somewhere in the catalogue", () => {
    const made = new Set(
      catalogue().flatMap(({ text, wrt }) => mutantsOf(parse(text), wrt ?? []).map((m) => m.name)),
    );
    // No entry has a constant in a margin: Delta is an input.
    const constant = mutantsOf(parse("loss = sum(i, max(0, 1 - x[i]))"), ["x"]).concat(
      mutantsOf(parse("loss = sum(i, max(0, x[i] + 1))"), ["x"]),
    );
    for (const { name } of constant) made.add(name);
    assert.deepEqual(
      names.filter((name) => !made.has(name)),
      [],
    );
  });

  for (const { name, wrt } of catalogue())
    it(`detects all mistakes that change the gradient of ${name}`, () => {
      const points = pointsOf(name, 2);
      const right = derivedGradients(differentiate(program(name), { wrt }));
      const survivors: string[] = [];
      for (const mutant of mutantsOf(program(name), wrt ?? []))
        for (const [n, point] of points.entries()) {
          const gradients = mutant.gradients(point);
          if (gradients.size === 0) continue;
          const { verdict } = inspectAt(point, gradients);
          if (mutant.kind === "equivalent")
            assert.isTrue(passes(verdict), `${mutant.name} at ${n}: ${verdict}`);
          else if (passes(verdict) !== isSame(mutant, right, point))
            survivors.push(`${mutant.name} (${mutant.when}) at point ${n}: ${verdict}`);
        }
      assert.deepEqual(survivors, []);
    });

  it("detects mistakes that show at ties and just above kinks, at points that aim there", () => {
    const rare = mutantsOf(program("hinge"), ["W"]).filter(
      (m) => m.name === "wrong at ties" || m.name === "wrong just above a kink",
    );
    assert.isAtLeast(rare.length, 2);
    for (const mutant of rare) {
      const caught = Array.from({ length: 60 }, (_, n) => ({
        ...aimedPoint(program("hinge"), new Random(n + 1)),
        wrt: ["W"],
      })).some((point) => inspectAt(point, mutant.gradients(point)).verdict === "bug");
      assert.isTrue(caught, mutant.when);
    }
  });

  describe("diagnosis", () => {
    for (const name of ["hinge", "softmax", "squared-hinge", "huber", "triplet"])
      it(`finds a mistake that gives the same numbers, whichever mistake is made in ${name}`, () => {
        const points = pointsOf(name, 3);
        const mutants = mutantsOf(program(name), entry(name)!.wrt!).filter((m) => m.kind === "logic");
        // Some, to save time: which one is found may differ, as several give the same numbers.
        for (const mutant of mutants.filter((_, n) => n % 8 === 0)) {
          const cases = points
            .map((point) => ({ point, gradients: mutant.gradients(point) }))
            .filter(({ gradients }) => gradients.size > 0);
          if (cases.length > 0)
            assert.match(diagnose(cases)!, /^your d\w+.* is what you get when /u, mutant.when);
        }
      });

    // prettier-ignore
    const students: readonly (readonly [entry: string, mistake: string, when: string])[] = [
      ["hinge",      "count of one",              "the count is 1, however many there are"],
      ["hinge",      "value for each mask",       "max(0, score[i,j] - score[i,y[i]] + Delta) itself stands for whether it is above 0"],
      ["hinge",      "average by another number", "it is divided by the number of j instead of i"],
      ["hinge",      "value for a mask",          "stands for its mask"],
      ["softmax",    "one-hot of ones",           "1 stands for the one-hot of the labels, in all classes"],
      ["softmax",    "one-hot's column alone",    "only the entry of the right class is there"],
      ["softmax",    "labels from 1",             "labels are off by one: j == y[i] - 1 stands for j == y[i]"],
      ["softmax",    "labels one too large",      "labels are off by one: j == y[i] + 1 stands for j == y[i]"],
      ["softmax",    "normalized over everything", "together, not over"],
      ["batch-norm", "averaged, not summed",      "it is averaged over i, not summed"],
      ["batch-norm", "taken as constant",         "mu and variance are taken as constant"],
      ["batch-norm", "factor left out",           "the factor gamma[j] is left out"],
    ];
    for (const [name, mistake, when] of students)
      it(`names what students do wrong: ${mistake} in ${name}`, () => {
        const wrt = entry(name)!.wrt!;
        const right = derivedGradients(differentiate(program(name), { wrt }));
        const points = pointsOf(name, 6);
        const told = mutantsOf(program(name), wrt)
          .filter((m) => m.name === mistake)
          .map((mutant) => {
            const cases = points
              .map((point) => ({ point, gradients: mutant.gradients(point) }))
              .filter(({ point, gradients }) => gradients.size > 0 && !isSame(mutant, right, point));
            const [first, ...others] = cases;
            if (first === undefined) return undefined;
            const report = inspectAt(first.point, first.gradients);
            return diagnose([{ ...first, gradients: wrongOf(first.gradients, report) }, ...others]);
          });
        assert.isTrue(
          told.some((text) => text?.includes(when)),
          told.join("\n"),
        );
      });

    it("says nothing of a gradient that is wrong in a way of its own", () => {
      const [point] = pointsOf("hinge", 1);
      const { shape, data } = point!.binding.arrays.get("W")!;
      const gradients = new Map([["W", { shape, data: Array.from(data, (_, n) => Math.sin(n + 1)) }]]);
      assert.isUndefined(diagnose([{ point: point!, gradients }]));
    });
  });
});

/** Whether a mistake changes nothing at this point beyond rounding. */
function isSame(mutant: Mutant, right: Gradients, point: Point): boolean {
  const [wrong, base] = [mutant.gradients(point), right(point)];
  return [...wrong].every(([name, { data }]) => {
    const own = Array.from(base.get(name)!.data);
    const most = Math.max(...own.map(Math.abs));
    return own.every((g, n) => Math.abs(data[n]! - g) <= 1e-12 * most);
  });
}
