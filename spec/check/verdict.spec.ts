import { assert } from "chai";
import { check, inspect, type Claim } from "../../lib/check/check.ts";
import type { Verdict } from "../../lib/check/judge.ts";
import type { Given } from "../../lib/bind.ts";
import { parse } from "../../lib/parse.ts";

type Nested = number | readonly Nested[];

const shapeOf = (a: Nested): number[] =>
  typeof a === "number" ? [] : [a.length, ...(a.length > 0 ? shapeOf(a[0]!) : [])];
const flat = (a: Nested): number[] => (typeof a === "number" ? [a] : a.flatMap(flat));
const claim = (a: Nested): Claim => ({ shape: shapeOf(a), data: flat(a) });

/** One claimed gradient, by the sole input that it names. */
interface Row {
  readonly text: string;
  readonly at: Given;
  readonly by: string;
  readonly claims: readonly (readonly [Nested, Verdict])[];
}

const third = 1 / 3;
const ulp = 2 ** -52;
const hinge = "loss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + Delta)))";
const stable = "loss = relu(x) - x * z + log1p(exp(-abs(x)))";

/** The slope by the maximum cancels to a rounding error only. */
const tied = [0.4, 0.4, 0.1, -0.7, 0.3];

function softmax(s: readonly number[]): number[] {
  const total = s.reduce((sum, v) => sum + Math.exp(v), 0);
  return s.map((v) => Math.exp(v) / total);
}

