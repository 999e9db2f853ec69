import { expect } from "chai";
import { signed, unsigned } from "../../lib/wasm/bytes.ts";
import { call, f64, get, i32, op, opWith } from "../../lib/wasm/code.ts";
import { engine, type HostFunction, type Imports } from "../../lib/wasm/engine.ts";
import { ModuleBuilder } from "../../lib/wasm/module.ts";
import { disassemble } from "./wabt.ts";

/** The module's exports, after wabt has agreed to it. */
async function exportsOf(
  module: ModuleBuilder,
  imports: Imports = {},
): Promise<Readonly<Record<string, HostFunction>>> {
  const bytes = module.bytes();
  await disassemble(bytes);
  return new engine.Instance(new engine.Module(bytes), imports).exports;
}

describe("modules of WebAssembly", () => {
  it("write integers in seven bits a byte, as the examples of the DWARF standard do", () => {
    expect(unsigned(0)).to.deep.equal([0]);
    expect(unsigned(127)).to.deep.equal([127]);
    expect(unsigned(128)).to.deep.equal([0x80, 1]);
    expect(unsigned(624485)).to.deep.equal([0xe5, 0x8e, 0x26]);
    expect(signed(-1)).to.deep.equal([0x7f]);
    expect(signed(64)).to.deep.equal([0xc0, 0]);
    expect(signed(-123456)).to.deep.equal([0xc0, 0xbb, 0x78]);
    expect(signed(-(2n ** 63n))).to.have.length(10);
  });

  it("repeat, leave and choose", async () => {
    const module = new ModuleBuilder();
    const f = module.function("sumOfOddNumbers", ["i32"], "i32");
    const n = f.parameter(0);
    const i = f.local("i32");
    const sum = f.local("i32");
    f.block((exit) => {
      f.loop((again) => {
        f.branchIf(exit, op("i32.ge_s", get(i), n));
        f.if(op("i32.and", get(i), i32(1)), () => f.set(sum, op("i32.add", get(sum), get(i))));
        f.set(i, op("i32.add", get(i), i32(1)));
        f.branch(again);
      });
    });
    f.finish(get(sum));
    module.export("run", f);
    const { run } = await exportsOf(module);
    expect(run!(10)).to.equal(25);
    expect(run!(0)).to.equal(0);
  });

  it("write what stands several times in a row with its calls and branches each time", async () => {
    const module = new ModuleBuilder();
    const log = module.import("Math", "log", ["f64"], "f64");
    const f = module.function("logFourTimes", ["f64"], "f64");
    const x = f.parameterLocal(0);
    f.block((exit) => {
      const once = f.inside(() => {
        f.set(x, call(log, get(x)));
        f.branchIf(exit, op("f64.lt", get(x), f64(2)));
      });
      f.emit(f.times(4, once));
    });
    f.finish(get(x));
    module.export("run", f);
    const { run } = await exportsOf(module, { Math: { log: Math.log } });
    expect(run!(1e300)).to.equal(Math.log(Math.log(Math.log(1e300))));
    expect(run!(Infinity)).to.equal(Infinity);
    expect(run!(3)).to.equal(Math.log(3));
  });

  it("call functions from outside, and leave out what nothing calls", async () => {
    const module = new ModuleBuilder();
    const log = module.import("Math", "log", ["f64"], "f64");
    module.import("Math", "sin", ["f64"], "f64");
    const unused = module.function("unused", [], "f64");
    unused.finish(f64(1));
    const f = module.function("half", ["f64"], "f64");
    f.finish(op("f64.mul", f64(0.5), call(log, f.parameter(0))));
    module.export("half", f);
    const { half } = await exportsOf(module, { Math: { log: Math.log } });
    expect(half!(10)).to.equal(0.5 * Math.log(10));
    expect(await disassemble(module.bytes())).not.to.match(/sin|const 0x1p\+0/u);
  });

  it("have memory with data in it, their own or a shared one of the host", async () => {
    const module = new ModuleBuilder();
    module.importMemory("host", "memory", { pages: 1, most: 2, shared: true });
    module.data(16, [1, 2, 3, 4]);
    const f = module.function("at", ["i32"], "i32");
    f.finish(opWith("i32.load", { offset: 8 }, f.parameter(0)));
    module.export("at", f);
    const memory = new engine.Memory({ initial: 1, maximum: 2, shared: true });
    const { at } = await exportsOf(module, { host: { memory } });
    expect(at!(8)).to.equal(0x04030201);
  });

  it("refuse operands of a wrong type while they are built", () => {
    expect(() => op("f64.add", f64(1), i32(1))).to.throw("f64.add takes f64 f64, but is given f64 i32");
  });
});
