import { expect } from "chai";
import { f32, f64, f64x2, i32, i64, opWith, type Code } from "../../lib/wasm/code.ts";
import {
  instructions,
  type Instruction,
  type InstructionName,
  type ValueType,
} from "../../lib/wasm/instructions.ts";
import { ModuleBuilder } from "../../lib/wasm/module.ts";
import { disassemble } from "./wabt.ts";

const operand: Record<ValueType, Code> = {
  i32: i32(0),
  i64: i64(0n),
  f32: f32(0),
  f64: f64(0),
  v128: f64x2(0),
};
const lanes = Array.from({ length: 16 }, (_, n) => 15 - n);

/** A module with one function, which is one instruction. */
function moduleWith(name: InstructionName): Uint8Array {
  const { takes, gives }: Instruction = instructions[name];
  const module = new ModuleBuilder();
  module.memory("memory", { pages: 1 });
  const f = module.function("f", [], gives);
  const code = opWith(name, { offset: 300, lane: 1, lanes }, ...takes.map((type) => operand[type]));
  if (gives === "none") f.emit(code);
  else f.finish(code);
  module.export("f", f);
  return module.bytes();
}

describe("instructions of WebAssembly", () => {
  for (const name of Object.keys(instructions) as InstructionName[])
    it(`${name} is valid, and wabt calls it so`, async () => {
      const text = await disassemble(moduleWith(name));
      const written = name.startsWith("select.") || name.startsWith("drop.") ? name.split(".")[0]! : name;
      expect(text).to.match(new RegExp(`^ +${written.replaceAll(".", "\\.")}( |\\)|$)`, "mu"));
      if (instructions[name].immediate.startsWith("address")) expect(text).to.include("offset=300");
    });
});
