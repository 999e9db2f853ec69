/**
 * A nest whose loops are shared out: `spread(frame)` does what `run(frame)` does, and calls the host for each loop
 * in chunks; the host has `part(frame, loop, chunk, chunks)` called for each chunk, by any thread, in any order.
 *
 * Chunk n works in the n-th frame after the first: there it has the addresses of its own buffers, its variables and
 * its work space.
 */
import { constant, named, type Statement } from "../../loop/nest.ts";
import { get, i32, op, opWith, type Callee, type Code } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import type { Layout } from "../layout.ts";
import type { ModuleBuilder } from "../module.ts";
import { roundoff } from "../operations.ts";
import { converted } from "../scalar.ts";
import type { StatementWriter } from "../statement.ts";
import type { Accumulation } from "../vector/accumulation.ts";
import type { Parallel } from "./parallel.ts";

/** The most chunks of a loop; half as many where each has large sums of its own to be added up. */
export const mostChunks = 8;
const largeSums = 2 ** 18;

/** Names that get from one function to another through a frame, with their places. */
export type Slots = ReadonlyMap<string, number>;

/** The names that a loop reads from before it, and those that its chunks accumulate in. */
export const slotNames = (p: Parallel): readonly string[] => [
  ...p.carried,
  ...p.accumulations.flatMap((a) => [a.name, ...(a.lost === undefined ? [] : [a.lost])]),
];

/** Makes a writer for a function that has a frame; buffers in `own` are those of the frame `ownFrame`. */
export type Enter = (
  f: FunctionBuilder,
  frame: Code,
  ownFrame: Code,
  own: ReadonlySet<string>,
) => StatementWriter;

/** One chunk of one loop: `(frame, own frame, chunk, chunks)`. */
export function chunkFunction(
  module: ModuleBuilder,
  p: Parallel,
  n: number,
  slots: Slots,
  enter: Enter,
): FunctionBuilder {
  const f = module.function(`chunk${n}`, ["i32", "i32", "i32", "i32"], "none");
  const [frame, own, chunk, chunks] = [0, 1, 2, 3].map((k) => f.parameter(k)) as [Code, Code, Code, Code];
  const w = enter(f, frame, own, p.own);
  for (const name of p.carried) take(w, frame, name, slots);
  for (const a of p.accumulations) begin(w, a);
  for (const buffer of p.sums) w.all([{ kind: "fill", buffer, value: constant(0, "real") }]);
  const { from, to, step = 1 } = p.loop;
  const first = f.keep(w.scalars.integer(from));
  const blocks = f.keep(blocksOf(w, p));
  const bound = (number: Code): Code =>
    op("i32.add", first, op("i32.mul", op("i32.div_s", op("i32.mul", blocks, number), chunks), i32(step)));
  const end = f.keep(w.scalars.integer(to));
  const last = f.keep(bound(op("i32.add", chunk, i32(1))));
  const [start, stop] = ["chunk_from", "chunk_to"].map((name) => {
    const local = f.local("i32");
    w.scope.define(name, local);
    return local;
  }) as [ReturnType<typeof f.local>, ReturnType<typeof f.local>];
  f.set(start, bound(chunk));
  f.set(stop, op("select.i32", last, end, op("i32.lt_s", last, end)));
  w.all([{ ...p.loop, from: named("chunk_from", "int"), to: named("chunk_to", "int") } satisfies Statement]);
  for (const a of p.accumulations)
    for (const name of [a.name, ...(a.lost === undefined ? [] : [a.lost])])
      f.emit(
        opWith("f64.store", { offset: slots.get(name)! }, own, converted(get(w.scope.local(name)), "f64")),
      );
  return f;
}

/** How many steps the loop has. */
function blocksOf(w: StatementWriter, { loop: { from, to, step = 1 } }: Parallel): Code {
  const length = op("i32.sub", w.scalars.integer(to), w.scalars.integer(from));
  return op("i32.div_s", op("i32.add", length, i32(step - 1)), i32(step));
}