// prettier-ignore
const cases: readonly Row[] = [
  // max of several
  { text: "loss = max(j, s[j])", at: { s: [1, 1, 1] }, by: "s", claims: [
    [[third, third, third], "correct-at-kink"], [[1, 0, 0], "correct-at-kink"], [[0.5, 0.5, 0], "correct-at-kink"],
    [[0.5, 0.5, 0.5], "bug"], [[0, 0, 0], "bug"], [[1, 1, 1], "bug"], [[1, 1, 0], "bug"], [[-0.1, 0.6, 0.5], "bug"], [[NaN, 0, 1], "bug"]] },
  { text: "loss = max(j, s[j])", at: { s: [2, 1, 2] }, by: "s", claims: [
    [[1, 0, 0], "correct-at-kink"], [[0.5, 0, 0.5], "correct-at-kink"], [[third, third, third], "bug"], [[1, 0, 1], "bug"]] },
  { text: "loss = max(j, s[j])", at: { s: [1, 1 + ulp] }, by: "s", claims: [[[0, 1], "correct"], [[1, 0], "bug"]] },
  { text: "loss = min(j, s[j])", at: { s: [1, 1] }, by: "s", claims: [[[0.25, 0.75], "correct-at-kink"], [[1, 1], "bug"]] },
  { text: "loss = max(a, b, c)", at: { a: 0, b: 0, c: -1 }, by: "a", claims: [[1, "correct-at-kink"], [0, "correct-at-kink"], [1.01, "bug"]] },
  // one kink
  { text: "loss = relu(x)", at: { x: 0 }, by: "x", claims: [[0, "correct-at-kink"], [0.5, "correct-at-kink"], [1, "correct-at-kink"], [1.001, "bug"], [-1e-6, "bug"]] },
  { text: "loss = relu(x)", at: { x: 5e-324 }, by: "x", claims: [[1, "correct"], [0, "bug"]] },
  { text: "loss = relu(x)", at: { x: -1e-300 }, by: "x", claims: [[0, "correct"], [1, "bug"]] },
  { text: "loss = -relu(x)", at: { x: 0 }, by: "x", claims: [[0, "correct-at-kink"], [-1, "correct-at-kink"], [1, "bug"]] },
  { text: "loss = [x > 0] * x", at: { x: 0 }, by: "x", claims: [[0, "correct-at-kink"], [1, "correct-at-kink"], [-0.1, "bug"]] },
  { text: "loss = sum(i, x[i] > 0, x[i])", at: { x: [0, 1] }, by: "x", claims: [[[0, 1], "correct-at-kink"], [[1, 1], "correct-at-kink"], [[0, 0], "bug"]] },
  // kinks that cancel
  { text: "loss = relu(x) - relu(-x)", at: { x: 0 }, by: "x", claims: [[1, "correct"], [0, "artefact"], [2, "artefact"], [0.5, "artefact"], [-0.5, "bug"], [3, "bug"]] },
  { text: stable, at: { x: 0, z: 0.3 }, by: "x", claims: [[0.2, "correct"], [-0.3, "artefact"], [-0.8, "artefact"], [0.7, "artefact"], [1.3, "bug"]] },
  { text: "loss = max(x, relu(x)) - relu(x)", at: { x: 0 }, by: "x", claims: [[0, "correct"], [0.25, "artefact"], [1, "artefact"], [1.5, "bug"]] },
  { text: "loss = abs(x) - relu(x)", at: { x: 0 }, by: "x", claims: [[0, "correct-at-kink"], [-1, "correct-at-kink"], [0.5, "artefact"], [1.5, "bug"]] },
  { text: "m = max(j, s[j]); loss = m + log(sum(j, exp(s[j] - m)))", at: { s: [0, 0] }, by: "s", claims: [[[0.5, 0.5], "correct"], [[1, 0], "bug"]] },
  { text: "m = max(j, s[j]); loss = m + log(sum(j, exp(s[j] - m)))", at: { s: tied }, by: "s", claims: [[softmax(tied), "correct"], [softmax(tied).map((p, n) => p + [1e-3, -1e-3, 0, 0, 0][n]!), "bug"]] },
  // smooth in spite of their parts
  { text: "loss = abs(x) * x", at: { x: 0 }, by: "x", claims: [[0, "correct"], [1e-9, "bug"]] },
  { text: "loss = relu(x)^2", at: { x: 0 }, by: "x", claims: [[0, "correct"], [1, "bug"]] },
  { text: "loss = abs(x) <= 1 ? x^2 / 2 : abs(x) - 1/2", at: { x: 1 }, by: "x", claims: [[1, "correct"], [0, "bug"], [2, "bug"]] },
  { text: "loss = abs(x) < 1 ? x^2 / 2 : abs(x) - 1/2", at: { x: -1 }, by: "x", claims: [[-1, "correct"], [1, "bug"]] },
  { text: "loss = x > 1 ? 2 * x - 1 : x", at: { x: 1 }, by: "x", claims: [[1, "correct-at-kink"], [2, "correct-at-kink"], [0.9, "bug"], [2.1, "bug"]] },
  // outside the reach of local rules
  { text: "loss = sqrt(x^2)", at: { x: 0 }, by: "x", claims: [[0, "correct-at-kink"], [1, "correct-at-kink"], [-1, "correct-at-kink"], [1.5, "bug"], [NaN, "bug"]] },
  { text: "loss = sign(x) * x", at: { x: 0 }, by: "x", claims: [[0.5, "correct-at-kink"], [-1, "correct-at-kink"], [1.5, "bug"]] },
  // at the tie the first wins, and nowhere beside it
  { text: "loss = x * W[argmax(j, x * g[j])]", at: { x: 0, g: [0, 1, -1], W: [1, 2, 3] }, by: "x", claims: [[1, "artefact"], [2.5, "correct-at-kink"], [4, "bug"], [-1, "bug"]] },
  { text: "loss = x * sum(j, w[j] * [j * x > 0])", at: { x: 0, w: [1, 2, 3] }, by: "x", claims: [[0, "correct-at-kink"], [3, "correct-at-kink"], [6, "bug"], [-1, "bug"]] },
  { text: "r[i] = 1 + count(j, s[j] > s[i])\nloss = sum(i, w[i] * r[i] * s[i])", at: { s: [0, 0], w: [3, 5] }, by: "s", claims: [[[3, 5], "artefact"], [[6, 5], "correct-at-kink"], [[3, 10], "correct-at-kink"], [[3, 4], "bug"], [[-3, -5], "bug"]] },
  { text: "loss = sqrt(sum(i, w[i]^2))", at: { w: [0, 0] }, by: "w", claims: [[[0, 0], "correct-at-kink"], [[0.6, 0.8], "correct-at-kink"], [[0.8, 0.8], "bug"]] },
  { text: "loss = [x > 0]", at: { x: 0 }, by: "x", claims: [[0, "inconclusive"], [1, "inconclusive"]] },
  { text: "loss = x > 0 ? 1 + x : x", at: { x: 0 }, by: "x", claims: [[1, "inconclusive"]] },
  // what does not jump is judged beside what does
  { text: "loss = (x[0] > 0 ? 3 : 2) * x[1]^2", at: { x: [0, 1.5] }, by: "x", claims: [[[0, 6], "inconclusive"], [[0, 5], "bug"], [[9, 6], "inconclusive"]] },
  { text: "loss = (z > 0 ? 3 : 2) * (abs(x) + z)", at: { x: 0, z: 0 }, by: "x", claims: [[2, "correct-at-kink"], [-1, "correct-at-kink"], [2.5, "bug"]] },
  { text: "loss = (x[0] > 0 ? 3 : 2) * (abs(x[1]) + x[2]^2)", at: { x: [0, 0, 2] }, by: "x", claims: [[[0, 0, 8], "inconclusive"], [[0, 2.5, 8], "bug"], [[0, 1, 7], "bug"]] },
  { text: "loss = [x[0] * x[1] > 0] * x[2]", at: { x: [0, 0, 2] }, by: "x", claims: [[[0, 0, 0], "inconclusive"], [[0, 0, 1], "inconclusive"]] },
  // A value compared with itself is no kink: x[j] >= x[k] at j = k.
  { text: "loss = sum(k, sum(j, x[j] >= x[k], x[j]))", at: { x: [0.25, -0.5, 1] }, by: "x", claims: [[[2, 1, 3], "correct"], [[1, 0, 2], "bug"]] },
  { text: "loss = sum(j, x[j] > x[0], x[j])", at: { x: [0.25, -0.5, 1] }, by: "x", claims: [[[0, 0, 1], "correct"], [[1, 0, 1], "bug"]] },
  { text: "loss = sum(j, x[j] > x[0], x[j])", at: { x: [1, -0.5, 1] }, by: "x", claims: [[[0, 0, 1], "inconclusive"]] },
  { text: "loss = sqrt(x)", at: { x: 0 }, by: "x", claims: [[Infinity, "inconclusive"], [NaN, "inconclusive"], [0, "inconclusive"]] },
  { text: "loss = log(x)", at: { x: -1 }, by: "x", claims: [[-1, "inconclusive"], [NaN, "inconclusive"]] },
  // no absolute tolerance
  { text: "loss = 1e-6 * x", at: { x: 3 }, by: "x", claims: [[1e-6, "correct"], [-1e-6, "bug"], [0, "bug"], [1.0000001e-6, "bug"]] },
  { text: "loss = x * x * 1e-5", at: { x: 1e-5 }, by: "x", claims: [[2e-10, "correct"], [-2e-10, "bug"], [1e-10, "bug"]] },
  { text: "loss = x + 0 * w", at: { x: 1, w: 1 }, by: "w", claims: [[0, "correct"], [1e-300, "bug"]] },
  // a negative power of what is rounded
  { text: "loss = exp(x)^(1 - p)", at: { x: 0.7, p: 1.5 }, by: "x", claims: [[-0.5 * Math.exp(-0.35), "correct"], [-Math.exp(-0.35), "bug"], [-0.5001 * Math.exp(-0.35), "bug"], [0, "bug"]] },
  { text: "loss = (x + 0.1)^(-3)", at: { x: 0.2 }, by: "x", claims: [[-3 * (0.2 + 0.1) ** -4, "correct"], [3 * (0.2 + 0.1) ** -4, "bug"], [-6 * (0.2 + 0.1) ** -4, "bug"]] },
  // margins
  { text: hinge, at: { s: [[0, -1, 2]], y: [0], Delta: 1 }, by: "s", claims: [
    [[[-1, 0, 1]], "correct-at-kink"], [[[-2, 1, 1]], "correct-at-kink"], [[[-1.5, 0.5, 1]], "correct-at-kink"],
    [[[-1, 1, 1]], "bug"], [[[-1.5, 0, 1]], "bug"], [[[-1, 0, 2]], "bug"], [[[-2, 0.5, 1.5]], "bug"]] },
  { text: hinge, at: { s: [[0, 0, 0]], y: [0], Delta: 0 }, by: "s", claims: [
    [[[0, 0, 0]], "correct-at-kink"], [[[-2, 1, 1]], "correct-at-kink"], [[[-1, 0.5, 0.5]], "correct-at-kink"],
    [[[-1, 1, 1]], "bug"], [[[0, 1, 1]], "bug"], [[[-1, 0.5, 0.4]], "bug"]] },
  { text: hinge, at: { s: [[0.1, 0.3, 5]], y: [0], Delta: -0.2 }, by: "s", claims: [
    // 0.3 − 0.1 − 0.2 is −2.8e-17 in doubles: which side it is on is a matter of rounding
    [[[-1, 0, 1]], "correct-at-kink"], [[[-2, 1, 1]], "correct-at-kink"], [[[-1, 1, 1]], "bug"]] },
  // a layer
  { text: "out[i] = relu(x[i])", at: { x: [0, 1, -1], dout: [2, 3, 5] }, by: "x", claims: [[[0, 3, 0], "correct-at-kink"], [[2, 3, 0], "correct-at-kink"], [[0, 3, 5], "bug"], [[2.1, 3, 0], "bug"]] },
  // derivatives that do not flow
  { text: "loss = stop(x) * x", at: { x: 3 }, by: "x", claims: [[3, "correct"], [6, "bug"]] },
  // a slope that underflows on the way, and is magnified again
  { text: "loss = mean(i, t[i] > 0 ? t[i] * log(t[i]) : 0)", at: { t: [1e-308, 1, 1] }, by: "t", claims: [
    [[(1 + Math.log(1e-308)) / 3, third, third], "correct"], [[Math.log(1e-308) / 3, third, third], "bug"]] },
  // and one that overflows, so that nothing is left of it
  { text: "loss = mean(i, t[i] > 0 ? t[i] * log(t[i]) : 0)", at: { t: [5e-324, 1, 1] }, by: "t", claims: [
    [[(1 + Math.log(5e-324)) / 3, third, third], "inconclusive"], [[Math.log(5e-324) / 3, third, third], "inconclusive"]] },
];

