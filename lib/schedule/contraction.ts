/**
 * Contractions, recognised: loops that add up products.
 *
 *   for j { for d { s[j] += X[d] * W[d * C + j] } }                      added where it belongs
 *   for j { var sum = 0; for d { sum += … }; s[j] = g(sum) }            added up in a variable
 *   for j { var sum = 0; var sum2 = 0; …; s[j] = g(sum + sum2) }        several, added to each other
 *   var s = 0; for d { s += X[d] * w[d] }                               one number
 *
 * Factors are loads, names and constants, and an offset moves by the same stride wherever an index takes
 * a step. Indices that conditions or the bounds of other loops depend on, as those of a window do, stay
 * outside as loops around a contraction of the others. Where this cannot be told, nothing is recognised.
 */
import { call } from "../loop/integer.ts";
import { constant, load, operands, parts, type Range, type Scalar, type Statement } from "../loop/nest.ts";
import { remadeStore } from "../loop/remade.ts";
import { naming, replaced, rewritten, withParts } from "../loop/rewrite.ts";
import { rangesOf, surrounded, type Around } from "./around.ts";
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
import { isShort, windowsOutside, type Windows } from "./windows.ts";

export type Contract = Extract<Statement, { kind: "contract" }>;
type Loop = Extract<Statement, { kind: "for" }>;

/** An offset that is another for all values of the ranges. */
export interface Places {
  readonly offset: Scalar;
  readonly frees: readonly Range[];
}

/** A contraction, and the loops and conditions around it. */
export interface ContractionPart {
  readonly contract: Contract;
  /** Where it adds, as it was before windows went outside: that each sum has a place of its own is easier seen there. */
  readonly places: Places;
  readonly around: readonly Around[];
}

export interface Recognised {
  /** How many statements it stands for. */
  readonly length: number;
  /** One after another; all add to the same places. */
  readonly parts: readonly ContractionPart[];
  /** Sets the sums to zero; empty where they add to what is there. */
  readonly start: readonly Statement[];
  /** What is made of the sums, in their places. */
  readonly finish: readonly Statement[];
  /** The variable that the sum was in, where it was one number: the contraction adds to a buffer of that name, at 0. */
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
  if (s.kind === "for") return addsUp(s) ? inLoops(s, windows) : undefined;
  if (s.kind === "let") return inVariable(s, statements[at + 1], windows);
  return undefined;
}

/** Whether a loop holds nothing but what sums are made of: most loops hold more, and constants need not be put into them. */
function addsUp(s: Statement): boolean {
  if (s.kind === "for") return s.step === undefined && areAdding(s.body);
  return s.kind === "if" ? s.no.length === 0 && areAdding(s.yes) : isAdding(s);
}

function areAdding(body: readonly Statement[]): boolean {
  const rest = body.filter((s) => s.kind !== "let" || s.mutable);
  const has = (kind: Statement["kind"]): number => rest.filter((s) => s.kind === kind).length;
  return has("store") <= 1 && (rest.length === 1 || has("if") === 0) && rest.every(addsUp);
}

const isAdding = (s: Statement): boolean =>
  s.kind === "store" || (s.kind === "assign" && s.by === "add") || isZeroVariable(s);

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

function inLoops(loop: Loop, windows: Windows): Recognised | undefined {
  const path = descended(loop);
  if (path === undefined) return undefined;
  const { around, body } = path;
  const [last] = body;
  if (body.length === 1 && last?.kind === "store" && last.by === "add") {
    const found = operands("add", last.value).map((t) =>
      contraction(last.buffer, last.offset, around, t, windows),
    );
    if (!areAll(found)) return undefined;
    return { parts: found, length: 1, start: [], finish: [], variable: undefined };
  }
  return summed(around, body, windows);
}

/** Sums that are added up in variables, then stored: one and what is made of it, or several added to each other. */
function summed(
  outside: readonly Around[],
  body: readonly Statement[],
  windows: Windows,
): Recognised | undefined {
  const { sums, rest } = sumsOf(body);
  const [store, ...others] = opened(rest);
  const [first] = sums;
  if (first === undefined || store?.kind !== "store" || others.length > 0) return undefined;
  if (store.by !== "set" && store.by !== "add") return undefined;
  if (!rangesOf(outside).every((r) => mentions(store.offset, r.index))) return undefined;
  const { buffer, offset } = store;
  if (effectsOf(rest).accesses.some((a) => a.kind === "load" && a.buffer === buffer)) return undefined;
  const found = sums.flatMap((s) =>
    operands("add", s.value).map((t) => contraction(buffer, offset, [...outside, ...s.around], t, windows)),
  );
  const value = inPlaceOf(
    sums.map((s) => s.name),
    store.value,
    load(buffer, offset, "real"),
  );
  if (value === undefined || !areAll(found)) return undefined;
  const done = value.kind === "load";
  if (store.by === "add" && !done) return undefined;
  const set = store.by === "set";
  return {
    parts: found,
    length: 1,
    start: set ? [surrounded(remadeStore(store, store.offset, constant(0, "real")), outside)] : [],
    finish: done ? [] : [surrounded(remadeStore(store, store.offset, value), outside)],
    variable: undefined,
  };
}

