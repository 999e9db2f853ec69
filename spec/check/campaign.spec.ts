import { assert } from "chai";
import fc from "fast-check";
import { entry, names } from "../../lib/catalogue.ts";
import {
  campaign,
  derivedGradients,
  inspectAt,
  ownCampaign,
  tally,
  together,
  type Gradients,
  type Tally,
} from "../../lib/check/campaign.ts";
import { inspect, type Claim } from "../../lib/check/check.ts";
import { passes } from "../../lib/check/judge.ts";
import type { Point } from "../../lib/check/point.ts";
import { Random } from "../../lib/check/random.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { aimed } from "./aimed.ts";

const hinge = parse(entry("hinge")!.text);

/** dW of the hinge loss as a student writes it; `count` is what the row of the right class gets for its margins. */
const byHand =
  (indicator: (margin: number) => number, count: (active: number) => number): Gradients =>
  ({ binding }: Point): ReadonlyMap<string, Claim> => {
    const array = (name: string): ArrayLike<number> => binding.arrays.get(name)!.data;
    const [X, W, y] = [array("X"), array("W"), array("y")];
    const [Delta, reg] = [array("Delta")[0]!, array("reg")[0]!];
    const [D, C] = binding.arrays.get("W")!.shape as [number, number];
    const dW = Array.from(W, (w) => 2 * reg * w);
    for (let i = 0; i < y.length; i++) {
      const score = Array.from({ length: C }, (_, j) => {
        let sum = 0;
        for (let d = 0; d < D; d++) sum += X[i * D + d]! * W[d * C + j]!;
        return sum;
      });
      const row = score.map((s, j) => (j === y[i] ? 0 : indicator(s - score[y[i]!]! + Delta)));
      row[y[i]!] = -count(row.reduce((a, b) => a + b, 0));
      for (let d = 0; d < D; d++)
        for (let j = 0; j < C; j++) dW[d * C + j]! += (X[i * D + d]! * row[j]!) / y.length;
    }
    return new Map([["W", { shape: [D, C], data: dW }]]);
  };

/** A gradient that is finite nowhere. */
const allNaN: Gradients = ({ binding }) =>
  new Map([...binding.arrays].map(([name, { shape, data }]) => [name, { shape, data: data.map(() => NaN) }]));

/** Points where that is wrong, and where there is no gradient. */
function countsOfNaN(text: string): readonly number[] {
  const { notFinite, noGradient } = campaign(parse(text), allNaN, 20, 1, { regime: "zeros" });
  return [notFinite, noGradient];
}

const same = (n: number): number => n;
const step = (m: number): number => (m > 0 ? 1 : 0);

