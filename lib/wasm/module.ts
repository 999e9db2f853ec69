/**
 * A module of WebAssembly in the binary format.
 *
 * Functions may call one another before their bodies are written. What no exported function
 * calls is left out.
 *
 * Source: WebAssembly Core Specification 2.0, section 5, "Binary Format".
 */
import { counted, joined, text, unsigned, vector, type Bytes } from "./bytes.ts";
import { i32, typeByte, type Callee, type Code, type Label, type Piece } from "./code.ts";
import { FunctionBuilder } from "./function.ts";
import type { ValueType } from "./instructions.ts";

/** A function from outside. */
export interface Import extends Callee {
  readonly from: string;
}

/** Memory in pages of 64 KiB. A shared one has a greatest size. */
export interface MemoryLimits {
  readonly pages: number;
  readonly most?: number;
  readonly shared?: boolean;
}

type Instead = (f: FunctionBuilder) => FunctionBuilder;

/** "\0asm", version 1. */
// prettier-ignore
const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export class ModuleBuilder {
  readonly #imports: Import[] = [];
  readonly #functions: FunctionBuilder[] = [];
  readonly #included = new Set<FunctionBuilder>();
  readonly #exports: { readonly as: string; readonly callee: Callee }[] = [];
  readonly #code = new Map<FunctionBuilder, Written>();
  readonly #data: { readonly at: number; readonly bytes: Bytes }[] = [];
  #memory: { readonly limits: MemoryLimits; readonly from?: string; readonly name: string } | undefined;

  /** A function that the host gives under `from.name`; the same one when asked again. */
  import(from: string, name: string, takes: readonly ValueType[], gives: ValueType | "none"): Import {
    const known = this.#imports.find((i) => i.from === from && i.name === name);
    if (known !== undefined) return known;
    const made = { from, name, takes, gives };
    this.#imports.push(made);
    return made;
  }

  function(name: string, takes: readonly ValueType[], gives: ValueType | "none"): FunctionBuilder {
    const made = new FunctionBuilder(name, takes, gives);
    this.#functions.push(made);
    return made;
  }

  /** A function of the library in this module, and those that it calls. */
  include(f: FunctionBuilder): FunctionBuilder {
    if (this.#included.has(f)) return f;
    this.#included.add(f);
    this.#functions.push(f);
    for (const { callee } of ofLibrary(f).calls) if (callee instanceof FunctionBuilder) this.include(callee);
    return f;
  }

  export(as: string, callee: Callee): void {
    this.#exports.push({ as, callee });
  }

  /** The module's own memory, exported under a name. */
  memory(name: string, limits: MemoryLimits): void {
    this.#memory = { limits, name };
  }

  /** A memory that the host gives. */
  importMemory(from: string, name: string, limits: MemoryLimits): void {
    this.#memory = { limits, from, name };
  }

  /** Bytes that stand in memory from the beginning. */
  data(at: number, bytes: Bytes): void {
    this.#data.push({ at, bytes });
  }

  /** The module, perhaps with other functions `instead` of some that it has. */
  bytes(instead: Instead = (f) => f): Uint8Array<ArrayBuffer> {
    const now = (callee: Callee): Callee => (callee instanceof FunctionBuilder ? instead(callee) : callee);
    const written = this.#written(now);
    const imports = this.#imports.filter((i) => written.used.has(i));
    const functions = this.#functions.map(instead).filter((f) => written.used.has(f));
    const numbers = new Map<Callee, number>([...imports, ...functions].map((c, n) => [c, n]));
    const types = new Types();
    const imported = imports.map((i) => joined([text(i.from), text(i.name), [0x00], unsigned(types.of(i))]));
    const memory = this.#memory;
    if (memory?.from !== undefined)
      imported.push(joined([text(memory.from), text(memory.name), [0x02], limits(memory.limits)]));
    const declared = functions.map((f) => unsigned(types.of(f)));
    const own = memory !== undefined && memory.from === undefined ? [limits(memory.limits)] : [];
    const exports = this.#exports.map(({ as, callee }) =>
      joined([text(as), [0x00], unsigned(numbers.get(now(callee))!)]),
    );
    if (own.length > 0) exports.push(joined([text(memory!.name), [0x02, 0x00]]));
    const bodies = functions.map((f) => {
      const { bytes, calls } = written.bodies.get(f)!;
      const body = counted(bytes);
      const from = body.length - bytes.length;
      for (const { at, callee } of calls) body.set(padded(numbers.get(now(callee))!), from + at);
      return body;
    });
    const needed = new Map(functions.flatMap((f) => [...f.data]));
    const data = [...this.#data, ...[...needed].map(([at, bytes]) => ({ at, bytes }))].map(({ at, bytes }) =>
      joined([[0x00], write(i32(at)).bytes, counted(bytes)]),
    );
    return joined([
      magic,
      section(1, types.rows),
      section(2, imported),
      section(3, declared),
      section(5, own),
      section(7, exports),
      section(10, bodies),
      section(11, data),
      names([...imports, ...functions]),
    ]);
  }

  /** The code of a function, which is complete when the module's bytes are asked for the first time. */
  #codeOf(f: FunctionBuilder): Written {
    if (this.#included.has(f) || !this.#functions.includes(f)) return ofLibrary(f);
    let code = this.#code.get(f);
    if (code === undefined) this.#code.set(f, (code = write(f.body, localTypes(f.locals))));
    return code;
  }

  /** The bodies of exported functions and of those that they call; and these with the imports. */
  #written(now: (callee: Callee) => Callee) {
    const used = new Set<Callee>();
    const bodies = new Map<Callee, Written>();
    const visit = (asked: Callee): void => {
      const callee = now(asked);
      if (used.has(callee)) return;
      used.add(callee);
      if (!(callee instanceof FunctionBuilder)) return;
      const body = this.#codeOf(callee);
      bodies.set(callee, body);
      for (const call of body.calls) visit(call.callee);
    };
    for (const { callee } of this.#exports) visit(callee);
    return { used, bodies };
  }
}

