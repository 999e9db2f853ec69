import { expect } from "chai";
import type { Tensor } from "../../lib/binding.ts";
import { candidates, tolerance, type Candidate } from "./kernels/candidate.ts";
import { convolution, linear, network, scores, trainedSvm, type Case } from "./kernels/case.ts";
import { cases } from "./kernels/cases.ts";
import { Absent } from "./kernels/host.ts";
import { Hosts } from "./kernels/hosts.ts";
import { errorOf, measure, ratio, type Outcome } from "./kernels/measure.ts";
import { naive } from "./kernels/naive.ts";
import { ours, type Wanted } from "./kernels/ours.ts";
import { inverse, permute } from "./kernels/permute.ts";
import { problems, type Arrays } from "./kernels/problem.ts";
import { caseTable, judgeBars, type CaseReport } from "./kernels/report.ts";
import { HostedRunner, type Runner } from "./kernels/runner.ts";

/** Every problem, at sizes at which nothing divides anything. */
const tiny: readonly Case[] = [
  linear("svm", [7, 13, 5]),
  linear("softmax", [7, 13, 5]),
  trainedSvm([60, 30, 3]),
  scores("svm-scores", [9, 4]),
  scores("softmax-scores", [9, 4]),
  network([5, 11, 6, 3]),
  convolution([2, 3, 5, 2]),
];

// prettier-ignore
const kernels: readonly (readonly [string, Wanted])[] = [
  ["js loops",     { target: "js", style: "loops", stable: false }],
  ["js fused",     { target: "js", style: "fused" }],
  ["js fused f32", { target: "js", style: "fused", precision: "float32" }],
  ["wasm",         { target: "wasm" }],
  ["wasm f32",     { target: "wasm", precision: "float32" }],
];

const candidate = (name: string): Candidate => candidates.find((c) => c.name === name)!;

/** A candidate that gives these results and takes so long. */
const acting = (results: () => Arrays, seconds = 1e-3): Runner => ({
  prepare: async () => {},
  results: async () => results(),
  time: async (calls) => calls * seconds,
  drop: async () => {},
});

const effort = { turn: 0.01, budget: 0.02, leastTurns: 2 };
const value = (x: number): Arrays => new Map([["value", { shape: [], data: Float64Array.of(x) }]]);

/** A row of a report, at a quarter of what the machine could do. */
const measured = (name: string, seconds: number) => ({
  candidate: candidate(name),
  outcome: { kind: "measured", error: 0, seconds, turns: [seconds] } as const,
  bound: { seconds: seconds / 4, by: "memory" } as const,
});

