/**
 * Contractions, recognised: loops that add up products.
 *
 *   for j { for d { s[j] += X[d] * W[d * C + j] } }                      added where it belongs
 *   for j { var sum = 0; for d { sum += … }; s[j] = g(sum) }            added up in a variable
 *   var s = 0; for d { s += X[d] * w[d] }                               one number
 *
 * Factors are loads, names and constants, and an offset moves by the same stride wherever an index takes
 * a step. Indices that conditions or the bounds of other loops depend on, as those of a window do, stay
 * outside as loops around a contraction of the others. Where this cannot be told, nothing is recognised.
 */
import { constant, load, parts, type Range, type Scalar, type Statement } from "../loop/nest.ts";
import { effectsOf } from "./effects.ts";
import {
  along,
  isZero,
  mentions,
  polynomial,
  product,
  ratio,
  scalarOf,
  strideOf,
  type Polynomial,
} from "./polynomial.ts";
import { naming, replaced, rewritten } from "./rewrite.ts";
import { isShort, windowsOutside, type Windows } from "./windows.ts";

export type Contract = Extract<Statement, { kind: "contract" }>;
type Loop = Extract<Statement, { kind: "for" }>;

/** A loop or a condition that something stands in. */
export type Around = Range | { readonly guard: Scalar };

/** An offset that is another for all values of the ranges. */
export interface Places {
  readonly offset: Scalar;
  readonly frees: readonly Range[];
}

export interface Recognised {
  /** How many statements it stands for. */
  readonly length: number;
  readonly contract: Contract;
  /** Where it adds, as it was before windows went outside: that each sum has a place of its own is easier seen there. */
  readonly places: Places;
  /** Loops and conditions around it. */
  readonly around: readonly Around[];
  /** Sets the sums to zero; empty where they add to what is there. */
  readonly start: readonly Statement[];
  /** What is made of the sums, in their places. */
  readonly finish: readonly Statement[];
  /** The variable that the sum was in, where it was one number: `contract` adds to a buffer of that name, at 0. */
  readonly variable: string | undefined;
}

/** The contraction that begins at `statements[at]`, if there is one; `windows` says what is a window. */
export function recognise(
  statements: readonly Statement[],
  at: number,
  windows: Windows,
): Recognised | undefined {
  const s = statements[at];
  if (s === undefined) return undefined;
  if (s.kind === "for") return inLoops(s, windows);
  if (s.kind === "let") return inVariable(s, statements[at + 1], windows);
  return undefined;
}

/** Puts a statement into loops and conditions, the first outermost. */
export const surrounded = (statement: Statement, around: readonly Around[]): Statement =>
  around.reduceRight<Statement>(
    (inner, a) =>
      "guard" in a
        ? { kind: "if", guard: a.guard, yes: [inner], no: [] }
        : { kind: "for", ...a, body: [inner] },
    statement,
  );

/** Constants put into what follows them: those at the beginning of a body, and those that read no array. */
function opened(body: readonly Statement[]): readonly Statement[] {
  const values = new Map<string, Scalar>();
  const rest: Statement[] = [];
  for (const s of body) {
    if (s.kind === "let" && !s.mutable && (rest.length === 0 || isOfIndices(s.value)))
      values.set(s.name, replaced(s.value, naming(values)));
    else rest.push(rewritten(s, naming(values)));
  }
  return rest;
}

const isOfIndices = (s: Scalar): boolean =>
  s.type === "int" && s.kind !== "load" && parts(s).every(isOfIndices);

interface Path {
  readonly around: readonly Around[];
  readonly body: readonly Statement[];
}

/** Loops and conditions that hold nothing but each other, and what the innermost holds. */
function descended(s: Statement): Path | undefined {
  if (s.kind === "if" && s.no.length > 0) return undefined;
  if (s.kind !== "if" && (s.kind !== "for" || s.step !== undefined)) return undefined;
  const own: Around = s.kind === "if" ? { guard: s.guard } : { index: s.index, from: s.from, to: s.to };
  const body = opened(s.kind === "if" ? s.yes : s.body);
  const [only] = body;
  if (body.length !== 1 || (only?.kind !== "for" && only?.kind !== "if")) return { around: [own], body };
  const inner = descended(only);
  return inner && { around: [own, ...inner.around], body: inner.body };
}