/** The types of functions, each once. */
class Types {
  readonly #keys: string[] = [];
  readonly rows: Bytes[] = [];

  of({ takes, gives }: Callee): number {
    const key = `${takes.join(" ")} -> ${gives}`;
    const known = this.#keys.indexOf(key);
    if (known >= 0) return known;
    const results = gives === "none" ? [] : [typeByte[gives]];
    this.rows.push(joined([[0x60], counted(takes.map((t) => typeByte[t])), counted(results)]));
    return this.#keys.push(key) - 1;
  }
}

function limits({ pages, most, shared = false }: MemoryLimits): Bytes {
  const flag = shared ? 0x03 : most === undefined ? 0x00 : 0x01;
  return [flag, ...unsigned(pages), ...(most === undefined ? [] : unsigned(most))];
}

const section = (id: number, items: readonly Bytes[]): Bytes =>
  items.length === 0 ? [] : joined([[id], counted(vector(items))]);

/** The functions' names, for debuggers, profilers and traces. */
function names(functions: readonly Callee[]): Bytes {
  const rows = functions.map(({ name }, n) => joined([unsigned(n), text(name)]));
  return joined([[0], counted(joined([text("name"), [1], counted(vector(rows))]))]);
}

/** Locals in runs of one type. */
function localTypes(locals: readonly ValueType[]): Bytes {
  const runs: { type: ValueType; count: number }[] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  return vector(runs.map(({ type, count }) => [...unsigned(count), typeByte[type]]));
}

/** Code as bytes, its `end` too, with two bytes free for the number of each function that it calls. */
interface Written {
  readonly bytes: Bytes;
  readonly calls: readonly { readonly at: number; readonly callee: Callee }[];
}

const libraryCode = new WeakMap<FunctionBuilder, Written>();

/** The code of a function of the library, which does not change any more. */
function ofLibrary(f: FunctionBuilder): Written {
  let code = libraryCode.get(f);
  if (code === undefined) {
    libraryCode.set(f, (code = write(f.body, localTypes(f.locals))));
  }
  return code;
}

/** Where code is written before it is known how long it is; no two functions are written at a time. */
let room = new Uint8Array(2 ** 12);

function write(code: Code, before: Bytes = []): Written {
  let length = 0;
  const makeRoom = (count: number): void => {
    if (length + count <= room.length) return;
    const more = new Uint8Array(2 * (length + count));
    more.set(room);
    room = more;
  };
  const push = (byte: number): void => {
    makeRoom(1);
    room[length++] = byte;
  };
  const calls: { readonly at: number; readonly callee: Callee }[] = [];
  const around: Label[] = [];
  /** What was written from a place on, once more; what it branches to is as far away. */
  const again = (from: number, firstCall: number): void => {
    const shift = length - from;
    for (const { at, callee } of calls.slice(firstCall)) calls.push({ at: at + shift, callee });
    makeRoom(shift);
    room.copyWithin(length, from, length);
    length += shift;
  };
  const pieces = (list: readonly Piece[]): void => {
    let [from, firstCall] = [0, 0];
    for (let n = 0; n < list.length; n++) {
      const piece = list[n]!;
      if (typeof piece === "number") {
        if (length === room.length) makeRoom(1);
        room[length++] = piece;
      } else if (isList(piece)) {
        const [start, call] = [length, calls.length];
        if (piece === list[n - 1]) again(from, firstCall);
        else pieces(piece);
        [from, firstCall] = [start, call];
      } else if ("callee" in piece) {
        calls.push({ at: length, callee: piece.callee });
        push(0);
        push(0);
      } else if ("open" in piece) around.push(piece.open);
      else if ("close" in piece) around.pop();
      else for (const byte of unsigned(around.length - 1 - around.lastIndexOf(piece.to))) push(byte);
    }
  };
  before.forEach(push);
  pieces(code.pieces);
  push(0x0b);
  return { bytes: room.slice(0, length), calls };
}

const isList = (piece: Exclude<Piece, number>): piece is readonly Piece[] => Array.isArray(piece);

/** A number below 2¹⁴ in two bytes, whatever it needs. */
const padded = (value: number): readonly [number, number] => [(value % 128) + 128, value >> 7];
