/**
 * Factors computed once: of a product in loops, what does not change along some of them is computed before.
 *
 *   for d { for k { if a[k] > 0 { dW[d * K + k] += 2 * X[i * D + d] * exp(t[k]) } } }
 *
 * becomes
 *
 *   for k { factor[k] = a[k] > 0 ? 2 * exp(t[k]) : 0 }
 *   for d { for k { dW[d * K + k] += X[i * D + d] * factor[k] } }
 *
 * which is a contraction. What the condition rules out then adds exactly 0, unless the other factor is infinite
 * or NaN there.
 */
import { call } from "../loop/integer.ts";
import type { Names } from "../loop/identifier.ts";
import {
  constant,
  load,
  named,
  parts,
  select,
  type Nest,
  type Range,
  type Scalar,
  type Statement,
} from "../loop/nest.ts";
import { printScalar } from "../loop/print.ts";
import { remadeAssign, remadeStore, withBody } from "../loop/remade.ts";
import { naming, replaced, rewritten } from "../loop/rewrite.ts";
import { surrounded } from "./around.ts";
import { recognise } from "./contraction.ts";
import { effectsOf } from "./effects.ts";
import { mentions } from "./polynomial.ts";
import { placeOf, Scratch } from "./scratch.ts";
import { noWindows } from "./windows.ts";

/** The nest with the factors of sums in its passes computed once. */
export function computeFactors(nest: Nest, names: Names): Nest {
  const scratch = new Scratch(nest);
  const body = nest.body.map((s) => {
    if (s.kind !== "for") return s;
    const factors = new Factors(scratch, names);
    return withBody(
      s,
      s.body.flatMap((t) => factors.apart(t)),
    );
  });
  return { ...nest, buffers: scratch.buffers, body };
}

/** A sum in loops: what is added, and where. */
interface Sum {
  readonly ranges: readonly Range[];
  readonly guard: Scalar | undefined;
  readonly value: Scalar;
  /** The statement with another value added, without a condition. */
  readonly adding: (value: Scalar) => Statement;
}

/** A product in two parts. */
interface Split {
  /** What it depends on. */
  readonly ranges: readonly Range[];
  readonly computed: Scalar;
  readonly rest: readonly Scalar[];
  /** The one array that it reads as it is, if there is no more to it than a condition. */
  readonly masked: string | undefined;
}

class Factors {
  readonly #scratch: Scratch;
  readonly #names: Names;
  /** Factors that are there already. */
  readonly #made = new Map<string, Scalar>();

  constructor(scratch: Scratch, names: Names) {
    this.#scratch = scratch;
    this.#names = names;
  }

