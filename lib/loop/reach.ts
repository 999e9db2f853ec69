/**
 * Which reads are sure to be inside their arrays, so that an expression may be
 * computed before the conditions around it are known.
 *
 * A read that is inside only thanks to a guard (padding, an ignored label) must
 * stay behind that guard: in C it would read foreign memory.
 */
import { extentKey, fixedExtent, placesOf, type Extent } from "../expr/extent.ts";
import { apply, children, type Expr, type Index } from "../expr/node.ts";
import { fresh } from "../expr/substitute.ts";
import type { Bound } from "../expr/program.ts";
import { affine, conjuncts } from "./affine.ts";

export class Reach {
  /** For each subscript and extent checked at the door: the conditions under which it was. */
  readonly #checked = new Map<string, (readonly Expr[])[]>();
  readonly #shapes: ReadonlyMap<string, readonly Extent[]>;
  readonly #always: readonly Bound[];
  readonly #everywhere = new Map<Expr, boolean>();

  /** `shapes` has the extents of every array that expressions read. */
  constructor(bounds: readonly Bound[], shapes: ReadonlyMap<string, readonly Extent[]>) {
    this.#shapes = shapes;
    this.#always = bounds.filter((b) => conjuncts(b.guard).every(isExtent));
    for (const { subscript, extent, guard } of bounds) {
      const key = keyOf(subscript, extent);
      const guards = this.#checked.get(key) ?? [];
      guards.push(conjuncts(guard).map(upright));
      this.#checked.set(key, guards);
    }
  }

  /**
   * The place in a window that is inside of an axis with this index, wherever the window is, as was checked or as the extent
   * says: stride·p + shift and the place, with p below `over`.
   */
  placeIn(
    { name, extent }: Index,
    { over, stride, shift }: { readonly over: Extent; readonly stride: number; readonly shift: number },
  ): { readonly index: Index; readonly size: number } | undefined {
    const own = shift === 0 ? placesOf(extent, over, stride) : undefined;
    if (own !== undefined) return { index: fresh(name, fixedExtent(own), new Set([name])), size: own };
    for (const bound of this.#always) {
      if (bound.extent !== extent) continue;
      const { terms, constant } = affine(bound.subscript);
      const [place, ...more] = [...terms].filter(([, times]) => times === 1).map(([e]) => e);
      const moves = [...terms].some(
        ([e, times]) => e.kind === "index" && e.index.extent === over && times === stride,
      );
      if (constant !== shift || terms.size !== 2 || !moves || place?.kind !== "index" || more.length > 0)
        continue;
      const { index } = place;
      if (index.extent.kind === "fixed") return { index, size: index.extent.value };
    }
    return undefined;
  }

  /** Whether every read in `e` is inside its array when `facts` hold. */
  inside(e: Expr, facts: readonly Expr[]): boolean {
    return this.#total(e) || this.#insideUnder(e, new Set(facts.flatMap(conjuncts).map(upright)));
  }

  #total(e: Expr): boolean {
    let known = this.#everywhere.get(e);
    if (known === undefined) {
      known = this.#ownReadInside(e, new Set()) && children(e).every((child) => this.#total(child));
      this.#everywhere.set(e, known);
    }
    return known;
  }

  #insideUnder(e: Expr, facts: ReadonlySet<Expr>): boolean {
    if (this.#total(e)) return true;
    if (!this.#ownReadInside(e, facts)) return false;
    const given = (more: Expr | undefined): ReadonlySet<Expr> =>
      new Set([...facts, ...conjuncts(more).map(upright)]);
    switch (e.kind) {
      case "where":
        return (
          this.#insideUnder(e.guard, facts) &&
          this.#insideUnder(e.then, given(e.guard)) &&
          this.#insideUnder(e.else, given(apply("not", e.guard)))
        );
      case "reduce":
        return (
          conjuncts(e.guard).every((c) => this.#insideUnder(c, given(e.guard))) &&
          this.#insideUnder(e.body, given(e.guard))
        );
      default:
        return children(e).every((child) => this.#insideUnder(child, facts));
    }
  }

  #ownReadInside(e: Expr, facts: ReadonlySet<Expr>): boolean {
    if (e.kind !== "read") return true;
    const shape = this.#shapes.get(e.name);
    return e.at.every((subscript, axis) => {
      const extent = shape?.[axis];
      return extent !== undefined && this.within(subscript, extent, facts);
    });
  }

  /** Whether 0 ≤ subscript < extent is known when `facts` hold. */
  within(subscript: Expr, extent: Extent, facts: ReadonlySet<Expr> = new Set()): boolean {
    if (subscript.kind === "index" && subscript.index.extent === extent) return true;
    if (
      subscript.kind === "reduce" &&
      positions.has(subscript.op) &&
      subscript.guard === undefined &&
      subscript.over.extent === extent
    )
      return true;
    const guards = this.#checked.get(keyOf(subscript, extent)) ?? [];
    return guards.some((guard) => guard.every((c) => facts.has(c)));
  }
}

/** r < 2 of an index that has two values. */
function isExtent(c: Expr): boolean {
  if (c.kind !== "apply" || c.op !== "lt") return false;
  const [i, end] = c.args;
  return (
    i?.kind === "index" &&
    end?.kind === "num" &&
    i.index.extent.kind === "fixed" &&
    i.index.extent.value <= end.value
  );
}

const positions: ReadonlySet<string> = new Set(["argmax", "argmin"]);

const keyOf = (subscript: Expr, extent: Extent): string => `${subscript.id} ${extentKey(extent)}`;

/** One spelling for conditions that say the same: `b > a` as `a < b`, `not (a < b)` of integers as `b <= a`. */
function upright(condition: Expr): Expr {
  if (condition.kind !== "apply") return condition;
  const [a, b] = condition.args;
  if (condition.op === "gt" && a && b) return apply("lt", b, a);
  if (condition.op === "ge" && a && b) return apply("le", b, a);
  if (condition.op === "not" && a?.kind === "apply") {
    const [x, y] = a.args;
    if (a.op === "not" && x) return upright(x);
    if (x === undefined || y === undefined || a.args.length > 2) return condition;
    if (a.op === "ne") return apply("eq", x, y);
    if (a.op === "eq") return apply("ne", x, y);
    if (x.type !== "int" || y.type !== "int") return condition;
    if (a.op === "lt") return apply("le", y, x);
    if (a.op === "le") return apply("lt", y, x);
    if (a.op === "gt") return apply("le", x, y);
    if (a.op === "ge") return apply("lt", x, y);
  }
  return condition;
}