describe("the bench of kernels", () => {
  for (const { name, problem, make } of tiny)
    for (const [kernel, wanted] of kernels)
      it(`${kernel} agrees with the naive loops on ${name}`, async () => {
        const { inputs } = make();
        const ready = await ours(wanted)(problem, inputs);
        const error = errorOf(await ready.results(), naive[problem](inputs)());
        expect(error).to.be.at.most(tolerance[wanted.precision === "float32" ? "f32" : "f64"]);
      });

  it("has every problem among its cases, and in quick runs more than one", () => {
    expect(new Set(cases.map((c) => c.problem))).to.deep.equal(new Set(Object.keys(problems)));
    expect(cases.filter((c) => c.quick).length).to.be.greaterThan(1);
  });

  it("makes margins that no precision can tell apart from 0 in no case", () => {
    const { inputs } = linear("svm", [40, 30, 6]).make();
    const [X, W, y] = ["X", "W", "y"].map((name) => inputs.get(name)!.data);
    const Delta = inputs.get("Delta")!.data[0]!;
    const score = (i: number, j: number): number => {
      let [wide, single] = [0, 0];
      for (let d = 0; d < 30; d++) {
        wide += X![i * 30 + d]! * W![d * 6 + j]!;
        single = Math.fround(single + Math.fround(X![i * 30 + d]! * W![d * 6 + j]!));
      }
      expect(single).to.equal(wide);
      return wide;
    };
    for (let i = 0; i < 40; i++)
      for (let j = 0; j < 6; j++) expect(score(i, j) - score(i, y![i]!) + Delta).not.to.equal(0);
  });

  it("counts the rows that a trained classifier still gets wrong: not all of them", () => {
    const { inputs, active } = trainedSvm([60, 30, 3]).make();
    expect(active).to.be.greaterThan(0).and.lessThan(40);
    expect(problems.svm.work(inputs, active).flops).to.be.lessThan(problems.svm.work(inputs).flops);
  });

  it("calls a candidate wrong whose results are, and says why others are missing", async () => {
    const competitors = [
      { candidate: candidate("numpy"), runner: acting(() => value(1)) },
      { candidate: candidate("js fused"), runner: acting(() => value(1 + 1e-9), 2e-3) },
      { candidate: candidate("numpy f32"), runner: acting(() => value(1 + 1e-9), 3e-3) },
      { candidate: candidate("wasm"), runner: acting(() => value(Number.NaN)) },
      { candidate: candidate("pytorch"), runner: acting(() => { throw new Absent("install it"); }) },
      { candidate: candidate("jax"), runner: acting(() => { throw new Error("out of memory"); }) },
      { candidate: candidate("c avx2"), runner: acting(() => new Map()) },
    ]; // prettier-ignore
    const measured = await measure("svm-scores", value(0), value(1), competitors, effort);
    expect(measured.map(({ outcome }) => outcome.kind)).to.deep.equal([
      "measured",
      "wrong",
      "measured",
      "wrong",
      "absent",
      "failed",
      "wrong",
    ]);
    const [numpy, fused, single] = measured.map(({ outcome }) => outcome) as [Outcome, Outcome, Outcome];
    expect(ratio(single, numpy)).to.be.closeTo(3, 1e-9);
    expect(ratio(fused, numpy)).to.equal(undefined);
  });

  it("lets candidates take turns", async () => {
    const order: string[] = [];
    const named = (name: string): Runner => ({
      ...acting(() => value(1)),
      time: async (calls) => (order.push(name), calls * 0.01),
    });
    const competitors = ["numpy", "js fused"].map((name) => ({
      candidate: candidate(name),
      runner: named(name),
    }));
    await measure("svm-scores", value(0), value(1), competitors, effort);
    // Both have been warmed by then.
    expect(order.slice(2)).to.deep.equal(["numpy", "js fused", "numpy", "js fused"]);
  });

  it("judges bars by the cases that they name, and tables show the share of the limit", () => {
    const report: CaseReport = {
      name: "svm 500x3073x10",
      work: { flops: 4e6, reals: 1e6 },
      rows: [measured("numpy", 4e-3), measured("js fused", 8e-3), measured("wasm", 6e-3)],
    };
    const judged = judgeBars([report]).map(({ bar, reached, met }) => [
      bar.candidate,
      bar.than,
      reached,
      met,
    ]);
    expect(judged).to.deep.equal([
      ["js fused", "numpy", 2, true],
      ["wasm", "numpy", 1.5, false],
    ]);
    expect(caseTable(report)).to.equal(
      `svm 500x3073x10: 4.00 M operations on 1.00 M numbers
             time  / numpy  GFLOP/s  of its limit   error
numpy     4.00 ms     1.00      1.0   25 % memory  0.0e+0
js fused  8.00 ms     2.00      0.5   25 % memory  0.0e+0
wasm      6.00 ms     1.50      0.7   25 % memory  0.0e+0
`,
    );
  });

  it("puts axes in another order and back", () => {
    const array: Tensor = { shape: [2, 3, 4], data: Float64Array.from({ length: 24 }, (_, n) => n) };
    const moved = permute(array, [2, 0, 1]);
    expect(moved.shape).to.deep.equal([4, 2, 3]);
    expect(moved.data[1 * 6 + 1 * 3 + 2]).to.equal(array.data[1 * 12 + 2 * 4 + 1]);
    expect(permute(moved, inverse([2, 0, 1]))).to.deep.equal(array);
  });

  it("speaks with a process of its own", async () => {
    const hosts = new Hosts();
    try {
      const { problem, make } = tiny[0]!;
      const { inputs } = make();
      const runner = new HostedRunner(candidate("naive js"), hosts);
      const competitors = [{ candidate: candidate("naive js"), runner }];
      const [measured] = await measure(problem, inputs, naive[problem](inputs)(), competitors, effort);
      expect(measured!.outcome).to.deep.include({ kind: "measured", error: 0 });
    } finally {
      hosts.stop();
    }
  });
});