/** A value with a place instead of the only sum in it, or instead of all of them where it adds them to each other, each once. */
function inPlaceOf(sums: readonly string[], value: Scalar, place: Scalar): Scalar | undefined {
  const isSum = (s: Scalar): boolean => s.kind === "name" && sums.includes(s.name);
  const holds = (s: Scalar): boolean => isSum(s) || parts(s).some(holds);
  if (sums.length === 1) return replaced(value, (s) => (isSum(s) ? place : undefined));
  if (value.kind !== "apply") return undefined;
  const terms = operands("add", value);
  const [own, others] = [terms.filter(isSum), terms.filter((t) => !isSum(t))];
  if (own.length > 0) {
    const isEach = sums.every((name) => own.filter((t) => t.kind === "name" && t.name === name).length === 1);
    return isEach && !others.some(holds) ? others.reduce((s, t) => call("add", s, t), place) : undefined;
  }
  const [only, ...more] = value.args.filter(holds);
  if (only === undefined || more.length > 0) return undefined;
  const inner = inPlaceOf(sums, only, place);
  return inner && withParts(value, (a) => (a === only ? inner : a));
}

const areAll = <T>(items: readonly (T | undefined)[]): items is readonly T[] =>
  items.every((item) => item !== undefined);

/** What a variable is the sum of. */
interface Sum {
  readonly name: string;
  readonly around: readonly Around[];
  readonly value: Scalar;
}

/** The variables that begin at 0 and have loops that add to them, one sum each, and the statements after those. */
function sumsOf(body: readonly Statement[]): {
  readonly sums: readonly Sum[];
  readonly rest: readonly Statement[];
} {
  const open = new Set<string>();
  const sums: Sum[] = [];
  for (const [n, s] of body.entries()) {
    if (isZeroVariable(s)) open.add(s.name);
    else if (s.kind === "for" && open.size > 0) {
      const added = addedIn(s, open);
      if (added === undefined) return { sums: [], rest: [] };
      for (const sum of added) open.delete(sum.name);
      sums.push(...added);
    } else return { sums: open.size === 0 ? sums : [], rest: body.slice(n) };
  }
  return { sums: [], rest: [] };
}

function inVariable(
  variable: Extract<Statement, { kind: "let" }>,
  loop: Statement | undefined,
  windows: Windows,
): Recognised | undefined {
  if (loop?.kind !== "for" || !isZeroVariable(variable) || !addsUp(loop)) return undefined;
  const [sum, ...others] = addedIn(loop, new Set([variable.name])) ?? [];
  if (sum === undefined || others.length > 0) return undefined;
  const found = operands("add", sum.value).map((t) =>
    contraction(variable.name, constant(0), sum.around, t, windows),
  );
  if (!areAll(found)) return undefined;
  return { parts: found, length: 2, start: [], finish: [], variable: variable.name };
}

/** `var x = 0` */
const isZeroVariable = (s: Statement): s is Extract<Statement, { kind: "let" }> =>
  s.kind === "let" &&
  s.mutable &&
  s.type === "real" &&
  s.value.kind === "const" &&
  Object.is(s.value.value, 0);

/** What loops add to variables, to each once; undefined where they do anything else. */
function addedIn(loop: Loop, variables: ReadonlySet<string>): readonly Sum[] | undefined {
  const path = descended(loop);
  if (path === undefined) return undefined;
  const sums: Sum[] = [];
  const constants = new Map<string, Scalar>();
  for (const s of path.body) {
    if (s.kind === "let" && !s.mutable) {
      constants.set(s.name, replaced(s.value, naming(constants)));
      continue;
    }
    const isSum = s.kind === "assign" && s.by === "add" && variables.has(s.name);
    if (!isSum || sums.some(({ name }) => name === s.name)) return undefined;
    const value = replaced(s.value, naming(constants));
    if ([...variables].some((name) => mentions(value, name))) return undefined;
    sums.push({ name: s.name, around: path.around, value });
  }
  return sums;
}

/** The contraction of what is added to an element in loops: those that others depend on stay around it, and short ones beside longer ones. */
function contraction(
  buffer: string,
  place: Scalar,
  loops: readonly Around[],
  value: Scalar,
  windows: Windows,
): ContractionPart | undefined {
  const written = factorsOf(value);
  if (written === undefined) return undefined;
  const { path, instead } = windowsOutside(loops, windows);
  const by = naming(instead);
  const moved = (s: Scalar): Scalar => (instead.size === 0 ? s : scalarOf(polynomial(replaced(s, by))));
  const offset = moved(place);
  const factors = written.map((f) => (f.kind === "load" ? load(f.buffer, moved(f.offset), f.type) : f));
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

/**
 * Whether the loop over an index is as well around a contraction as in it: other loops share what each factor reads,
 * and there is something to sum over. What one value of the index works on then stays in the cache.
 */
export function isAsWellAround({ frees, sums, factors }: Contract, index: string, windows: Windows): boolean {
  const isLong = (r: Range) => r.index !== index && !isShort(r, windows.sizes);
  const shared = (f: Scalar) =>
    f.kind !== "load" || frees.some((r) => isLong(r) && !mentions(f.offset, r.index));
  return factors.every(shared) && sums.some(isLong);
}
