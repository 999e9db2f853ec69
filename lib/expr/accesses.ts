/**
 * Accesses: which axis each index subscripts, bare (`X[i]`) or in an affine form
 * (`X[2*p + r - 1]`), and which guards stand around it. What extents are inferred from.
 */
import { UserError, type Place } from "../errors.ts";
import { sameLinearPart, type Affine } from "./affine.ts";
import { factOfBound, factsOf, type Fact } from "./facts.ts";
import type { Types } from "./infer-types.ts";
import { ops } from "./ops.ts";
import { subscriptForm } from "./subscript.ts";
import { subterms, type IndexBound, type Term, type Terms, type Variable } from "./term.ts";

interface Access {
  readonly array: string;
  readonly axis: number;
  readonly place: Place | undefined;
  /** Whether a guard around it keeps the subscript from growing too large, or below 0. */
  readonly guardedAbove: boolean;
  readonly guardedBelow: boolean;
}

export interface BareAccess extends Access {
  readonly variable: Variable;
}

export interface AffineAccess extends Access {
  readonly form: Affine;
}

export interface Accesses {
  /** All indices, definitions' before binders' inside them, in the order of the text. */
  readonly variables: readonly Variable[];
  readonly bare: ReadonlyMap<Variable, readonly BareAccess[]>;
  /** The affine accesses that an index takes part in. */
  readonly affine: ReadonlyMap<Variable, readonly AffineAccess[]>;
  /** What an index's own binder, or its left-hand side, demands of it. */
  readonly own: ReadonlyMap<Variable, readonly Fact[]>;
  /** Those whose left-hand side says what they run to. */
  readonly bounded: ReadonlySet<Variable>;
  /** The indices that an index is compared with, bare: `s <= t`. */
  readonly compared: ReadonlyMap<Variable, readonly Variable[]>;
  /** Every axis that is subscripted, in the order of the text, with its first subscript. */
  readonly axes: readonly {
    readonly array: string;
    readonly axis: number;
    readonly place: Place | undefined;
  }[];
}

/** Throws when a subscript cannot be a position. */
export function collectAccesses(terms: Terms, types: Types): Accesses {
  const collector = new Collector(types);
  for (const { indices, bounds, body } of terms.definitions) {
    collector.variables.push(...indices);
    for (const bound of bounds) collector.bound(bound);
    collector.visit(body, []);
  }
  return collector;
}

class Collector implements Accesses {
  readonly variables: Variable[] = [];
  readonly bare = new Map<Variable, BareAccess[]>();
  readonly affine = new Map<Variable, AffineAccess[]>();
  readonly own = new Map<Variable, Fact[]>();
  readonly bounded = new Set<Variable>();
  readonly compared = new Map<Variable, Variable[]>();
  readonly axes: { array: string; axis: number; place: Place | undefined }[] = [];
  readonly #types: Types;

  constructor(types: Types) {
    this.#types = types;
  }

  /** `z[i < 3] = …` */
  bound(bound: IndexBound): void {
    const fact = factOfBound(bound, this.#types);
    if (fact === undefined)
      throw new UserError(`what ${bound.of.name} runs to is not known before it is computed`, {
        place: bound.below.place ?? bound.of.place,
        fix: `bound it by an integer, a size or an integer input: ${bound.of.name} < extent(X, 0)`,
      });
    this.own.set(bound.of, [fact]);
    this.bounded.add(bound.of);
  }

  /** Walks `t`, which is evaluated only where `facts` hold. */
  visit(t: Term, facts: readonly Fact[]): void {
    switch (t.kind) {
      case "read":
        t.at.forEach((subscript, axis) => this.#access(t.name, axis, subscript, facts));
        break;
      case "where":
        this.visit(t.guard, facts);
        this.visit(t.then, [...facts, ...factsOf(t.guard, true, this.#types)]);
        this.visit(t.else, [...facts, ...factsOf(t.guard, false, this.#types)]);
        return;
      case "reduce":
        this.variables.push(...t.over);
        if (t.guard) {
          const own = factsOf(t.guard, true, this.#types);
          for (const v of t.over) this.own.set(v, [...own]);
          this.visit(t.guard, facts);
          this.visit(t.body, [...facts, ...own]);
          return;
        }
        break;
      case "apply":
        if (t.op === "and" || t.op === "or") return this.#lazily(t.args, t.op === "and", facts);
        if (ops[t.op].gives === "bool") this.#compare(t.args);
        break;
      default:
    }
    for (const part of subterms(t)) this.visit(part, facts);
  }

  /** A condition after `and` is evaluated only where those before it hold; after `or`, where they fail. */
  #lazily(args: readonly Term[], hold: boolean, facts: readonly Fact[]): void {
    const known = [...facts];
    for (const a of args) {
      this.visit(a, known);
      known.push(...factsOf(a, hold, this.#types));
    }
  }

  #compare([left, right]: readonly Term[]): void {
    if (left?.kind !== "index" || right?.kind !== "index") return;
    push(this.compared, left.variable, right.variable);
    push(this.compared, right.variable, left.variable);
  }

  #access(array: string, axis: number, subscript: Term, facts: readonly Fact[]): void {
    const place = subscript.place;
    if (!this.axes.some((a) => a.array === array && a.axis === axis)) this.axes.push({ array, axis, place });
    const form = subscriptForm(subscript, this.#types);
    if (form.indices.size === 0) return;
    const access = {
      array,
      axis,
      place,
      guardedAbove: facts.some((f) => sameLinearPart(f, form, -1)),
      guardedBelow: facts.some((f) => sameLinearPart(f, form, 1)),
    };
    if (subscript.kind === "index")
      push(this.bare, subscript.variable, { ...access, variable: subscript.variable });
    else for (const v of form.indices.keys()) push(this.affine, v, { ...access, form });
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
