/**
 * The largest or smallest of a few elements, and the position of it, without branches:
 *
 *   var m = -∞; for s < 2 { m max= X[i + s] }   becomes   at = [m = m] · [¬(X[i + 1] ≤ m)], with X[i] for m; m = X[i + at]
 *
 * Which of them is larger is not to be foreseen, so a branch on it is mispredicted every other time, and
 * `Math.max` is such a branch. A comparison kept as a number and one load more take less time. The first NaN counts
 * as the extremum, as ever; of zeros of both signs, the first one is taken.
 */
import { call, folded, minus, plus, times } from "../loop/integer.ts";
import { constant, named, type Nest, type Scalar, type Statement } from "../loop/nest.ts";
import { printScalar } from "../loop/print.ts";
import { withBody, withBranches } from "../loop/remade.ts";
import { naming, replaced } from "../loop/rewrite.ts";
import { effectsOf } from "./effects.ts";
import { withFresh, type Fresh } from "./fresh.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Let = Extract<Statement, { kind: "let" }>;
type Load = Extract<Scalar, { kind: "load" }>;

/** So many elements at most are compared without branches. */
const mostSteps = 4;

/** The nest with all such extrema of elements of an array. */
export const chooseExtrema = (nest: Nest): Nest => withFresh(nest, chosen);

function chosen(statements: readonly Statement[], fresh: Fresh): readonly Statement[] {
  let all: readonly Statement[] = statements.map((s) => {
    if (s.kind === "if") return withBranches(s, chosen(s.yes, fresh), chosen(s.no, fresh));
    return s.kind === "for" ? withBody(s, chosen(s.body, fresh)) : s;
  });
  for (const s of all) {
    const n = all.indexOf(s);
    if (s.kind === "for") all = withoutBranches(all, n, s, fresh) ?? all;
  }
  return all.length === statements.length && all.every((s, n) => s === statements[n]) ? statements : all;
}

/** An extremum that a loop looks for: the variables for its value and its position. */
interface Search {
  readonly most: boolean;
  /** What is compared, at each step. */
  readonly element: Load;
  readonly value: string;
  readonly position: string | undefined;
}

/** The statements with the loop at `n` written out; undefined where it does something else than look for extrema. */
function withoutBranches(
  statements: readonly Statement[],
  n: number,
  loop: Loop,
  fresh: Fresh,
): readonly Statement[] | undefined {
  const steps = stepsOf(loop);
  const searches = steps === undefined ? undefined : searchesIn(loop);
  if (steps === undefined || searches === undefined) return undefined;
  const starts = searches
    .flatMap(({ value, position }) => (position === undefined ? [value] : [value, position]))
    .map((name) => startOf(statements, n, name));
  if (starts.some((start) => start === undefined)) return undefined;
  const after = effectsOf(statements.slice(n + 1));
  const made = alike(searches).flatMap((same) => new Chain(same, loop.index, steps, after, fresh).out);
  const gone = new Set<Statement | undefined>(starts);
  return [...statements.slice(0, n).filter((s) => !gone.has(s)), ...made, ...statements.slice(n + 1)];
}

/** Searches for the same together. */
function alike(searches: readonly Search[]): readonly (readonly Search[])[] {
  const found = new Map<string, Search[]>();
  for (const s of searches) {
    const key = `${s.most} ${printScalar(s.element)}`;
    found.set(key, [...(found.get(key) ?? []), s]);
  }
  return [...found.values()];
}

/** The steps of a loop, where the text says them, and they are few. */
function stepsOf({ from, to, step }: Loop): readonly number[] | undefined {
  if (from.kind !== "const" || to.kind !== "const" || step !== undefined) return undefined;
  const count = to.value - from.value;
  return count > 1 && count <= mostSteps
    ? Array.from({ length: count }, (_, n) => from.value + n)
    : undefined;
}

function searchesIn({ index, body }: Loop): readonly Search[] | undefined {
  const lets = new Map<string, Scalar>();
  const found: Search[] = [];
  for (const s of body) {
    if (s.kind === "comment") continue;
    if (s.kind === "let" && !s.mutable) {
      lets.set(s.name, replaced(s.value, naming(lets)));
      continue;
    }
    const search = searchOf(s, index);
    const element = search && replaced(search.element, naming(lets));
    if (search === undefined || element?.kind !== "load" || element.type !== "real") return undefined;
    found.push({ ...search, element });
  }
  return found.length > 0 ? found : undefined;
}

