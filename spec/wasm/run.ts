/** Runs a nest as WebAssembly, for specs: what `interpret` does step by step. */
import type { Binding } from "../../lib/binding.ts";
import { sizeOf } from "../../lib/expr/extent.ts";
import type { Nest } from "../../lib/loop/nest.ts";
import { engine, type HostFunction } from "../../lib/wasm/engine.ts";
import { wasmKernel, type KernelOptions, type WasmKernel } from "../../lib/wasm/kernel.ts";
import { bufferBytes } from "../../lib/wasm/layout.ts";
import type { Element } from "../../lib/wasm/storage.ts";

const arrayOf = (element: Element, memory: ArrayBuffer | SharedArrayBuffer, at: number, length: number) =>
  ({
    f64: () => new Float64Array(memory, at, length),
    f32: () => new Float32Array(memory, at, length),
    i32: () => new Int32Array(memory, at, length),
    u8: () => new Uint8Array(memory, at, length),
  })[element]();

/** The results of a nest in its order, scalars as arrays of one number. Scratch holds NaN at the beginning. */
export function runAsWasm(
  nest: Nest,
  binding: Binding,
  options: KernelOptions = {},
  kernel: WasmKernel = wasmKernel(nest, options),
): readonly (readonly number[])[] {
  const { arrays, sizes } = binding;
  const { layout, bytes } = kernel;
  const lengths = layout.buffers.map((b) => b.shape.reduce((n, e) => n * sizeOf(e, sizes), b.copies));
  let end = layout.arraysAt;
  const addresses = layout.buffers.map((b, n) => {
    const at = end;
    end += bufferBytes(b.element, lengths[n]!);
    return at;
  });
  const memory = new engine.Memory({ initial: Math.ceil(end / 65536) });
  new Float64Array(memory.buffer).fill(NaN, layout.arraysAt / 8);
  const scalars = new DataView(memory.buffer, layout.frameAt);
  for (const { of, offset } of layout.parameters) scalars.setFloat64(offset, arrays.get(of)!.data[0]!, true);
  for (const { extent, offset } of layout.sizes) scalars.setInt32(offset, sizeOf(extent, sizes), true);
  const views = layout.buffers.map((b, n) => {
    scalars.setInt32(b.offset, addresses[n]!, true);
    const view = arrayOf(b.element, memory.buffer, addresses[n]!, lengths[n]!);
    if (b.role === "input") view.set(arrays.get(b.of)!.data);
    return view;
  });
  const instance = new engine.Instance(new engine.Module(bytes), {
    host: { memory },
    Math: Math as unknown as Readonly<Record<string, HostFunction>>, // its constants are not asked for
  });
  instance.exports.run!(layout.frameAt);
  return nest.results.map((r) =>
    r.scalar
      ? [scalars.getFloat64(layout.results.find((s) => s.name === r.name)!.offset, true)]
      : [...views[layout.buffers.findIndex((b) => b.name === r.name)]!],
  );
}
