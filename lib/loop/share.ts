/**
 * Values that several loops need, computed once.
 *
 * The margin of a class is asked for by the loss, by the count of violations and by the
 * gradient, each in a loop of its own. Where such a value costs more than a load, it becomes
 * a definition that the loops read: an array as long as one row.
 */
import type { Extent } from "../expr/extent.ts";
import {
  apply,
  at,
  freeIndices,
  num,
  read,
  rebuild,
  reduce,
  where,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import { canonicalIndex, canonicalIndices, canonicalOf } from "../expr/canonical.ts";
import { rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { substitute } from "../expr/substitute.ts";
import { conjuncts } from "./affine.ts";
import { costAlong } from "./cost.ts";
import { exponentials } from "./exponentials.ts";
import { excluded, isZero } from "./excluded.ts";
import type { Reach } from "./reach.ts";

export interface SharingOptions {
  /** The extent that rows are taken along. */
  readonly row: Extent | undefined;
  readonly reach: Reach;
  /** Values, in canonical form, that are not worth an array. */
  readonly refused: ReadonlySet<Expr>;
  /** What was found in definitions before, which most of them still are when one value more is shared. */
  readonly surveyed: Map<Expr, Surveyed>;
}

/** The places in a definition at which some value could be shared. */
export interface Surveyed {
  readonly definition: Definition;
  readonly sightings: readonly Sighting[];
  /** How many places there are, those included that are of no interest. */
  readonly places: number;
}

/** A definition that was made for a value, in canonical form. */
export interface Shared extends Definition {
  readonly shares: Expr;
}

export const isShared = (d: Definition): d is Shared => "shares" in d;

/** `definitions`, and before their first readers those of the values that they share. */
export function share(definitions: readonly Definition[], options: SharingOptions): readonly Definition[] {
  let all = definitions;
  for (let made = 0; made < most; made++) {
    const found = new Survey(all, options).best();
    if (found === undefined) break;
    all = replaced(all, found, `value•${made}`, options);
  }
  return all;
}

/** No definition is taken apart without end. */
const most = 16;

/** What is cheaper along its loop is computed again. */
const worth = 8;

/** An expression has as many places as there are ways to it through conditions: beyond so many nothing is shared. */
const mostPlaces = 100_000;

/** Whoever runs a loop: a reduction over its index, a definition, told by its name, over its own. */
type Loop = Node<"reduce"> | string;

/** A value at one place. */
interface Sighting {
  readonly e: Expr;
  readonly canonical: Expr;
  readonly cost: number;
  readonly loop: Loop;
  /** The canonical subscripts that the loop's index differs from. */
  readonly apart: readonly Expr[];
  /** The canonical conditions, the same for all of the loop, that hold there. */
  readonly needed: () => readonly Expr[];
}

/** A value up to the names of its indices, and who needs it. */
interface Candidate {
  /** With indices of our own for its free ones, in order of appearance. */
  readonly canonical: Expr;
  /** As it stands where it was met first and may be computed whatever holds. */
  first: Expr | undefined;
  readonly cost: number;
  readonly loops: Set<Loop>;
  /** The canonical subscripts that the loop's index differs from at each use. */
  readonly apart: (readonly Expr[])[];
  /** The canonical conditions, the same for all of the loop, without which nobody needs it. */
  needed: readonly Expr[] | undefined;
}

/** A candidate that may be shared. */
type Chosen = Candidate & { readonly first: Expr };

/** Where an expression stands: the loops around it, outermost first, and the conditions that hold. */
interface Place {
  readonly loops: readonly { readonly index: Index; readonly loop: Loop }[];
  readonly facts: readonly Expr[];
}

/** All values of definitions that could be shared. */
class Survey {
  readonly #found = new Map<Expr, Candidate>();
  readonly #options: SharingOptions;
  #places = 0;

  constructor(definitions: readonly Definition[], options: SharingOptions) {
    this.#options = options;
    for (const d of definitions) {
      const { sightings, places } = surveyed(d, options);
      this.#places += places;
      for (const s of sightings) this.#note(s);
    }
  }

  /** The most expensive one that two loops need; none unless all places are known. */
  best(): Chosen | undefined {
    let best: Chosen | undefined;
    if (this.#places > mostPlaces) return undefined;
    for (const { first, ...c } of this.#found.values())
      if (first && c.loops.size > 1 && !this.#options.refused.has(c.canonical) && c.cost > (best?.cost ?? 0))
        best = { ...c, first };
    return best;
  }

  /** Takes note of a place, also of one that does not make the value worth sharing. */
  #note({ e, canonical, cost, loop, apart, needed }: Sighting): void {
    let known = this.#found.get(canonical);
    if (known === undefined) {
      known = { canonical, first: undefined, cost, loops: new Set(), apart: [], needed: undefined };
      this.#found.set(canonical, known);
    }
    if (known.first === undefined && this.#options.reach.inside(e, [])) known.first = e;
    known.loops.add(loop);
    known.apart.push(apart);
    if (known.needed?.length === 0) return;
    const now = needed();
    known.needed = known.needed?.filter((fact) => now.includes(fact)) ?? now;
  }
}

function surveyed(definition: Definition, options: SharingOptions): Surveyed {
  const { name, indices, body } = definition;
  const before = options.surveyed.get(body);
  if (before?.definition.name === name && sameIndices(before.definition.indices, indices)) return before;
  const walk = new Walk(options);
  walk.visit(body, { loops: indices.map((i) => ({ index: i, loop: name })), facts: [] }, new Set());
  const found = { definition, sightings: walk.sightings, places: walk.places };
  options.surveyed.set(body, found);
  return found;
}

const sameIndices = (a: readonly Index[], b: readonly Index[]): boolean =>
  a.length === b.length && a.every((i, n) => i === b[n]);

/** A way through all places of one definition. */
class Walk {
  readonly sightings: Sighting[] = [];
  places = 0;
  readonly #options: SharingOptions;

  constructor(options: SharingOptions) {
    this.#options = options;
  }

  visit(e: Expr, place: Place, seen: Set<Expr>): void {
    if (seen.has(e) || this.places > mostPlaces) return;
    seen.add(e);
    this.places++;
    this.#consider(e, place);
    switch (e.kind) {
      case "where":
        this.visit(e.guard, place, seen);
        this.visit(e.then, { ...place, facts: [...place.facts, ...conjuncts(e.guard)] }, new Set());
        this.visit(e.else, { ...place, facts: [...place.facts, apply("not", e.guard)] }, new Set());
        return;
      case "reduce": {
        if (exponentials(e) !== undefined) return;
        const loops = [...place.loops, { index: e.over, loop: e }];
        const inside = { loops, facts: [...place.facts, ...conjuncts(e.guard)] };
        if (e.guard) this.visit(e.guard, { ...inside, facts: place.facts }, new Set());
        this.visit(e.body, inside, new Set());
        return;
      }
      case "apply":
        for (const a of e.args) this.visit(a, place, seen);
        return;
      default:
        return;
    }
  }

  #consider(e: Expr, { loops, facts }: Place): void {
    if (e.type !== "real" || (e.kind !== "apply" && e.kind !== "where")) return;
    const free = freeIndices(e);
    const along = free.filter((i) => i.extent !== this.#options.row);
    if (along.length !== 1 || free.length > 2) return;
    const cost = costAlong(e, along[0]!);
    if (cost < worth || cost === Infinity) return;
    const { loop } = loops.findLast(({ index }) => index === along[0])!;
    const own = { e, canonical: canonicalOf(e), cost, loop };
    if (facts.length === 0) {
      this.sightings.push({ ...own, apart: nothing, needed: () => nothing });
      return;
    }
    const to = canonicalIndices(e);
    const places = facts
      .flatMap((fact) => excluded(fact, along[0]!))
      .filter((t) => this.#options.reach.inside(t, []) && freeIndices(t).every((i) => free.includes(i)));
    let needed: readonly Expr[] | undefined;
    const isDecided = (fact: Expr): boolean =>
      freeIndices(fact).every((i) => i !== along[0] && free.includes(i)) &&
      this.#options.reach.inside(fact, []);
    this.sightings.push({
      ...own,
      apart: places.map((t) => substitute(t, to)),
      needed: () => (needed ??= facts.filter(isDecided).map((fact) => substitute(fact, to))),
    });
  }
}

const nothing: readonly Expr[] = [];

/** How a value is read where its free indices are these, and whose they are. */
class Reading {
  /** The value's own indices, in order of appearance. */
  readonly indices: readonly Index[];
  /** For each axis of the array the index that runs along it: that of the rows first, whatever the value reads first. */
  readonly #order: readonly number[];
  readonly #name: string;

  constructor(first: Expr, name: string, row: Extent | undefined) {
    this.indices = freeIndices(first);
    const last = (n: number) => Number(this.indices[n]!.extent !== row);
    this.#order = this.indices.map((_, n) => n).toSorted((a, b) => last(a) - last(b));
    this.#name = name;
  }

  get axes(): readonly Index[] {
    return this.#order.map((n) => this.indices[n]!);
  }

  of(free: readonly Index[]): Expr {
    return read(
      this.#name,
      this.#order.map((n) => at(free[n]!)),
      "real",
    );
  }

  /** A canonical expression with the value's own indices. */
  own(canonical: Expr): Expr {
    return substitute(canonical, new Map(this.indices.map((i, n) => [canonicalIndex(n, i), at(i)])));
  }

  /** What stands for the canonical indices in a read of the value; undefined for other expressions. */
  subscripts(e: Expr): ReadonlyMap<Index, Expr> | undefined {
    if (e.kind !== "read" || e.name !== this.#name) return undefined;
    return new Map(this.#order.map((n, axis) => [canonicalIndex(n, this.indices[n]!), e.at[axis]!]));
  }
}

/** The definitions with reads in place of the value, and its own before the first that reads it. */
function replaced(
  definitions: readonly Definition[],
  { canonical, first, apart, needed }: Chosen,
  name: string,
  { row }: SharingOptions,
): readonly Definition[] {
  const reading = new Reading(first, name, row);
  const isValue = (e: Expr): boolean =>
    e.kind === first.kind &&
    e.type === first.type &&
    freeIndices(e).length === reading.indices.length &&
    canonicalOf(e) === canonical;
  const bodies = rewritten(definitions, (e, inner) => (isValue(e) ? reading.of(freeIndices(e)) : inner()));
  const user = bodies.findIndex((d, n) => d.body !== definitions[n]!.body);
  const made: Shared = { name, indices: reading.axes, body: first, shares: canonical };
  const hole = apart[0]?.find((subscript) => apart.every((all) => all.includes(subscript)));
  const filled = hole && filledIn(bodies, made, reading, hole);
  const whole = filled?.made ?? made;
  const own = (needed ?? []).map((fact) => reading.own(fact));
  const body = own.reduceRight((e, fact) => where(fact, e, fillings[0]!), whole.body);
  return (filled?.definitions ?? bodies).toSpliced(user, 0, { ...whole, body });
}

/** Definitions with `change` at each part; it is handed what rewriting the part's own parts makes of it. */
const rewritten = (
  definitions: readonly Definition[],
  change: (e: Expr, inner: () => Expr) => Expr,
): readonly Definition[] => {
  const rewrite = rewriting((e, go) => change(e, () => rebuild(e, go)));
  return definitions.map((d) => ({ ...d, body: rewrite(d.body) }));
};

/** What a value may be taken to be at a place where nobody needs it. */
const fillings = [0, -Infinity, Infinity].map((x) => num(x, "real"));

/**
 * Every use leaves out one place, `hole`: the value is free there. With one at which the terms
 * of a sum are 0, the sum need not leave it out: max(0, margin[j]) is 0 at a margin of 0.
 */
function filledIn(
  definitions: readonly Definition[],
  made: Shared,
  reading: Reading,
  hole: Expr,
): { readonly definitions: readonly Definition[]; readonly made: Shared } | undefined {
  for (const filling of fillings) {
    let whole = 0;
    const all = rewritten(definitions, (e, inner) => {
      if (e.kind !== "reduce" || e.op !== "sum") return inner();
      const guard = unneeded(e, reading, hole, filling);
      if (guard === undefined) return inner();
      whole++;
      return reduce(e.op, e.over, guard.length > 1 ? apply("and", ...guard) : guard[0], e.body);
    });
    if (whole === 0) continue;
    const own = reading.own(hole);
    const along = reading.axes.at(-1)!;
    const body = where(apply("eq", at(along), own), filling, made.body);
    return { definitions: all, made: { ...made, body } };
  }
  return undefined;
}

/** The conditions of a sum but that which leaves the hole out, when its term is 0 there anyway. */
function unneeded(
  { over, guard, body }: Node<"reduce">,
  reading: Reading,
  hole: Expr,
  filling: Expr,
): readonly Expr[] | undefined {
  const all = conjuncts(guard);
  if (all.length === 0) return undefined;
  const holes = new Set<Expr>();
  const filled = rewriting((e, go) => {
    const subscripts = reading.subscripts(e);
    if (subscripts === undefined) return rebuild(e, go);
    holes.add(substitute(hole, subscripts));
    return filling;
  });
  if (!isZero(filled(body)) || holes.size !== 1) return undefined;
  const [here] = holes;
  const left = all.filter((c) => !excluded(c, over).includes(here!));
  return left.length < all.length ? left : undefined;
}
