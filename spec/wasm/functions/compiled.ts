/** A vector function as a module of WebAssembly that is called from JavaScript: arguments in memory, lane by lane. */
import { call, i32, opWith } from "../../../lib/wasm/code.ts";
import { engine, type Memory } from "../../../lib/wasm/engine.ts";
import { define, inline, type Shape, type VectorOp } from "../../../lib/wasm/functions/functions.ts";
import { ModuleBuilder } from "../../../lib/wasm/module.ts";

/** How many numbers each shape takes at once. */
export const lanes: Readonly<Record<Shape, number>> = { f64x2: 2, f32x4: 4, f64: 1, f32: 1 };

/** Results for rows of arguments: `columns[a][n]` is argument a of row n; the length is a multiple of the lanes. */
export type Compiled = (columns: readonly (readonly number[])[]) => readonly number[];

const bytes = { f64x2: 8, f32x4: 4, f64: 8, f32: 4 } as const;
const load = { f64x2: "v128.load", f32x4: "v128.load", f64: "f64.load", f32: "f32.load" } as const;
const store = { f64x2: "v128.store", f32x4: "v128.store", f64: "f64.store", f32: "f32.store" } as const;

/** `how`: through a function of the module, or written where it is used. */
export function compiled(name: VectorOp, shape: Shape, arity: number, how: "call" | "inline"): Compiled {
  const module = new ModuleBuilder();
  module.memory("memory", { pages: 1 });
  const run = module.function("run", [], "none");
  const args = Array.from({ length: arity }, (_, a) =>
    run.keep(opWith(load[shape], { offset: a * 16 }, i32(0))),
  );
  const value =
    how === "call" ? call(define(module, name, shape, arity), ...args) : inline(run, name, shape, args);
  run.emit(opWith(store[shape], { offset: arity * 16 }, i32(0), value));
  module.export("run", run);
  const { exports } = new engine.Instance(new engine.Module(module.bytes()));
  // Of an export it is only known that it is a function; this one is the memory.
  const { buffer } = exports["memory"] as unknown as Memory;
  const memory = bytes[shape] === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
  const row = 16 / bytes[shape];
  const count = lanes[shape];
  return (columns) => {
    const results: number[] = [];
    for (let n = 0; n < columns[0]!.length; n += count) {
      for (const [a, column] of columns.entries()) memory.set(column.slice(n, n + count), a * row);
      exports["run"]!();
      results.push(...memory.subarray(arity * row, arity * row + count));
    }
    return results;
  };
}
