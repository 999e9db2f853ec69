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