/** Calls the host for a loop, then puts together what the chunks have. */
export function shareOut(
  w: StatementWriter,
  frame: Code,
  p: Parallel,
  n: number,
  slots: Slots,
  layout: Layout,
  host: Callee,
  call: (callee: Callee, ...args: readonly Code[]) => Code,
): void {
  const { f, scope } = w;
  for (const name of p.carried)
    f.emit(
      opWith("f64.store", { offset: slots.get(name)! }, frame, converted(get(scope.local(name)), "f64")),
    );
  const sizes = p.sums.map((buffer) => w.length(buffer));
  const large =
    sizes.length === 0
      ? i32(0)
      : op(
          "i32.gt_s",
          sizes.reduce((a, b) => op("i32.add", a, b)),
          i32(largeSums),
        );
  const most = f.keep(op("select.i32", i32(mostChunks / 2), i32(mostChunks), large));
  const blocks = f.keep(blocksOf(w, p));
  const chunks = f.keep(op("select.i32", blocks, most, op("i32.lt_s", blocks, most)));
  f.if(op("i32.gt_s", chunks, i32(0)), () => {
    f.emit(call(host, i32(n), chunks));
    const chunk = f.local("i32");
    w.repeat(chunk, i32(0), chunks, 1, () => {
      const own = f.keep(
        op("i32.add", frame, op("i32.mul", op("i32.add", get(chunk), i32(1)), i32(layout.frameBytes))),
      );
      for (const a of p.accumulations) join(w, own, a, slots);
      for (const buffer of p.sums) addUp(w, own, buffer, layout);
    });
  });
}

/** A name's value, from a frame. */
function take(w: StatementWriter, frame: Code, name: string, slots: Slots): void {
  const type = w.types.get(name)!;
  const local = w.f.local(w.storage.local(name, type));
  const value = opWith("f64.load", { offset: slots.get(name)! }, frame);
  w.f.set(local, converted(value, local.type as "f64"));
  w.scope.define(name, local);
}

const identity = { add: 0, mul: 1, max: -Infinity, min: Infinity };

/** The variable of an accumulation, with what changes nothing in it. */
function begin(w: StatementWriter, { name, by, lost }: Accumulation): void {
  const begun = (of: string, value: number): void => {
    const type = w.types.get(of)!;
    const integer = type === "int" ? { add: 0, mul: 1, max: -(2 ** 31), min: 2 ** 31 - 1 }[by] : value;
    w.all([{ kind: "let", name: of, type, mutable: true, value: constant(integer, type) }]);
  };
  begun(name, identity[by]);
  if (lost !== undefined) begun(lost, 0);
}

/** A chunk's value of an accumulation, joined to the variable. */
function join(w: StatementWriter, own: Code, { name, by, lost }: Accumulation, slots: Slots): void {
  const { f, scope, storage } = w;
  const variable = scope.local(name);
  const type = variable.type as "f64" | "f32" | "i32";
  const value = f.keep(converted(opWith("f64.load", { offset: slots.get(name)! }, own), type));
  if (lost !== undefined) {
    const slot = scope.local(lost);
    const part = opWith("f64.load", { offset: slots.get(lost)! }, own);
    const both = op(
      `${storage.real}.add`,
      roundoff(f, storage.real, get(variable), value),
      converted(part, storage.real),
    );
    f.set(slot, op(`${storage.real}.add`, get(slot), both));
  }
  f.set(variable, w.updated(by, get(variable), value));
}

/** Adds a chunk's sums to those of the whole. */
function addUp(w: StatementWriter, own: Code, buffer: string, layout: Layout): void {
  const { f, storage } = w;
  const { offset } = layout.buffers.find((b) => b.name === buffer)!;
  const [to, from, end] = [f.local("i32"), f.local("i32"), f.local("i32")];
  f.set(to, w.scope.address(buffer));
  f.set(from, opWith("i32.load", { offset }, own));
  const bytes = op("i32.shl", w.length(buffer), i32(storage.real === "f64" ? 3 : 2));
  f.set(end, op("i32.add", get(to), bytes));
  const shape = storage.real === "f64" ? "f64x2" : "f32x4";
  // Buffers have room after them: the last vector may reach beyond the end.
  f.block((done) =>
    f.loop((again) => {
      f.branchIf(done, op("i32.ge_u", get(to), get(end)));
      f.emit(
        op("v128.store", get(to), op(`${shape}.add`, op("v128.load", get(to)), op("v128.load", get(from)))),
      );
      f.set(to, op("i32.add", get(to), i32(16)));
      f.set(from, op("i32.add", get(from), i32(16)));
      f.branch(again);
    }),
  );
}

/** `part(frame, loop, chunk, chunks)`: the chunk of that loop. */
export function partFunction(
  module: ModuleBuilder,
  chunks: readonly FunctionBuilder[],
  layout: Layout,
  call: (callee: Callee, ...args: readonly Code[]) => Code,
): FunctionBuilder {
  const f = module.function("part", ["i32", "i32", "i32", "i32"], "none");
  const [frame, loop, chunk, count] = [0, 1, 2, 3].map((k) => f.parameter(k)) as [Code, Code, Code, Code];
  const own = f.keep(
    op("i32.add", frame, op("i32.mul", op("i32.add", chunk, i32(1)), i32(layout.frameBytes))),
  );
  for (const [n, callee] of chunks.entries())
    f.if(op("i32.eq", loop, i32(n)), () => f.emit(call(callee, frame, own, chunk, count)));
  return f;
}
