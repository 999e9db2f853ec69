import { assert } from "chai";
import { call, f64, op } from "../../lib/wasm/code.ts";
import { engine } from "../../lib/wasm/engine.ts";
import type { FunctionBuilder } from "../../lib/wasm/function.ts";
import { libraryFunction, relaxedOf, withRelaxed } from "../../lib/wasm/library.ts";
import { ModuleBuilder } from "../../lib/wasm/module.ts";

const signature = (name: string) => ({ name, takes: ["f64"], gives: "f64" }) as const;

let written = 0;

const square = (): FunctionBuilder =>
  libraryFunction("spec square", signature("square"), (f) => {
    written++;
    f.finish(op("f64.mul", f.parameter(0), f.parameter(0)));
  });

const fourth = (): FunctionBuilder =>
  libraryFunction("spec fourth", signature("fourth"), (f) =>
    f.finish(call(square(), call(square(), f.parameter(0)))),
  );

const runOf = (bytes: Uint8Array<ArrayBuffer>, x: number): unknown =>
  new engine.Instance(new engine.Module(bytes)).exports["run"]!(x);

/** Twice its argument, or three times when relaxed: not what such functions are for, but one sees which it was. */
const scaled = (shape: { readonly relaxed: boolean }): FunctionBuilder =>
  withRelaxed(shape, ({ relaxed }) =>
    libraryFunction(`spec scaled ${relaxed}`, signature("scaled"), (f) =>
      f.finish(op("f64.mul", f64(relaxed ? 3 : 2), f.parameter(0))),
    ),
  );

/** A module whose `run` adds `more` to the fourth power, with so many functions before it. */
function ran(x: number, more: number, before: number): unknown {
  const module = new ModuleBuilder();
  for (let n = 0; n < before; n++) module.export(`one${n}`, oneIn(module, n));
  const f = module.function("run", ["f64"], "f64");
  f.finish(op("f64.add", f64(more), call(module.include(fourth()), f.parameter(0))));
  module.export("run", f);
  return runOf(module.bytes(), x);
}

function oneIn(module: ModuleBuilder, n: number): FunctionBuilder {
  const f = module.function(`one${n}`, [], "f64");
  f.finish(f64(1));
  return f;
}

describe("functions of the library", () => {
  it("are written once, and called by the numbers that each module gives them", () => {
    assert.deepEqual([ran(3, 1, 0), ran(2, 5, 3), ran(3, 1, 0)], [82, 21, 82]);
    assert.equal(written, 1);
  });

  it("give way to those with relaxed multiply-adds, in a module that is otherwise the same", () => {
    const module = new ModuleBuilder();
    const f = module.function("run", ["f64"], "f64");
    f.finish(call(module.include(scaled({ relaxed: false })), f.parameter(0)));
    module.export("run", f);
    const all = [module.bytes(), module.bytes(relaxedOf), module.bytes()];
    assert.deepEqual(
      all.map((bytes) => runOf(bytes, 10)),
      [20, 30, 20],
    );
  });
});