describe("campaigns", () => {
  for (const name of names())
    it(`find nothing wrong with the derived gradients of ${name} at aimed points`, () => {
      const { failures } = ownCampaign(parse(entry(name)!.text), 60, 1);
      for (const { seed, report } of failures)
        for (const [array, { coordinates }] of report.gradients)
          for (const { at, analytic, expected, verdict } of coordinates)
            // At the edge of a domain, as a distance of 0, a closed form may be 0/0: the table counts those apart.
            if (!passes(verdict) && verdict !== "inconclusive" && Number.isFinite(analytic))
              // A closed form may cancel where the program does not; that is for `stable/` to mend.
              assert.approximately(
                analytic,
                expected[0],
                1e-9 * Math.abs(expected[0]),
                `seed ${seed}: ${array}[${at.join()}]`,
              );
    }).timeout(60_000);

  for (const [name, indicator] of [
    ["margin > 0", (m: number) => (m > 0 ? 1 : 0)],
    ["margin >= 0", (m: number) => (m >= 0 ? 1 : 0)],
    ["a half on the kink", (m: number) => (m > 0 ? 1 : m === 0 ? 0.5 : 0)],
  ] as const)
    it(`pass the hand-written hinge gradient with ${name}`, () => {
      const { verdicts, points } = campaign(hinge, byHand(indicator, same), 300, 1000);
      assert.equal(verdicts.correct + verdicts["correct-at-kink"], points);
    }).timeout(60_000);

  const mutants: readonly [string, Gradients][] = [
    ["a mask that stays boolean", byHand(step, (active) => (active > 0 ? 1 : 0))],
    ["a count that includes the right class", byHand(step, (active) => active + 1)],
    ["no count at all", byHand(step, () => 0)],
    ["the wrong sign at the margin", byHand((m) => (m < 0 ? 1 : 0), same)],
  ];
  for (const [name, gradients] of mutants)
    for (const regime of ["ordinary", "small", "start"] as const)
      it(`catch ${name} in the regime ${regime}`, () => {
        const right = byHand(step, same);
        const differs = (point: Point): boolean => {
          const [a, b] = [gradients(point).get("W")!.data, right(point).get("W")!.data];
          return Array.from(a).some((v, n) => v !== b[n]);
        };
        let [different, caught] = [0, 0];
        for (let seed = 0; seed < 60; seed++) {
          const { failures } = campaign(hinge, gradients, 1, seed, { regime });
          const wrong = failures[0];
          caught += wrong?.report.verdict === "bug" ? 1 : 0;
          // On a kink a mutant may be right by chance; away from kinks it is caught whenever it differs.
          const [point, report] = [wrong?.point, wrong?.report];
          if (point !== undefined) different += differs(point) && report !== undefined ? 1 : 0;
        }
        assert.isAbove(caught, 15);
        assert.equal(caught, different);
      }).timeout(60_000);

  it("count the same however they are divided", () => {
    const gradients = derivedGradients(differentiate(hinge));
    const counted = (points: number, seed: number): Tally => ({
      ...tally(campaign(hinge, gradients, points, seed)),
      milliseconds: 0,
    });
    assert.deepEqual(together([counted(30, 1), counted(10, 31), counted(20, 41)]), counted(60, 1));
  });

  it("tell a gradient that is not finite from a place that has none", () => {
    assert.deepEqual(countsOfNaN("loss = sum(i, sqrt(x[i]^2))"), [20, 0]);
    // Wherever it is asked for, the root is taken of 0.
    assert.deepEqual(
      countsOfNaN("loss = sum(i, sqrt(x[i]^2)) + sum(i, sqrt(abs(y[i] - stop(y[i]))))"),
      [20, 20],
    );
  });

  it("passes the gradient at every aimed point, whatever it shrinks to", () => {
    const gradients = derivedGradients(differentiate(hinge));
    fc.assert(
      fc.property(aimed(hinge), (point) => assert.isTrue(passes(inspectAt(point, gradients(point)).verdict))),
      { seed: 6, numRuns: 100 },
    );
  }).timeout(60_000);
});

describe("many margins on their kink at once", () => {
  const [N, C] = [300, 10];
  const random = new Random(3);
  const y = Array.from({ length: N }, () => random.int(0, C - 1));
  const program = parse("loss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + Delta)))");
  const gradient = (share: () => number, count: (active: number) => number = same): Claim => {
    const data = Array.from({ length: N * C }, () => 0);
    for (let i = 0; i < N; i++) {
      let active = 0;
      for (let j = 0; j < C; j++) {
        if (j === y[i]) continue;
        const part = share();
        data[i * C + j] = part / N;
        active += part;
      }
      data[i * C + y[i]!] = -count(active) / N;
    }
    return { shape: [N, C], data };
  };
  const verdict = (s: Claim): string =>
    inspect(program, {
      at: { s: { shape: [N, C], data: Array.from({ length: N * C }, () => 1) }, y, Delta: 0 },
      gradients: { s },
      numeric: false,
    }).verdict;

  it("are passed for every choice of each, and for mixtures", () => {
    assert.equal(verdict(gradient(() => 0)), "correct-at-kink");
    assert.equal(verdict(gradient(() => 1)), "correct-at-kink");
    assert.equal(verdict(gradient(() => random.uniform())), "correct-at-kink");
  }).timeout(60_000);

  it("are refused when one coordinate or every count is wrong", () => {
    assert.equal(
      verdict(
        gradient(
          () => 1,
          (active) => (active > 0 ? 1 : 0),
        ),
      ),
      "bug",
    );
    const one = gradient(() => 1);
    assert.equal(verdict({ ...one, data: Array.from(one.data).with(7, one.data[7]! + 1e-6) }), "bug");
    assert.equal(verdict(gradient(() => 1.0001)), "bug");
  }).timeout(60_000);
});
