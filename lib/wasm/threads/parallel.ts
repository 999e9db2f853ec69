/**
 * Loops whose steps may be shared out among threads, in chunks.
 *
 * A step may write rows of its own, buffers of its own, and add to sums. Each chunk has its own copy of what is
 * not by rows; sums are put together in the order of the chunks. So the result depends on the chunks, which
 * depend on sizes only, and not on who computes which.
 */
import type { Nest, Scalar, Statement } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";
import { effectsOf, touched, type Access } from "../../schedule/effects.ts";
import { equal, polynomial, strideOf } from "../../schedule/polynomial.ts";
import { volume } from "../../schedule/volume.ts";
import { accumulations, visit, type Accumulation } from "../vector/accumulation.ts";

export type Loop = Extract<Statement, { kind: "for" }>;

export interface Parallel {
  readonly loop: Loop;
  /** Variables that every chunk accumulates in. */
  readonly accumulations: readonly Accumulation[];
  /** Names from before the loop that it reads. */
  readonly carried: readonly string[];
  /** Buffers of which each chunk has its own. */
  readonly own: ReadonlySet<string>;
  /** Those of them that are added up. */
  readonly sums: readonly string[];
}

/** The loops of a nest to be shared out: those with contractions, or all that hold loops where there are none. */
export function parallels(nest: Nest): ReadonlyMap<Statement, Parallel> {
  const loops = nest.body.flatMap((s) => (s.kind === "for" ? [s] : []));
  const heavy = loops.filter((l) => some(l.body, "contract"));
  const chosen = heavy.length > 0 ? heavy : loops.filter((l) => some(l.body, "for"));
  const found = chosen.map((loop) => [loop, parallel(nest, loop)] as const);
  return new Map(found.flatMap(([loop, p]) => (p === undefined ? [] : [[loop, p] as const])));
}

function some(body: readonly Statement[], kind: Statement["kind"]): boolean {
  let found = false;
  visit(body, (s) => {
    if (s.kind === kind) found = true;
  });
  return found;
}

function parallel(nest: Nest, loop: Loop): Parallel | undefined {
  const found = accumulations(loop.body);
  if (found === undefined) return undefined;
  const others = nest.body.filter((s) => s !== loop);
  const rows = rowIndices(loop);
  const effects = effectsOf(loop.body);
  const own = new Set<string>();
  const sums: string[] = [];
  for (const buffer of new Set(effects.accesses.map((a) => a.buffer))) {
    const accesses = effects.accesses.filter((a) => a.buffer === buffer);
    if (accesses.every((a) => a.kind === "load")) continue;
    if (accesses.every((a) => isByRow(nest, loop, rows, a))) continue;
    if (accesses.every((a) => a.kind === "store" && a.by === "add")) sums.push(buffer);
    else if (!isPrivate(nest, loop, others, buffer)) return undefined;
    own.add(buffer);
  }
  const accumulators = new Set(
    [...found.values()].flatMap((a) => [a.name, ...(a.lost === undefined ? [] : [a.lost])]),
  );
  const given = new Set([...nest.sizes, ...nest.parameters].map(({ name }) => name));
  const bounds = effectsOf([{ ...loop, body: [] }]).reads;
  const carried = [...new Set([...effects.reads, ...bounds])].filter(
    (name) =>
      !effects.defines.has(name) && !given.has(name) && !accumulators.has(name) && name !== loop.index,
  );
  return { loop, accumulations: [...found.values()], carried, own, sums };
}

/** Indices that number the rows of the loop: its own, or those that run through a block of them. */
function rowIndices({ index, to, step, body }: Loop): ReadonlySet<string> {
  if (step === undefined) return new Set([index]);
  const ends = new Set<string>();
  for (const s of body) if (s.kind === "let" && isBlockEnd(s.value, index, step, to)) ends.add(s.name);
  const isRow = (from: Scalar, end: Scalar): boolean =>
    from.kind === "name" && from.name === index && end.kind === "name" && ends.has(end.name);
  const rows = new Set<string>();
  visit(body, (s) => {
    if (s.kind === "for" && s.step === undefined && isRow(s.from, s.to)) rows.add(s.index);
    if (s.kind === "contract")
      for (const r of [...s.frees, ...s.sums]) if (isRow(r.from, r.to)) rows.add(r.index);
  });
  return rows;
}

/** min(index + step, to) */
function isBlockEnd(s: Scalar, index: string, step: number, to: Scalar): boolean {
  if (s.kind !== "apply" || s.op !== "min" || s.args.length !== 2) return false;
  const [next, end] = s.args as [Scalar, Scalar];
  const wanted: Scalar = {
    kind: "apply",
    op: "add",
    type: "int",
    args: [
      { kind: "name", name: index, type: "int" },
      { kind: "const", type: "int", value: step },
    ],
  };
  return printScalar(end) === printScalar(to) && printScalar(next) === printScalar(wanted);
}

/** Whether an access is in the row that the loop is at, of an array with as many rows as the loop has. */
function isByRow(nest: Nest, loop: Loop, rows: ReadonlySet<string>, access: Access): boolean {
  if (access.kind === "fill") return false;
  const { shape } = nest.buffers.find((b) => b.name === access.buffer)!;
  const [first, ...others] = shape;
  if (first === undefined || printScalar(volume(nest, [first])) !== printScalar(loop.to)) return false;
  const length = polynomial(volume(nest, others));
  const strides = [...rows].map((row) => strideOf(access.offset, row));
  const moving = strides.filter((s) => s === undefined || s.size > 0);
  return moving.length === 1 && moving[0] !== undefined && equal(moving[0], length);
}

/**
 * Scratch that no other statement touches, and that each step writes before it reads it. What is written under a
 * condition only, such as a list of rows, is read as far as it was written: there is nothing else in it.
 */
function isPrivate(nest: Nest, loop: Loop, others: readonly Statement[], buffer: string): boolean {
  if (nest.buffers.find((b) => b.name === buffer)?.role !== "scratch" || touched(others, buffer))
    return false;
  const first = effectsOf(loop.body).accesses.find((a) => a.buffer === buffer)!;
  return first.kind === "fill" || (first.kind === "store" && first.by === "set");
}