const rangesOf = (around: readonly Around[]): readonly Range[] =>
  around.flatMap((a) => ("guard" in a ? [] : [a]));

function inLoops(loop: Loop, windows: Windows): Recognised | undefined {
  const path = descended(loop);
  if (path === undefined) return undefined;
  const { around, body } = path;
  const [last] = body;
  if (body.length === 1 && last?.kind === "store" && last.by === "add") {
    const found = contraction(last.buffer, last.offset, around, last.value, windows);
    return found && { ...found, length: 1, start: [], finish: [], variable: undefined };
  }
  return summed(around, body, windows);
}

/** Sums that are added up in a variable each, then stored. */
function summed(
  outside: readonly Around[],
  body: readonly Statement[],
  windows: Windows,
): Recognised | undefined {
  const [variable, loop, ...others] = body;
  if (variable?.kind !== "let" || loop?.kind !== "for") return undefined;
  const sum = sumOf(variable, loop);
  const [store, ...more] = opened(others);
  if (sum === undefined || store?.kind !== "store" || more.length > 0) return undefined;
  if (store.by !== "set" && store.by !== "add") return undefined;
  if (!rangesOf(outside).every((r) => mentions(store.offset, r.index))) return undefined;
  const found = contraction(store.buffer, store.offset, [...outside, ...sum.around], sum.value, windows);
  const reads = effectsOf(others).accesses.some((a) => a.kind === "load" && a.buffer === store.buffer);
  if (found === undefined || reads) return undefined;
  const done = store.value.kind === "name" && store.value.name === variable.name;
  if (store.by === "add")
    return done ? { ...found, length: 1, start: [], finish: [], variable: undefined } : undefined;
  const place = load(store.buffer, store.offset, variable.type);
  const value = replaced(store.value, naming(new Map([[variable.name, place]])));
  return {
    ...found,
    length: 1,
    start: [surrounded({ ...store, value: constant(0, variable.type) }, outside)],
    finish: done ? [] : [surrounded({ ...store, value }, outside)],
    variable: undefined,
  };
}

function inVariable(
  variable: Extract<Statement, { kind: "let" }>,
  loop: Statement | undefined,
  windows: Windows,
): Recognised | undefined {
  if (loop?.kind !== "for") return undefined;
  const sum = sumOf(variable, loop);
  const found = sum && contraction(variable.name, constant(0), sum.around, sum.value, windows);
  return found && { ...found, length: 2, start: [], finish: [], variable: variable.name };
}

/** `var x = 0` and loops that add to it. */
function sumOf(variable: Extract<Statement, { kind: "let" }>, loop: Loop) {
  const { value, name, mutable, type } = variable;
  if (!mutable || type !== "real" || value.kind !== "const" || !Object.is(value.value, 0)) return undefined;
  const path = descended(loop);
  const [only, ...others] = path?.body ?? [];
  if (path === undefined || only?.kind !== "assign" || others.length > 0) return undefined;
  if (only.by !== "add" || only.name !== name || mentions(only.value, name)) return undefined;
  return { around: path.around, value: only.value };
}

