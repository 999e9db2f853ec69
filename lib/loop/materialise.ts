/**
 * Reductions that get an array of their own.
 *
 * A reduction inside other loops is computed again for each of their values, also
 * for those that it does not depend on. Where that would happen, it becomes a
 * definition before the one that uses it, subscripted by its free indices.
 */
import type { Extent } from "../expr/extent.ts";
import {
  apply,
  at,
  children,
  freeIndices,
  read,
  rebuild,
  reduce,
  where,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import { anywhere, holdsReduction, partsOf } from "../expr/parts.ts";
import { conjuncts } from "./affine.ts";
import type { Style } from "./context.ts";
import { exponentials } from "./exponentials.ts";
import { isPreciseSum } from "./reduction.ts";
import { alongOf, scatters, topReductions } from "./stage.ts";
import { windowPlaces } from "./window-places.ts";
import type { Reach } from "./reach.ts";

/** A definition whose body may read reductions that were taken out; `formula` is what the user knows it as. */
export interface Parted extends Definition {
  readonly formula: Definition | undefined;
}

/** `definitions` with the reductions that deserve it taken out; `row` is the extent that rows are taken along. */
export function materialise(
  definitions: readonly Definition[],
  row: Extent | undefined,
  reach: Reach,
  style: Style,
): readonly Parted[] {
  const counts = occurrences(definitions);
  const out: Parted[] = [];
  const known = new Map<Expr, Expr>();
  let taken = 0;

  /** Takes reductions out of a body computed inside the loops of `around`, outermost first; of a body that is its `own` array's only reduction, not that one. */
  const process = (name: string, body: Expr, around: readonly Index[], own: boolean): Expr => {
    const walk = (e: Expr, scope: Scope): Expr => {
      const seen = scope.memo.get(e);
      if (seen !== undefined) return seen;
      const made = step(e, scope);
      scope.memo.set(e, made);
      return made;
    };
    const step = (e: Expr, scope: Scope): Expr => {
      if (e.kind === "where") {
        const [yes, no] = [inner(scope, [], conjuncts(e.guard)), inner(scope, [], [apply("not", e.guard)])];
        return where(walk(e.guard, scope), walk(e.then, yes), walk(e.else, no));
      }
      if (e.kind !== "reduce") return rebuild(e, (child) => walk(child, scope));
      const earlier = own && scope.top === e ? undefined : known.get(e);
      if (earlier !== undefined) return earlier;
      if (deserves(e, scope)) return takeOut(e, scope);
      if (style === "fused" && takesLargestOff(e)) return e;
      const home = hoisted(scope, e, reach);
      const body = inner(home, [e.over], conjuncts(e.guard), e.op === "logsumexp");
      return reduce(e.op, e.over, e.guard && walk(e.guard, inner(home, [e.over], [])), walk(e.body, body));
    };
    const deserves = (e: Node<"reduce">, scope: Scope): boolean => {
      if (scope.loops.length === 0 || (own && scope.top === e)) return false;
      const free = new Set(freeIndices(e));
      const places = [...free].map((i) => scope.loops.lastIndexOf(i));
      const deepest = Math.max(-1, ...places);
      const repeats = scope.loops.some((i, n) => n < deepest && !free.has(i));
      const shared =
        (counts.get(e) ?? 0) > 1 &&
        (free.size > 1 || [...free].some((i) => i.extent !== row)) &&
        !isOfOneElement(e, body, definitions);
      const twice = scope.twice !== undefined && free.has(scope.twice);
      const scattered = !scope.reduces && e.over.extent !== row && scatters({ indices: around }, e);
      // Where a condition chooses it, it would start anew each time; by itself it goes on from where it was.
      const runs = style === "fused" && scope.facts.length > 0 && alongOf(e, scope.loops) !== undefined;
      return (
        (repeats || shared || twice || scattered || runs) && (scope.facts.length === 0 || reach.inside(e, []))
      );
    };
    const takeOut = (e: Node<"reduce">, scope: Scope): Expr => {
      const indices = freeIndices(e).toSorted(
        (a, b) => scope.loops.lastIndexOf(a) - scope.loops.lastIndexOf(b),
      );
      const part = `${name}•${taken++}`;
      out.push({ name: part, indices, body: process(name, e, indices, true), formula: undefined });
      const reading = read(part, indices.map(at), e.type);
      known.set(e, reading);
      return reading;
    };
    return walk(body, {
      loops: around,
      facts: [],
      twice: undefined,
      reduces: false,
      memo: new Map(),
      top: body,
    });
  };

  const fromWindows = (d: Definition) =>
    style === "fused" && windowPlaces(d.body, d.indices, reach) !== undefined;
  /** What was taken out for a place inside of a sum serves those before it, too. */
  const processed = (d: Definition, own: boolean): Expr => {
    const before = taken;
    const body = process(d.name, d.body, d.indices, own);
    return taken === before || own ? body : process(d.name, body, d.indices, own);
  };
  for (const d of definitions) {
    const own = d.body.kind === "reduce" && sameIndices(freeIndices(d.body), d.indices);
    out.push({
      ...d,
      body: fromWindows(d) ? d.body : processed(d, own),
      formula: d.name.includes("•") ? undefined : d,
    });
    if (own) known.set(d.body, read(d.name, d.indices.map(at), d.body.type));
  }
  return out;
}

/** Whether a sum of exponentials finds the largest exponent itself: that is no reduction of its own then. */
function takesLargestOff(e: Node<"reduce">): boolean {
  const sum = e.op === "sum" ? exponentials(e) : undefined;
  return sum !== undefined && sum.shift === undefined && ![sum.exponent, sum.weight].some(holdsReduction);
}

/** Where an expression stands: the loops around it, the conditions that hold, and the index of a body that is computed twice. */
interface Scope {
  readonly loops: readonly Index[];
  readonly facts: readonly Expr[];
  readonly twice: Index | undefined;
  /** Whether that is inside of a reduction. */
  readonly reduces: boolean;
  readonly memo: Map<Expr, Expr>;
  readonly top: Expr;
}

const inner = (scope: Scope, loops: readonly Index[], facts: readonly Expr[], twice = false): Scope => ({
  loops: [...scope.loops, ...loops],
  facts: [...scope.facts, ...facts],
  twice: twice ? loops[0] : loops.length > 0 ? undefined : scope.twice,
  reduces: scope.reduces || loops.length > 0,
  memo: new Map(),
  top: scope.top,
});

/** A reduction leaves the loops inside of the last that it depends on: what it holds is not computed again for them. */
function hoisted(scope: Scope, e: Node<"reduce">, reach: Reach): Scope {
  if (scope.facts.length > 0 && !reach.inside(e, [])) return scope;
  const last = Math.max(-1, ...freeIndices(e).map((i) => scope.loops.lastIndexOf(i)));
  return last === scope.loops.length - 1 ? scope : { ...scope, loops: scope.loops.slice(0, last + 1) };
}

const sameIndices = (a: readonly Index[], b: readonly Index[]): boolean =>
  a.length === b.length && a.every((i) => b.includes(i));

/**
 * Whether a compensated sum is needed for one element of one array only, however often: it is added up in
 * variables beside what reads it.
 */
function isOfOneElement(e: Node<"reduce">, body: Expr, definitions: readonly Definition[]): boolean {
  if (!isPreciseSum(e)) return false;
  const tops = topReductions(body);
  return (
    tops.includes(e) &&
    !tops.some((top) => top !== e && anywhere(top, (part) => part === e)) &&
    definitions.filter((d) => partsOf(d.body).has(e)).length === 1
  );
}

/** How many expressions have each expression as a direct part, over all definitions. */
export function occurrences(definitions: readonly { readonly body: Expr }[]): ReadonlyMap<Expr, number> {
  const counts = new Map<Expr, number>();
  const visit = (e: Expr): void => {
    const count = (counts.get(e) ?? 0) + 1;
    counts.set(e, count);
    if (count === 1) children(e).forEach(visit);
  };
  for (const { body } of definitions) visit(body);
  return counts;
}
