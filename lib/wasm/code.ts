/**
 * Expressions of WebAssembly: trees whose operands are checked when they are built.
 *
 *   op("f64x2.add", a, b)      an instruction on its operands
 *   f64(1.5), f64x2(1, 2)      constants
 *   get(local)                 what a local holds when the expression is evaluated
 *
 * A `Code` of type "none" is a statement. Codes are values: one that is used twice is evaluated twice.
 */
import { float32, float64, signed, unsigned } from "./bytes.ts";
import { instructions, type Instruction, type InstructionName, type ValueType } from "./instructions.ts";

/** A function of the module, before functions have numbers. */
export interface Callee {
  readonly name: string;
  readonly takes: readonly ValueType[];
  readonly gives: ValueType | "none";
}

/** Where a branch goes; its depth is counted when the code is written. */
export interface Label {
  readonly name: string;
}

/** What code is made of: bytes, numbers that only the whole module knows, and the ends of labelled blocks. */
export type Piece =
  | number
  | readonly Piece[]
  | { readonly callee: Callee }
  | { readonly open: Label }
  | { readonly close: Label }
  | { readonly to: Label };

export interface Code {
  readonly type: ValueType | "none";
  readonly pieces: readonly Piece[];
}

export interface Local {
  readonly type: ValueType;
  readonly index: number;
}

/** Immediates of an instruction: a constant offset to its address, a lane, or the sixteen bytes of a shuffle. */
export interface Immediates {
  readonly offset?: number;
  readonly lane?: number;
  readonly lanes?: readonly number[];
}

/** An instruction on its operands. Throws when their types are not what it takes: a mistake of ours. */
export function op(name: InstructionName, ...operands: readonly Code[]): Code {
  return onOperands(name, noImmediates, operands);
}

/** An instruction with immediates: `opWith("f64.load", { offset: 8 }, address)`. */
export function opWith(name: InstructionName, immediates: Immediates, ...operands: readonly Code[]): Code {
  return onOperands(name, immediates, operands);
}

const noImmediates: Immediates = {};

/** Names are put together of parts, `${shape}.add`: a map finds such a text sooner than an object does. */
const byName: ReadonlyMap<InstructionName, Instruction> = new Map(
  // The table's keys are these names.
  Object.entries(instructions) as [InstructionName, Instruction][],
);

function onOperands(name: InstructionName, immediates: Immediates, operands: readonly Code[]): Code {
  const instruction = byName.get(name)!;
  expectOperands(name, instruction.takes, operands);
  const pieces: Piece[] = [];
  for (const o of operands) append(pieces, o.pieces);
  for (const byte of opcode(instruction.code)) pieces.push(byte);
  if (instruction.immediate !== "none")
    for (const byte of immediate(instruction, immediates)) pieces.push(byte);
  return { type: instruction.gives, pieces };
}

/** Most operands are constants and locals: a few bytes, which need no list of their own. */
function append(pieces: Piece[], more: readonly Piece[]): void {
  if (more.length > 3) pieces.push(more);
  else for (const piece of more) pieces.push(piece);
}

function expectOperands(name: string, takes: readonly ValueType[], operands: readonly Code[]): void {
  let fit = operands.length === takes.length;
  for (let n = 0; fit && n < takes.length; n++) fit = operands[n]!.type === takes[n];
  if (fit) return;
  const given = operands.map((o) => o.type).join(" ");
  throw new Error(`${name} takes ${takes.join(" ")}, but is given ${given}`);
}

const opcodes = new Map<number, readonly number[]>();

function opcode(code: number): readonly number[] {
  let bytes = opcodes.get(code);
  if (bytes === undefined)
    opcodes.set(code, (bytes = code < 0x100 ? [code] : [code >> 16, ...unsigned(code & 0xffff)]));
  return bytes;
}

function immediate(
  instruction: Instruction,
  { offset = 0, lane = 0, lanes = [] }: Immediates,
): readonly number[] {
  switch (instruction.immediate) {
    case "none":
      return [];
    case "address":
      return [instruction.align, ...unsigned(offset)];
    case "addressLane":
      return [instruction.align, ...unsigned(offset), lane];
    case "lane":
      return [lane];
    case "lanes":
      return lanes;
    case "memory":
      return [0];
    case "memories":
      return [0, 0];
  }
}

/** Constants by their value; each is made once. */
function constants(make: (value: number) => Code): (value: number) => Code {
  const known = new Map<number | "-0", Code>();
  return (value) => {
    const key = Object.is(value, -0) ? "-0" : value;
    let code = known.get(key);
    if (code === undefined) known.set(key, (code = make(value)));
    return code;
  };
}

