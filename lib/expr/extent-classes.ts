/**
 * Classes of axes and indices that have the same extent.
 *
 * A bare subscript joins its index with the axis that it subscripts. It does not where
 * that axis is certainly larger: in `x[i+1] - x[i]`, and in `c[p] + x[p]` where c is a
 * window over x, the smaller side decides and the larger one is only partly read; nor
 * does one that the left-hand side bounds, `z[i < 3] = x[i]`.
 */
import type { Accesses, AffineAccess, BareAccess } from "./accesses.ts";
import type { Terms, Variable } from "./term.ts";

export interface ExtentClass {
  /** The input axes in it, in the order of the text. */
  readonly axes: readonly { readonly array: string; readonly axis: number }[];
  readonly variables: readonly Variable[];
}

export interface ExtentClasses {
  ofAxis(array: string, axis: number): ExtentClass;
  ofVariable(v: Variable): ExtentClass;
  /** The bare accesses that did not join: their axes are larger than the index's range. */
  readonly partial: ReadonlyMap<Variable, readonly BareAccess[]>;
  readonly all: readonly ExtentClass[];
}

export function extentClasses(terms: Terms, accesses: Accesses): ExtentClasses {
  const classes = new Classes(terms, accesses);
  // Indices that are surely windows come last: by then it is known which axes are the same.
  const later = accesses.variables.filter((v) => classes.isWindow(v));
  for (const v of accesses.variables) if (!later.includes(v)) classes.join(v);
  for (const v of later) classes.join(v);
  return classes.result();
}

/** The key of an axis or an index. No name begins with `#`. */
type Key = string;
const keyOf = (v: Variable): Key => `#${v.id}`;

class Classes {
  readonly #accesses: Accesses;
  readonly #definitionAxes = new Map<string, readonly Variable[]>();
  readonly #parent = new Map<Key, Key>();
  readonly #larger = new Map<Key, readonly Key[]>();
  readonly #partial = new Map<Variable, readonly BareAccess[]>();

  constructor(terms: Terms, accesses: Accesses) {
    this.#accesses = accesses;
    for (const d of terms.definitions) this.#definitionAxes.set(d.name, d.indices);
    for (const v of accesses.variables) {
      const larger = (accesses.affine.get(v) ?? []).filter((a) => overshoots(v, a));
      if (larger.length > 0)
        this.#larger.set(
          keyOf(v),
          larger.map((a) => this.#axisKey(a.array, a.axis)),
        );
    }
  }

  isWindow(v: Variable): boolean {
    return this.#larger.has(keyOf(v));
  }

  /** Joins an index with the axes that it subscripts, but for those that are certainly larger than another of them. */
  join(v: Variable): void {
    const bare = this.#accesses.bare.get(v) ?? [];
    if (this.#accesses.bounded.has(v)) {
      if (bare.length > 0) this.#partial.set(v, bare);
      return;
    }
    const candidates = [keyOf(v), ...bare.map((b) => this.#axisKey(b.array, b.axis))];
    const beyond = new Set(candidates.flatMap((k) => Array.from(this.#above(this.#find(k)))));
    const joins = (b: BareAccess): boolean =>
      !beyond.has(this.#find(this.#axisKey(b.array, b.axis))) && !this.#isOnePart(v, b);
    const partial = bare.filter((b) => !joins(b));
    if (partial.length > 0) this.#partial.set(v, partial);
    for (const b of bare) if (!partial.includes(b)) this.#union(keyOf(v), this.#axisKey(b.array, b.axis));
  }

  result(): ExtentClasses {
    const axes = new Map<Key, { array: string; axis: number }[]>();
    const variables = new Map<Key, Variable[]>();
    for (const { array, axis } of this.#accesses.axes)
      if (!this.#definitionAxes.has(array))
        append(axes, this.#find(this.#axisKey(array, axis)), { array, axis });
    for (const v of this.#accesses.variables) append(variables, this.#find(keyOf(v)), v);
    const classes = new Map<Key, ExtentClass>();
    for (const key of [...variables.keys(), ...axes.keys()])
      classes.set(key, { axes: axes.get(key) ?? [], variables: variables.get(key) ?? [] });
    const classOf = (key: Key): ExtentClass => classes.get(this.#find(key))!;
    return {
      ofAxis: (array, axis) => classOf(this.#axisKey(array, axis)),
      ofVariable: (v) => classOf(keyOf(v)),
      partial: this.#partial,
      all: [...classes.values()],
    };
  }

  /** A definition's axis is the index on its left-hand side. */
  #axisKey(array: string, axis: number): Key {
    const indices = this.#definitionAxes.get(array);
    return indices ? keyOf(indices[axis]!) : `${array}.${axis}`;
  }

  #find(key: Key): Key {
    let root = key;
    for (let up = this.#parent.get(root); up !== undefined; up = this.#parent.get(root)) root = up;
    if (root !== key) this.#parent.set(key, root);
    return root;
  }

  #union(a: Key, b: Key): void {
    const [from, to] = [this.#find(a), this.#find(b)];
    if (from === to) return;
    this.#parent.set(from, to);
    const larger = [...(this.#larger.get(from) ?? []), ...(this.#larger.get(to) ?? [])];
    if (larger.length > 0) this.#larger.set(to, larger);
  }

  /** The classes that are certainly larger than this one. */
  #above(root: Key): ReadonlySet<Key> {
    const found = new Set<Key>();
    const waiting = [...(this.#larger.get(root) ?? [])];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const above = this.#find(next);
      if (found.has(above) || above === root) continue;
      found.add(above);
      waiting.push(...(this.#larger.get(above) ?? []));
    }
    return found;
  }

  /** `p < extent(A, 0) ? A[p] : B[p - extent(A, 0)]`: A is the first part of what p runs over. */
  #isOnePart(v: Variable, b: BareAccess): boolean {
    const own = this.#find(this.#axisKey(b.array, b.axis));
    const affine = this.#accesses.affine.get(v) ?? [];
    return (
      b.guardedAbove &&
      affine.some(
        (a) =>
          a.guardedBelow &&
          !a.guardedAbove &&
          (a.form.indices.get(v) ?? 0) > 0 &&
          this.#find(this.#axisKey(a.array, a.axis)) !== own,
      )
    );
  }
}

/** Whether an unguarded subscript passes the end of its axis when the index runs over all of that axis. */
function overshoots(v: Variable, { form, guardedAbove }: AffineAccess): boolean {
  const step = form.indices.get(v) ?? 0;
  if (guardedAbove || step < 1 || form.labels.size > 0 || form.constant < 0) return false;
  if ([...form.sizes.values()].some(({ times }) => times < 0)) return false;
  const others = [...form.indices].filter(([w, times]) => w !== v && times > 0);
  return form.constant > 0 || step > 1 || others.length > 0 || form.sizes.size > 0;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
