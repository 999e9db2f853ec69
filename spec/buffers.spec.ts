import { assert } from "chai";
import { compile } from "../lib/compile.ts";
import { differentiate } from "../lib/diff/differentiate.ts";
import { UserError } from "../lib/errors.ts";
import { parse } from "../lib/parse.ts";

const derivation = differentiate(parse("loss = sum(i, x[i]^2 * w[i])"), { wrt: ["x", "w"] });
const row = (data: Float64Array) => ({ shape: [data.length], data });
const shared = (name: string, other: string): string =>
  `the buffer for ${name} has memory in common with ${other}, which would be written over\n  fix: give the result a buffer of its own`;

describe("buffers of a kernel", () => {
  for (const target of ["js", "wasm"] as const) {
    const kernel = compile(derivation, { target });

    it(`are refused where they overlap an input or each other, with ${target}`, () => {
      const memory = new Float64Array(8).fill(2);
      const [x, w] = [memory.subarray(0, 3), Float64Array.of(1, 2, 3)];
      const inputs = { x: row(x), w: row(w) };
      assert.throws(() => kernel(inputs, { x }), UserError, shared("x", "the input x"));
      assert.throws(
        () => kernel(inputs, { w: memory.subarray(2, 5) }),
        UserError,
        shared("w", "the input x"),
      );
      const out = new Float64Array(3);
      assert.throws(() => kernel(inputs, { x: out, w: out }), UserError, shared("w", "that for x"));
      assert.throws(() => kernel.run(inputs, { x }), UserError, shared("x", "the input x"));
      assert.throws(() => kernel.run(inputs, { x: out, w: out }), UserError, shared("w", "that for x"));
      const beside = memory.subarray(2, 5);
      assert.throws(() => kernel.run(inputs, { w: beside }), UserError, shared("w", "the input x"));
      const [low, high] = [memory.subarray(3, 6), memory.subarray(4, 7)];
      assert.throws(() => kernel.run(inputs, { x: low, w: high }), UserError, shared("w", "that for x"));
    });

    it(`are refused where they are no arrays of the kind that the results are, with ${target}`, () => {
      const inputs = { x: row(Float64Array.of(1, 2)), w: row(Float64Array.of(3, 4)) };
      // prettier-ignore
      const wrong: readonly (readonly [unknown, string])[] = [
        [null,                         "the buffers are null, not arrays by the names of their results\n  fix: kernel(inputs, { loss: new Float64Array(…) })"],
        [{ x: null },                  "the buffer for x is null, not a Float64Array\n  fix: x: new Float64Array(…)"],
        [{ x: [0, 0] },                "the buffer for x is a list, not a Float64Array\n  fix: x: new Float64Array(…)"],
        [{ x: new Float32Array(2) },   "the buffer for x is a Float32Array, not a Float64Array\n  fix: x: new Float64Array(…)"],
        [{ dx: new Float64Array(2) },  "there is no result dx to write into a buffer\n  fix: choose among x, w, loss"],
        [{ x: new Float64Array(3) },   "the buffer for x has 3 values, not 2"],
      ];
      for (const [out, message] of wrong)
        for (const call of [kernel, kernel.run] as readonly ((...args: readonly unknown[]) => unknown)[])
          // as JavaScript may call it
          assert.throws(() => call(inputs, out), UserError, message);
    });

    it(`are Float32Arrays in single precision, with ${target}`, () => {
      const single = compile(derivation, { target, precision: "float32" });
      const inputs = { x: row(Float64Array.of(1, 2)), w: row(Float64Array.of(3, 4)) };
      const x = new Float64Array(2) as unknown as Float32Array; // as JavaScript may call it
      const message = "the buffer for x is a Float64Array, not a Float32Array";
      assert.throws(() => single(inputs, { x }), UserError, message);
      assert.deepEqual(
        [...(single(inputs, { x: new Float32Array(2) }).gradients["x"] as { data: Float32Array }).data],
        [6, 16],
      );
    });

    it(`and inputs that go to the code as they are, are refused in words, with ${target}`, () => {
      const x = row(Float64Array.of(1, 2));
      // prettier-ignore
      const wrong: readonly (readonly [unknown, string])[] = [
        [null,                                  "the inputs are null, not values by their names"],
        [{ x },                                 "w must be { shape, data } with data in a Float64Array"],
        [{ x, w: [3, 4] },                      "w must be { shape, data } with data in a Float64Array"],
        [{ x, w: row(Float64Array.of(1)) },     "w has shape [1], but the other inputs want [2]"],
        [{ x, w: { shape: [2, 1], data: x.data } }, "w has 2 axes, not 1"],
      ];
      for (const [inputs, message] of wrong)
        assert.throws(() => (kernel.run as (inputs: unknown) => unknown)(inputs), UserError, message); // as JavaScript may call it
    });

    it(`are allocated for the shapes of inputs only, with ${target}`, () => {
      const allocate = kernel.allocate as (shapes: unknown) => unknown; // as JavaScript may call it
      assert.throws(
        () => allocate(undefined),
        UserError,
        "the shapes are undefined, not lists of sizes by the names of the inputs\n  fix: kernel.allocate({ x: …, w: … })",
      );
      assert.throws(
        () => allocate({ x: [2], w: [2], v: [2] }),
        UserError,
        "there is no input v to give a shape\n  fix: choose among x, w",
      );
      assert.throws(
        () => allocate({ x: [2], w: null }),
        UserError,
        "the shape of w is no list of whole numbers, 0 or more",
      );
    });

    it(`may lie beside the inputs in one memory, with ${target}`, () => {
      const memory = new Float64Array(8).fill(2);
      const [x, dx] = [memory.subarray(0, 3), memory.subarray(3, 6)];
      const { value } = kernel({ x: row(x), w: [1, 2, 3] }, { x: dx });
      assert.equal(value, 24);
      assert.deepEqual([...memory], [2, 2, 2, 4, 8, 12, 2, 2]);
    });

    it(`of allocate are taken, with ${target}`, () => {
      const { inputs, out } = kernel.allocate({ x: [2], w: [2] });
      inputs["x"]!.data.set([1, 2]);
      inputs["w"]!.data.set([3, 4]);
      assert.equal(kernel.run(inputs, out).value, 19);
      assert.deepEqual([...out["x"]!], [6, 16]);
      assert.equal(kernel(inputs, out).value, 19);
    });

    it(`need inputs by name, with ${target}`, () => {
      for (const inputs of [undefined, null, 3])
        assert.throws(
          () => kernel(inputs as unknown as Parameters<typeof kernel>[0]), // as JavaScript may call it
          UserError,
          `the inputs are ${String(inputs)}, not values by their names`,
        );
    });
  }
});
