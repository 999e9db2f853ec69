import { assert } from "chai";
import { inspect, type CheckOptions } from "../../lib/check/check.ts";
import type { CoordinateReport } from "../../lib/check/report.ts";
import type { Given } from "../../lib/bind.ts";
import { entry } from "../../lib/catalogue.ts";
import { derivedGradients } from "../../lib/check/campaign.ts";
import { randomPoint } from "../../lib/check/points.ts";
import { Random } from "../../lib/check/random.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

const coordinate = (
  text: string,
  at: Given,
  claimed: number,
  options: Partial<CheckOptions> = {},
): CoordinateReport =>
  inspect(parse(text), {
    at,
    gradients: { x: { shape: [], data: [claimed] } },
    explain: true,
    ...options,
  }).gradients.get("x")!.coordinates[0]!;

describe("the evidence of a check", () => {
  for (const name of ["hinge", "softmax-logsumexp", "squared-hinge", "huber", "batch-norm", "max-pool"])
    it(`holds a numeric value within its own error for every coordinate of ${name}, in 2 n + 2 evaluations`, () => {
      const program = parse(entry(name)!.text);
      const gradients = derivedGradients(differentiate(program));
      for (let seed = 1; seed < 12; seed++) {
        const point = randomPoint(program, new Random(seed), { regime: "ordinary" });
        const claims = gradients(point);
        const report = inspect(program, {
          at: point.binding,
          gradients: claims,
          ...(point.upstream && { upstream: point.upstream }),
        });
        const all = [...report.gradients.values()].flatMap((g) => g.coordinates);
        assert.isAtMost(report.cost.evaluations, 2 * all.length + 2 + 2 * all.length * 0.05);
        if (report.directional !== undefined) assert.isTrue(report.directional.agrees);
        for (const { numeric, error, expected, slack, kink } of all) {
          if (kink !== undefined) continue;
          assert.isAtMost(Math.abs(numeric! - expected[0]), error! + slack);
          assert.isBelow(error!, 1e-6 * Math.max(1, Math.abs(expected[0])));
        }
      }
    });

  it("takes the largest step without a kink where the function is linear", () => {
    const { step, numeric, error } = coordinate("loss = relu(x - 1) + 3 * x", { x: 1.5 }, 4);
    assert.equal(step, 0.25);
    assert.equal(numeric, 4);
    assert.isBelow(error!, 1e-14);
  });

  it("names the guard that a fixed step straddles, its distance, and the slopes on both sides", () => {
    const { verdict, plain, kink } = coordinate("loss = max(0, 2 * x + a)", { x: 1, a: -2 - 1e-6 }, 0);
    assert.equal(verdict, "correct");
    assert.equal(plain!.label, "straddle");
    assert.equal(plain!.straddled![0]!.guard, "2 * x + a");
    assert.approximately(plain!.straddled![0]!.value, -1e-6, 1e-12);
    assert.approximately(kink!.distance, 5e-7, 1e-12);
    assert.deepEqual([kink!.left, kink!.right], [0, 2]);
  });

  it("writes the guard of a margin with its indices", () => {
    const text =
      "s[i,j] = sum(d, X[i,d] * W[d,j]); loss = sum(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + Delta)))";
    const at = { X: [[1], [1]], W: [[0.5, 0.25]], y: [0, 1], Delta: 0.25 };
    const report = inspect(parse(text), { at, gradients: { W: { shape: [1, 2], data: [1, -1] } } });
    assert.equal(report.verdict, "correct-at-kink");
    const [{ kink }] = report.gradients.get("W")!.coordinates as [CoordinateReport];
    assert.deepEqual(kink, {
      guard: "s[0,1] - s[0,y[0]] + Delta",
      value: 0,
      distance: 0,
      left: 0,
      right: 1,
      guards: 1,
    });
  });

  it("tells truncation from round-off", () => {
    assert.equal(coordinate("loss = exp(x)", { x: 1 }, Math.E, { step: 0.1 }).plain!.label, "truncation");
    assert.equal(coordinate("loss = 1e8 + x", { x: 1 }, 1, { step: 1e-9 }).plain!.label, "round-off");
    assert.isUndefined(coordinate("loss = exp(x)", { x: 1 }, Math.E).plain!.label);
  });

  it("follows a fixed step into a branch that was not traced", () => {
    const { plain } = coordinate("loss = x > 1 ? 5 * x - 4 : x", { x: 1 - 1e-6 }, 1);
    assert.equal(plain!.label, "straddle");
    assert.approximately(plain!.numeric, (1 + 5 * 9e-6 - (1 - 1.1e-5)) / 2e-5, 1e-6);
  });

  it("states the odds when coordinates are sampled", () => {
    const x = Array.from({ length: 50 }, (_, n) => n);
    const report = inspect(parse("loss = sum(i, x[i]^2)"), {
      at: { x },
      gradients: { x: { shape: [50], data: x.map((v) => 2 * v) } },
      coordinates: 10,
    });
    assert.deepEqual(report.detection, { coordinates: 10, of: 50 });
    assert.lengthOf(report.gradients.get("x")!.coordinates, 10);
  });
});