  /** A statement of a row, with what computes its factor before it. */
  apart(s: Statement): readonly Statement[] {
    const sum = sumIn(s, []);
    const product = sum && split(sum);
    if (sum === undefined || product === undefined) return [s];
    if (product.ranges.some((r) => this.#scratch.extentOf(r) === undefined)) return [s];
    if (isOfInside(s, product)) return [s];
    const key = printScalar(product.computed);
    const known = this.#made.get(key);
    const factor = known ?? this.#place(product);
    const plain = sum.adding(call("mul", ...product.rest, factor));
    if (recognise([plain], 0, noWindows) === undefined) return [s];
    if (known !== undefined) return [plain];
    this.#made.set(key, factor);
    return [this.#computation(product, factor), plain];
  }

  /** Where the factor goes. */
  #place({ ranges, masked }: Split): Scalar {
    const name = this.#names.fresh(masked === undefined ? "factor" : `${masked}_masked`);
    return ranges.length === 0 ? named(name, "real") : load(name, placeOf(ranges), "real");
  }

  #computation({ ranges, computed, masked }: Split, factor: Scalar): Statement {
    if (factor.kind !== "load")
      return { kind: "let", name: printScalar(factor), type: "real", value: computed, mutable: false };
    const { buffer, offset } = factor;
    this.#scratch.add(buffer, masked ?? buffer, ranges);
    const store: Statement = { kind: "store", buffer, offset, by: "set", value: computed };
    return surrounded(store, ranges);
  }
}

/** Whether what would be computed before the loops is made of what they define. */
function isOfInside(s: Statement, { ranges, computed }: Split): boolean {
  const { defines } = effectsOf([s]);
  return [...defines].some((name) => !ranges.some((r) => r.index === name) && mentions(computed, name));
}

/** The one sum that loops add up; undefined where there are several, or none. */
function sumIn(s: Statement, around: readonly Range[]): Sum | undefined {
  if (s.kind === "if") {
    const [only, ...others] = withoutConstants(s.yes);
    const sum = others.length > 0 || s.no.length > 0 || only === undefined ? undefined : sumIn(only, around);
    return sum?.guard === undefined && sum?.ranges === around ? { ...sum, guard: s.guard } : undefined;
  }
  if ((s.kind === "store" || s.kind === "assign") && s.by === "add")
    return {
      ranges: around,
      guard: undefined,
      value: s.value,
      adding: (value) =>
        s.kind === "store" ? remadeStore(s, s.offset, value) : remadeAssign(s, s.name, value),
    };
  if (s.kind !== "for" || s.step !== undefined) return undefined;
  const ranges = [...around, { index: s.index, from: s.from, to: s.to }];
  const body = withoutConstants(s.body);
  const sums = body.map((t) => sumIn(t, ranges));
  const at = sums.findIndex((sum) => sum !== undefined);
  if (at < 0 || sums.filter((sum) => sum !== undefined).length > 1) return undefined;
  const sum = sums[at]!;
  return { ...sum, adding: (value) => withBody(s, body.with(at, sum.adding(value))) };
}

/** A body with its constants put where they are read, if they are plain, or one statement alone reads them. */
function withoutConstants(body: readonly Statement[]): readonly Statement[] {
  const isAlone = body.filter((s) => s.kind !== "let").length === 1;
  const values = new Map<string, Scalar>();
  const rest: Statement[] = [];
  for (const s of body) {
    const value = s.kind === "let" && !s.mutable ? replaced(s.value, naming(values)) : undefined;
    if (s.kind === "let" && value !== undefined && (isAlone || isPlain(value))) values.set(s.name, value);
    else rest.push(rewritten(s, naming(values)));
  }
  return rest;
}

/** No function in it: as good read twice as kept. */
const isPlain = (s: Scalar): boolean =>
  (s.kind !== "apply" || ["add", "sub", "mul", "neg"].includes(s.op)) &&
  s.kind !== "select" &&
  parts(s).every(isPlain);

/**
 * The condition and all that is not an element of an array, with the arrays that vary along no other range, apart from
 * the rest. Undefined where the product is two arrays already, or nothing is left.
 */
function split({ ranges, guard, value }: Sum): Split | undefined {
  const factors = factorsOf(value);
  const arrays = factors.filter(isArray);
  if (guard === undefined && factors.length === arrays.length && arrays.length <= 2) return undefined;
  if (guard !== undefined && !isAboutValues(guard)) return undefined;
  const along = (s: Scalar) => ranges.filter((r) => mentions(s, r.index));
  const own = [...(guard ? [guard] : []), ...factors.filter((f) => !isArray(f))];
  const bare = ranges.filter((r) => own.some((s) => mentions(s, r.index)));
  // Numbers go with the arrays that vary along the same, where these are several, else with the one that varies least.
  const beside = (f: Scalar) => arrays.filter((g) => along(g).every((r) => along(f).includes(r))).length;
  const several = (f: Scalar) => (beside(f) < arrays.length ? beside(f) : 1);
  const least = arrays.toSorted((a, b) => several(b) - several(a) || along(a).length - along(b).length)[0];
  const few = bare.length === 0 && least !== undefined && along(least).length > 0 ? along(least) : bare;
  const on = arrays.filter((f) => !along(f).every((r) => few.includes(r))).length > 1 ? butOne() : few;
  const goes = (f: Scalar) => !isArray(f) || along(f).every((r) => on.includes(r));
  /** What all but one of the arrays vary along, the one that is left in being the one along the memory: a product of two. */
  function butOne(): readonly Range[] {
    const inner = ranges.at(-1);
    const last = arrays.filter((f) => inner !== undefined && mentions(f, inner.index));
    const others = [...own, ...arrays.filter((f) => f !== last[0])];
    return last.length === 1 ? ranges.filter((r) => others.some((f) => mentions(f, r.index))) : few;
  }
  const rest = factors.filter((f) => !goes(f));
  if (rest.length === 0) return undefined;
  // X[k - 1] where k ≠ 0: what is ruled out may lie outside of the array.
  if (guard !== undefined && rulesOutIndices(guard) && !rest.every(isStraight)) return undefined;
  const gone = factors.filter(goes);
  const product =
    gone.length === 0 ? constant(1, "real") : gone.length === 1 ? gone[0]! : call("mul", ...gone);
  const [only] = gone;
  return {
    ranges: on,
    computed: guard === undefined ? product : select(guard, product, constant(0, product.type)),
    rest,
    masked: gone.length === 1 && only?.kind === "load" && guard !== undefined ? only.buffer : undefined,
  };
}

/** A condition that no array's bounds rely on: it compares real numbers, or rules out single indices. */
const isAboutValues = (guard: Scalar): boolean =>
  guard.kind === "apply" &&
  (guard.op === "and" || guard.op === "or" || guard.op === "not"
    ? guard.args.every(isAboutValues)
    : guard.op === "ne" || guard.args.some((a) => a.type === "real"));

const rulesOutIndices = (guard: Scalar): boolean =>
  guard.kind === "apply" &&
  (guard.op === "ne" ? guard.args.every((a) => a.type === "int") : guard.args.some(rulesOutIndices));

/** Whether an array is read at its indices as they are, nothing added or taken away. */
const isStraight = (f: Scalar): boolean => f.kind !== "load" || isPlace(f.offset);

const isPlace = (s: Scalar): boolean =>
  s.kind === "name" ||
  (s.kind === "apply" && s.op === "add" && s.args.every(isPlace)) ||
  (s.kind === "apply" && s.op === "mul" && s.args.every((a) => a.kind === "const" || isPlace(a)));

const isArray = (f: Scalar): boolean => f.kind === "load" && f.type === "real";

const factorsOf = (s: Scalar): readonly Scalar[] =>
  s.kind !== "apply"
    ? [s]
    : s.op === "mul"
      ? s.args.flatMap(factorsOf)
      : s.op === "neg"
        ? [constant(-1, "real"), ...factorsOf(s.args[0]!)]
        : [s];