/** What a statement looks for: `m max= x`, or where that is. */
function searchOf(s: Statement, index: string): (Omit<Search, "element"> & { element: Scalar }) | undefined {
  if (s.kind === "assign" && (s.by === "max" || s.by === "min"))
    return { most: s.by === "max", element: s.value, value: s.name, position: undefined };
  if (s.kind !== "if" || s.no.length > 0) return undefined;
  const [first, second, ...more] = s.yes;
  if (first?.kind !== "assign" || second?.kind !== "assign" || more.length > 0) return undefined;
  if (second.value.kind !== "name" || second.value.name !== index) return undefined;
  const search = { element: first.value, value: first.name, position: second.name };
  const most = [true, false].find((m) => printScalar(s.guard) === printScalar(isBetter(search, m)));
  return most === undefined ? undefined : { ...search, most };
}

/** Whether an element is the first one, or beats those before it: as `loop/reduction.ts` has it. */
function isBetter(
  { element, value, position }: { element: Scalar; value: string; position: string },
  most: boolean,
): Scalar {
  const best = named(value, "real");
  const beats = call("and", call("eq", best, best), call("not", call(most ? "le" : "ge", element, best)));
  return call("or", call("lt", named(position, "int"), constant(0)), beats);
}

/** Where a variable starts with a constant that nothing reads or changes before the statement at `n`. */
function startOf(statements: readonly Statement[], n: number, name: string): Let | undefined {
  const begin = statements.findIndex((s) => s.kind === "let" && s.name === name);
  const start = statements[begin];
  if (begin > n || start?.kind !== "let" || !start.mutable || start.value.kind !== "const") return undefined;
  const { reads, assigns } = effectsOf(statements.slice(begin + 1, n));
  return reads.has(name) || assigns.has(name) ? undefined : start;
}

/** Comparisons of one element after another, for all that look for the same. */
class Chain {
  readonly out: Statement[] = [];
  readonly #index: string;
  readonly #element: Load;
  readonly #most: boolean;

  constructor(
    same: readonly Search[],
    index: string,
    [first, ...others]: readonly number[],
    after: ReturnType<typeof effectsOf>,
    fresh: Fresh,
  ) {
    const { element, most, value } = same[0]!;
    this.#index = index;
    this.#element = element;
    this.#most = most;
    const isRead = (name: string): boolean => after.reads.has(name) || after.assigns.has(name);
    const needed = same.some((s) => isRead(s.value));
    const positions = same.flatMap(({ position }) => position ?? []);
    const [position = fresh("at")] = positions;
    const last = others.at(-1)!;
    let before = constant(first!);
    this.#let(value, this.#at(before), needed || others.length > 1);
    for (const step of others) {
      const x = fresh(`${element.buffer}_${index}`);
      this.#let(x, this.#at(constant(step)), false);
      const beats = this.#beats(named(x, "real"), named(value, "real"));
      // A constant for each step: elements are told apart by how their places are written.
      const name = step === last ? position : fresh("at");
      this.#let(name, plus(before, times(beats, minus(constant(step), before))), after.assigns.has(name));
      before = named(name, "int");
      if (step !== last || needed)
        this.out.push({ kind: "assign", name: value, by: "set", value: this.#at(before) });
    }
    for (const name of positions.slice(1)) this.#let(name, named(position, "int"), after.assigns.has(name));
    for (const s of same.slice(1))
      if (isRead(s.value)) this.#let(s.value, named(value, "real"), after.assigns.has(s.value));
  }

  #let(name: string, value: Scalar, mutable: boolean): void {
    this.out.push({ kind: "let", name, type: value.type, value, mutable });
  }

  /** The element at a step. */
  #at(step: Scalar): Scalar {
    const by = naming(new Map([[this.#index, step]]));
    return { ...this.#element, offset: folded(replaced(this.#element.offset, by)) };
  }

  /** 1 where an element beats the best one so far, else 0. */
  #beats(element: Scalar, best: Scalar): Scalar {
    const beaten = call("not", call(this.#most ? "le" : "ge", element, best));
    return call("mul", call("iverson", call("eq", best, best)), call("iverson", beaten));
  }
}