/** The contraction of what is added to an element in loops: those that others depend on stay around it, and short ones beside longer ones. */
function contraction(
  buffer: string,
  place: Scalar,
  loops: readonly Around[],
  value: Scalar,
  windows: Windows,
): Pick<Recognised, "contract" | "around" | "places"> | undefined {
  const written = factorsOf(value);
  if (written === undefined) return undefined;
  const { path, instead } = windowsOutside(loops, windows);
  const by = naming(instead);
  const moved = (s: Scalar): Scalar => (instead.size === 0 ? s : scalarOf(polynomial(replaced(s, by))));
  const offset = moved(place);
  const factors = written.map((f) => (f.kind === "load" ? { ...f, offset: moved(f.offset) } : f));
  const bounds = path.flatMap((a) => ("guard" in a ? [a.guard] : [a.from, a.to]));
  const open = rangesOf(path).filter((r) => !bounds.some((bound) => mentions(bound, r.index)));
  const long = open.filter((r) => !isShort(r, windows.sizes));
  const roles = new Set(long.map((r) => roleOf(r, offset, factors)));
  const ranges = open.filter((r) => long.includes(r) || !roles.has(roleOf(r, offset, factors)));
  const isOutside = (a: Around) => "guard" in a || !ranges.includes(a);
  const frees = ranges.filter((r) => mentions(offset, r.index));
  const sums = ranges.filter((r) => !mentions(offset, r.index));
  const contract: Contract = { kind: "contract", buffer, offset, frees, sums, factors };
  const places =
    instead.size === 0
      ? { offset, frees }
      : { offset: place, frees: rangesOf(loops).filter((r) => mentions(place, r.index)) };
  return isContraction(contract, places) ? { contract, places, around: path.filter(isOutside) } : undefined;
}

/** What an index moves: the sum, and which of the factors. */
const roleOf = ({ index }: Range, offset: Scalar, factors: readonly Scalar[]): string =>
  [offset, ...factors].map((s) => (mentions(s, index) ? "1" : "0")).join("");

function factorsOf(s: Scalar): readonly Scalar[] | undefined {
  if (s.kind === "select") return undefined;
  if (s.kind !== "apply") return [s];
  if (s.op === "mul") {
    const all = s.args.map(factorsOf);
    return all.every((f) => f !== undefined) ? all.flat() : undefined;
  }
  if (s.op === "neg") {
    const inner = factorsOf(s.args[0]!);
    return inner && [constant(-1, "real"), ...inner];
  }
  return undefined;
}

/** Whether a contraction is what it must be: rectangular, in even strides, each sum in a place of its own, which `places` tell. */
export function isContraction(
  { buffer, offset, frees, sums, factors }: Contract,
  places: Places = { offset, frees },
): boolean {
  const ranges = [...frees, ...sums];
  const rectangular = ranges.every(({ from, to }) =>
    ranges.every(({ index }) => !mentions(from, index) && !mentions(to, index)),
  );
  return (
    rectangular &&
    factors.every((f) => f.type === "real" || f.type === "int") &&
    factors.every((f) => f.kind !== "load" || f.buffer !== buffer) &&
    factors.every((f) => ranges.every(({ index }) => even(f, index))) &&
    sums.every(({ index }) => !mentions(offset, index)) &&
    distinct(places.offset, places.frees)
  );
}

/** A factor that does not change along an index, or is a load that takes even steps. */
function even(factor: Scalar, index: string): boolean {
  if (!mentions(factor, index)) return true;
  return factor.kind === "load" && strideOf(factor.offset, index) !== undefined;
}

/**
 * Whether different values of the ranges are different offsets, as in a row-major array: each
 * stride is a multiple of all that the next smaller one covers.
 */
function distinct(offset: Scalar, frees: readonly Range[]): boolean {
  const form = polynomial(offset);
  const strides = frees.map(({ index, to }) => ({ to, stride: along(form, index)?.stride }));
  const ordered = strides.toSorted((a, b) => degree(a.stride) - degree(b.stride));
  return ordered.every(({ to, stride }, n) => {
    if (stride === undefined || isZero(stride)) return false;
    const outer = ordered[n + 1]?.stride;
    const ends = to.kind === "apply" && to.op === "min" ? to.args : [to];
    return (
      outer === undefined || ends.some((e) => ratio(outer, product(stride, polynomial(e))) !== undefined)
    );
  });
}

/** Orders strides by how many sizes they multiply, then by their constant. */
const degree = (stride: Polynomial | undefined): number => {
  const terms = [...(stride?.values() ?? [])];
  return Math.max(0, ...terms.map((t) => t.atoms.length + 1 - 1 / (1 + Math.abs(t.coefficient))));
};

/** Whether some factor is the same for several of the sums, so that one load serves them all. */
export const gains = ({ frees, sums, factors }: Contract): boolean =>
  factors.length > 1 &&
  sums.length > 0 &&
  frees.some(({ index }) => factors.some((f) => f.kind === "load" && !mentions(f, index)));