const confirm = async (text: string, at: Given, gradient: number): Promise<string> => {
  const { witness, verdict } = await check(parse(text), { at, gradients: { x: claim(gradient) } });
  assert.isTrue(witness!.agrees);
  return `${verdict} by ${witness!.by}`;
};

describe("check", () => {
  for (const { text, at, by, claims } of cases)
    for (const [gradient, verdict] of claims)
      it(`finds ${JSON.stringify(gradient)} ${verdict} for ${text} at ${JSON.stringify(at)}`, () => {
        const report = inspect(parse(text), { at, gradients: { [by]: claim(gradient) } });
        assert.equal(report.verdict, verdict, report.reason);
        assert.equal(report.gradients.get(by)!.verdict, verdict);
        if (verdict === "inconclusive") assert.isString(report.reason);
      });

  it("passes the artefacts of rule-by-rule choices when asked to be conservative, and nothing else", () => {
    const at = { x: 0 };
    const verdict = (gradient: number): Verdict =>
      inspect(parse("loss = relu(x) - relu(-x)"), {
        at,
        gradients: { x: claim(gradient) },
        accept: "conservative",
      }).verdict;
    assert.deepEqual([0, 1, 2, 3].map(verdict), ["correct-at-kink", "correct", "correct-at-kink", "bug"]);
  });

  it("takes the gradients of several inputs together: choices must be the same in all of them", () => {
    const program = parse("loss = relu(a - b)");
    const verdict = (a: number, b: number): Verdict =>
      inspect(program, { at: { a: 1, b: 1 }, gradients: { a: claim(a), b: claim(b) } }).verdict;
    assert.equal(verdict(1, -1), "correct-at-kink");
    assert.equal(verdict(0.5, -0.5), "correct-at-kink");
    assert.equal(verdict(1, 0), "bug");
  });

  it("says that coordinates are right one by one and wrong together", () => {
    const report = inspect(parse("loss = max(j, s[j])"), {
      at: { s: [1, 1] },
      gradients: { s: claim([1, 1]) },
    });
    assert.match(report.reason!, /the coordinates together are not in the subdifferential/u);
  });

  it("confirms kinks and bugs by exact rationals where the program has them, by decimals elsewhere", async () => {
    assert.equal(await confirm("loss = relu(x) - relu(-x)", { x: 0 }, 0), "artefact by exact rationals");
    assert.equal(await confirm(stable, { x: 0, z: 0.3 }, 0.2), "correct by decimals of 90 digits");
    assert.equal(await confirm("loss = exp(x)", { x: 1 }, 2.7), "bug by decimals of 90 digits");
    assert.equal(await confirm("loss = stop(x) * x", { x: 3 }, 6), "bug by exact rationals");
  });

  it("does not ask the second witness where nothing is in doubt", async () => {
    const { witness, cost } = await check(parse("loss = x^2"), { at: { x: 3 }, gradients: { x: claim(6) } });
    assert.isUndefined(witness);
    assert.equal(cost.precise, 0);
  });

  const refused: readonly [string, Given, Record<string, Claim>, string][] = [
    ["loss = x", { x: 1 }, { z: claim(1) }, "z is not a real input of the program; there are x"],
    [
      "loss = sum(i, x[i])",
      { x: [1, 2] },
      { x: claim([1]) },
      "the gradient by x has the shape [1] and 1 values, not [2]",
    ],
    [
      "out[i] = x[i]",
      { x: [1, 2] },
      { x: claim([1, 1]) },
      "out is a layer: its gradients need dout, the gradient by out\n  fix: give dout beside the inputs, with the shape [2]",
    ],
    [
      "out[i] = x[i]",
      { x: [1, 2], dout: [1] },
      { x: claim([1, 1]) },
      "dout has the shape [1] and 1 values, not [2]",
    ],
  ];
  for (const [text, at, gradients, message] of refused)
    it(`refuses: ${message.split("\n")[0]}`, () => {
      assert.throws(() => inspect(parse(text), { at, gradients }), message);
    });
});