export const i32 = constants((value) => ({ type: "i32", pieces: [0x41, ...signed(value | 0)] }));
export const i64 = (value: bigint): Code => ({
  type: "i64",
  pieces: [0x42, ...signed(BigInt.asIntN(64, value))],
});
export const f32 = (value: number): Code => ({ type: "f32", pieces: [0x43, ...float32(value)] });
export const f64 = constants((value) => ({ type: "f64", pieces: [0x44, ...float64(value)] }));

/** A vector constant from its sixteen bytes. */
const v128 = (bytes: readonly number[]): Code => ({ type: "v128", pieces: [0xfd, 0x0c, ...bytes] });

/** Two doubles; the same in both lanes when one is given. */
export const f64x2 = (low: number, high?: number): Code =>
  high === undefined ? doubles(low) : v128([...float64(low), ...float64(high)]);
const doubles = constants((value) => v128([...float64(value), ...float64(value)]));
/** Four floats, the same in all lanes. */
export const f32x4 = constants((value) => v128([value, value, value, value].flatMap(float32)));
export const i32x4 = (a: number, b = a, c = a, d = a): Code =>
  v128([...new Uint8Array(Int32Array.of(a, b, c, d).buffer)]);
export const i64x2 = (low: bigint, high = low): Code =>
  v128([...new Uint8Array(BigInt64Array.of(BigInt.asIntN(64, low), BigInt.asIntN(64, high)).buffer)]);

export function get({ type, index }: Local): Code {
  const known = gets[type];
  return (known[index] ??= { type, pieces: [0x20, ...unsigned(index)] });
}

/** By the local's type and index. */
const gets: Readonly<Record<ValueType, Code[]>> = { i32: [], i64: [], f32: [], f64: [], v128: [] };

export function set(local: Local, value: Code): Code {
  expect(`a local of type ${local.type}`, local.type, value);
  return { type: "none", pieces: [value.pieces, 0x21, ...unsigned(local.index)] };
}

/** Sets the local and is the value. */
export function tee(local: Local, value: Code): Code {
  expect(`a local of type ${local.type}`, local.type, value);
  return { type: local.type, pieces: [value.pieces, 0x22, ...unsigned(local.index)] };
}

export function call(callee: Callee, ...operands: readonly Code[]): Code {
  expectOperands(callee.name, callee.takes, operands);
  return { type: callee.gives, pieces: [...operands.map((o) => o.pieces), 0x10, { callee }] };
}

/** Statements one after another, then perhaps a value. */
export function sequence(statements: readonly Code[], value?: Code): Code {
  for (const s of statements) expect("a statement", "none", s);
  const pieces = statements.map((s) => s.pieces);
  return { type: value?.type ?? "none", pieces: value === undefined ? pieces : [...pieces, value.pieces] };
}

/** Code between a head and `end`, as a target of branches. */
const enclosed = (head: readonly number[], label: Label, body: readonly Piece[]): readonly Piece[] => [
  ...head,
  { open: label },
  ...body,
  { close: label },
  0x0b,
];

/** Statements; a branch to the label leaves them. */
export const block = (label: Label, body: Code): Code => ({
  type: "none",
  pieces: enclosed([0x02, blockType(body.type)], label, [body.pieces]),
});

/** Statements; a branch to the label begins them anew. */
export const loop = (label: Label, body: Code): Code => ({
  type: "none",
  pieces: enclosed([0x03, blockType(body.type)], label, [body.pieces]),
});

/** One of two, by a condition; a value when both are. Only one side is evaluated. */
export function choose(condition: Code, yes: Code, no?: Code): Code {
  expect("a condition", "i32", condition);
  if (no !== undefined) expect("the other side of a choice", yes.type, no);
  const otherwise = no === undefined ? [] : [0x05, no.pieces];
  const body = enclosed([0x04, blockType(yes.type)], { name: "choice" }, [yes.pieces, ...otherwise]);
  return { type: yes.type, pieces: [condition.pieces, ...body] };
}

export const branch = (to: Label): Code => ({ type: "none", pieces: [0x0c, { to }] });

export function branchIf(to: Label, condition: Code): Code {
  expect("a condition", "i32", condition);
  return { type: "none", pieces: [condition.pieces, 0x0d, { to }] };
}

// prettier-ignore
export const typeByte: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

const blockType = (type: ValueType | "none"): number => (type === "none" ? 0x40 : typeByte[type]);

function expect(what: string, type: ValueType | "none", code: Code): void {
  if (code.type !== type) throw new Error(`${what} is wanted, but the code is ${code.type}`);
}
