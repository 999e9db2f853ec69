/** What statements read and write. */
import { unreachable } from "../errors.ts";
import { bodiesOf, parts, type Range, type Scalar, type Statement, type Update } from "../loop/nest.ts";
import { withBody, withBranches } from "../loop/remade.ts";

export type Access =
  | { readonly kind: "load"; readonly buffer: string; readonly offset: Scalar }
  | { readonly kind: "store"; readonly buffer: string; readonly offset: Scalar; readonly by: Update }
  | { readonly kind: "fill"; readonly buffer: string };

export interface Effects {
  /** Accesses to buffers, in order of the text. */
  readonly accesses: readonly Access[];
  /** Names that are read, loop indices included. */
  readonly reads: ReadonlySet<string>;
  readonly assigns: ReadonlySet<string>;
  /** Names of constants, variables and loop indices. */
  readonly defines: ReadonlySet<string>;
  readonly indices: ReadonlySet<string>;
}

const known = new WeakMap<Statement, Effects>();

export function effectsOf(statements: readonly Statement[]): Effects {
  return statements.length === 1 ? effectsOfOne(statements[0]!) : together(statements.map(effectsOfOne));
}

function effectsOfOne(s: Statement): Effects {
  let found = known.get(s);
  if (found === undefined) known.set(s, (found = together([ownOf(s), ...bodiesOf(s).map(effectsOfOne)])));
  return found;
}

function together(all: readonly Effects[]): Effects {
  if (all.length === 1) return all[0]!;
  const accesses: Access[] = [];
  for (const e of all) for (const access of e.accesses) accesses.push(access);
  return {
    accesses,
    reads: union(all, "reads"),
    assigns: union(all, "assigns"),
    defines: union(all, "defines"),
    indices: union(all, "indices"),
  };
}

const nothing: ReadonlySet<string> = new Set();

/** The only set that is not empty, where there is one. */
function union(
  effects: readonly Effects[],
  of: "reads" | "assigns" | "defines" | "indices",
): ReadonlySet<string> {
  let only = nothing;
  let all: Set<string> | undefined;
  for (const { [of]: names } of effects) {
    if (names.size === 0 || names === only) continue;
    if (only.size === 0) only = names;
    else for (const name of names) (all ??= new Set(only)).add(name);
  }
  return all ?? only;
}

/** What a statement does besides what its body does. */
function ownOf(s: Statement): Effects {
  const accesses: Access[] = [];
  const reads = new Set<string>();
  let [assigns, defines, indices] = [nothing, nothing, nothing];
  const scalar = (v: Scalar): void => {
    for (const part of parts(v)) scalar(part);
    if (v.kind === "name") reads.add(v.name);
    if (v.kind === "load") accesses.push({ kind: "load", buffer: v.buffer, offset: v.offset });
  };
  const ranges = (all: readonly Pick<Range, "index" | "from" | "to">[]): void => {
    for (const { from, to } of all) {
      scalar(from);
      scalar(to);
    }
    defines = indices = new Set(all.map((r) => r.index));
  };
  switch (s.kind) {
    case "comment":
      break;
    case "let":
      scalar(s.value);
      defines = new Set([s.name]);
      break;
    case "assign":
      scalar(s.value);
      if (s.by !== "set") reads.add(s.name);
      assigns = new Set([s.name]);
      break;
    case "store":
      scalar(s.offset);
      scalar(s.value);
      accesses.push({ kind: "store", buffer: s.buffer, offset: s.offset, by: s.by });
      break;
    case "fill":
      scalar(s.value);
      accesses.push({ kind: "fill", buffer: s.buffer });
      break;
    case "for":
      ranges([s]);
      break;
    case "contract":
      ranges([...s.frees, ...s.sums]);
      s.factors.forEach(scalar);
      scalar(s.offset);
      accesses.push({ kind: "store", buffer: s.buffer, offset: s.offset, by: "add" });
      break;
    case "if":
      scalar(s.guard);
      break;
    case "require":
      scalar(s.guard);
      for (const m of s.message) if (typeof m !== "string") scalar(m);
      break;
    default:
      return unreachable(s);
  }
  return { accesses, reads, assigns, defines, indices };
}

/** Whether a buffer, where these statements touch it at all, is written anew before anything of it is read. */
export function writtenAnew(statements: readonly Statement[], buffer: string): boolean {
  return first(statements, buffer) === "new";
}

type First = "new" | "old" | "none";

function first(statements: readonly Statement[], buffer: string): First {
  for (const s of statements) {
    const found = firstIn(s, buffer);
    if (found !== "none") return found;
  }
  return "none";
}

function firstIn(s: Statement, buffer: string): First {
  if (!touched([s], buffer)) return "none";
  if (s.kind === "for") {
    const bounds = touched([withBody(s, [])], buffer);
    return bounds ? "old" : first(s.body, buffer);
  }
  if (s.kind === "if") {
    if (touched([withBranches(s, [], [])], buffer)) return "old";
    const [yes, no] = [first(s.yes, buffer), first(s.no, buffer)];
    return yes === no ? yes : "old";
  }
  const own = effectsOf([s]).accesses.filter((a) => a.buffer === buffer);
  if (own.length === 0) return "none";
  const [access] = own;
  return access!.kind === "fill" || (access!.kind === "store" && access!.by === "set") ? "new" : "old";
}

/** In how many of the statements each buffer is read or written. */
export function touchCounts(statements: readonly Statement[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const s of statements)
    for (const buffer of buffersOf(s).all) counts.set(buffer, (counts.get(buffer) ?? 0) + 1);
  return counts;
}

/** Whether any of the statements reads or writes a buffer. */
export const touched = (statements: readonly Statement[], buffer: string): boolean =>
  statements.some((s) => buffersOf(s).all.has(buffer));

interface Buffers {
  readonly all: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
}

const buffers = new WeakMap<Statement, Buffers>();

function buffersOf(s: Statement): Buffers {
  let found = buffers.get(s);
  if (found === undefined) {
    const { accesses } = effectsOf([s]);
    const written = accesses.filter((a) => a.kind !== "load").map((a) => a.buffer);
    found = { all: new Set(accesses.map((a) => a.buffer)), written: new Set(written) };
    buffers.set(s, found);
  }
  return found;
}

/** Whether a statement, or what is in its body, writes to a buffer. */
export const writes = (s: Statement, buffer: string): boolean => buffersOf(s).written.has(buffer);

/** Whether it does not matter which of two groups of statements runs first. */
export function commute(a: readonly Statement[], b: readonly Statement[]): boolean {
  const [one, other] = [effectsOf(a), effectsOf(b)];
  return apartFrom(one, other) && apartFrom(other, one);
}

/** Whether nothing that `a` writes is touched by `b`. A sum that is to be a buffer still has the name of its variable. */
function apartFrom(a: Effects, b: Effects): boolean {
  const made = [...a.assigns, ...a.defines].filter((name) => !a.indices.has(name));
  const written = a.accesses.flatMap((access) => (access.kind === "load" ? [] : [access.buffer]));
  const touched = new Set([...b.reads, ...b.assigns, ...b.accesses.map((access) => access.buffer)]);
  return [...made, ...written].every((name) => !touched.has(name));
}
