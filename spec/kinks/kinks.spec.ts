import { assert } from "chai";
import { bind } from "../../lib/bind.ts";
import { entry } from "../../lib/catalogue.ts";
import { UserError } from "../../lib/errors.ts";
import { instructivePoint, kinks } from "../../lib/kinks/kinks.ts";
import { parse } from "../../lib/parse.ts";

const steps = [1e-3, 1e-5, 1e-7];

function at(text: string, given: Parameters<typeof bind>[1], wrt: string, step = 1e-5) {
  const program = parse(text);
  return kinks(
    { program, binding: bind(program, given), wrt: [wrt], upstream: undefined },
    { wrt, steps, step, seed: 1 },
  );
}

/** How high the jumps of x are, right beside 0. */
const jumps = (text: string): readonly number[] => at(text, { x: -1e-6 }, "x").kinks.map((k) => k.jump);

describe("kinks", () => {
  it("explains the simplest example: 0.45 where the slope is 0", () => {
    const { analytic, quotient, kinks: found, below } = at("loss = max(0, x)", { x: -1e-6 }, "x");
    assert.equal(analytic, 0);
    assert.closeTo(quotient.numeric, 0.45, 1e-9);
    assert.equal(quotient.straddled, 1);
    const [kink] = found;
    assert.deepInclude(kink!, { guard: "x", value: -1e-6, left: 0, right: 1 });
    assert.closeTo(kink!.at, 1e-6, 1e-20);
    assert.equal(below!.numeric, 0);
  });

  it("looks at the coordinate at which the step goes most wrong", () => {
    const { slice, kinks: found } = at(
      "loss = sum(i, w[i] * abs(x[i]))",
      { x: [1, 2e-6, 3e-6], w: [1, 1, 10] },
      "x",
    );
    assert.equal(slice.name, "x[2]");
    assert.deepEqual(
      found.map((k) => [k.guard, k.left, k.right]),
      [["x[2]", -10, 10]],
    );
  });

  it("finds a point for a layer of five axes, with as few coordinates as can be looked at", () => {
    const text = "out[n,f,p,q,t] = relu(sum(c, r, s, u, X[n,c,p+r,q+s,t+u] * K[f,c,r,s,u]))";
    const { binding } = instructivePoint(parse(text), "K", 1, 1e-5, 1);
    assert.isAtMost(binding.arrays.get("K")!.data.length, 150);
  });

  it("names the nearest kink when the step straddles none", () => {
    const { quotient, kinks: found } = at("loss = sum(i, relu(x[i]))", { x: [1, -0.25, 3] }, "x");
    assert.equal(quotient.straddled, 0);
    assert.deepEqual(
      found.map((k) => [k.guard, k.at]),
      [["x[1]", 0.25]],
    );
  });

  it("counts on both sides of the margin: below the spread it hardly matters, far above nothing straddles", () => {
    const program = parse(entry("hinge")!.text);
    const point = instructivePoint(program, "W", 1, 1e-5, 1);
    const { frequency, quotient } = kinks(point, {
      wrt: "W",
      steps: [1e-2, 1e-5],
      step: 1e-5,
      seed: 1,
      deltas: [0, 1e-3, 1000],
    });
    assert.isAbove(quotient.straddled, 0);
    assert.equal(frequency!.margin, "Delta");
    const [none, small, huge] = frequency!.rows.map((r) => r.cells[0]!);
    assert.closeTo(small!.expected! / none!.expected!, 1, 1e-3);
    assert.isBelow(huge!.expected!, 1e-12);
    assert.equal(huge!.measured, 0);
    assert.closeTo(none!.measured / none!.expected!, 1, 0.4);
  });

  it("finds an instructive point for every loss and layer with kinks", () => {
    for (const name of ["crammer-singer", "triplet", "huber", "absolute-error", "max-pool", "relu"]) {
      const { text, wrt } = entry(name)!;
      const program = parse(text);
      const { quotient, relativeError } = kinks(instructivePoint(program, wrt![0]!, 1, 1e-5, 1), {
        wrt: wrt![0]!,
        steps,
        step: 1e-5,
        seed: 1,
      });
      // Huber's is smooth: its kinks cancel.
      if (name !== "huber") assert.isAbove(Math.min(quotient.straddled, relativeError), 1e-3, name);
    }
  });

  it("knows the slope on the side that the point is not on, where another branch is taken", () => {
    const [kink] = at("loss = x > 0 ? x^3 : exp(2 * x) - 1", { x: -1e-6 }, "x").kinks;
    assert.closeTo(kink!.left, 2, 1e-4);
    assert.closeTo(kink!.right, 0, 1e-4);
    assert.equal(kink!.jump, 0);
  });

  it("tells a jump from a kink, and how high it is", () => {
    const [up] = jumps("loss = x > 0 ? 3 * x + 2 : x");
    assert.closeTo(up!, 2, 1e-9);
    const [down] = jumps("loss = x - 5 * [x > 0]");
    assert.closeTo(down!, -5, 1e-9);
    assert.deepEqual(jumps("loss = abs(x) + x^2"), [0]);
  });

  it("refuses a loss without kinks", () => {
    assert.throws(
      () => at("loss = exp(x)", { x: 1 }, "x"),
      UserError,
      "the program has no kink that x moves: nothing to straddle",
    );
  });
});
