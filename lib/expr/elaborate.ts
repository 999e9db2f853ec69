/**
 * Elaboration: terms to nodes, with every type checked.
 *
 * Conditions and numbers never mix without `[p]`; binders of several indices become
 * nested reductions.
 */
import { UserError, type Place } from "../errors.ts";
import type { Extents } from "./infer-extents.ts";
import type { Types } from "./infer-types.ts";
import { nestedReduction, termCount } from "./nested-reduction.ts";
import { apply, at, index, num, read, reduce, size, where, type Expr, type Index } from "./node.ts";
import { ops, type Type } from "./ops.ts";
import { seen } from "./place.ts";
import type { Definition } from "./program.ts";
import type { Term, TermDefinition, TermOf, Terms, Variable } from "./term.ts";

/** A subscript, and the conditions under which it is evaluated. */
export interface SubscriptUse {
  readonly array: string;
  readonly axis: number;
  readonly subscript: Expr;
  readonly guards: readonly Expr[];
  readonly place: Place | undefined;
}

export interface Elaborated {
  readonly definitions: readonly Definition[];
  readonly subscripts: readonly SubscriptUse[];
}

export function elaborate(terms: Terms, types: Types, extents: Extents): Elaborated {
  const elaborator = new Elaborator(types, extents);
  const definitions = terms.definitions.map((d) => elaborator.definition(d));
  const last = definitions.at(-1)!;
  if (last.body.type === "bool")
    throw new UserError(`the output ${last.name} is a condition, not a number`, {
      place: last.place,
      fix: meantDefinition(terms.definitions.at(-1)!.body) ?? "[p] is 1 where p holds, else 0",
    });
  return { definitions, subscripts: elaborator.subscripts };
}

/** What to write instead of `loss == 3*x`, where nothing but a name is compared. */
function meantDefinition(output: Term): string | undefined {
  if (output.kind !== "apply" || output.op !== "eq") return undefined;
  const [left] = output.args;
  return left?.kind === "read" && left.at.length === 0
    ? `write ${left.name} = … to define ${left.name}; [p] is 1 where p holds, else 0`
    : undefined;
}

/** The conditions around a term. */
type Guards = readonly Expr[];

class Elaborator {
  readonly subscripts: SubscriptUse[] = [];
  readonly #types: Types;
  readonly #extents: Extents;
  readonly #defined = new Map<string, Type>();

  constructor(types: Types, extents: Extents) {
    this.#types = types;
    this.#extents = extents;
  }

  definition({ name, indices, body, place }: TermDefinition): Definition {
    const e = this.#term(body, []);
    this.#defined.set(name, e.type);
    return { name, indices: indices.map((v) => this.#index(v)), body: e, place };
  }

  #index(v: Variable): Index {
    return index(v.name, this.#extents.ofVariable(v));
  }

  #term(t: Term, guards: Guards): Expr {
    switch (t.kind) {
      case "num":
        return num(t.value, t.integer ? "int" : "real");
      case "index":
        return at(this.#index(t.variable));
      case "size":
        return size(this.#extents.ofAxis(t.array, t.axis));
      case "read":
        return this.#read(t, guards);
      case "apply":
        return this.#apply(t, guards);
      case "where":
        return this.#where(t, guards);
      case "reduce":
        return this.#reduce(t, guards);
    }
  }

  #number(t: Term, guards: Guards): Expr {
    const e = this.#term(t, guards);
    if (e.type === "bool")
      throw new UserError(this.#misfit(t, "condition", "number"), {
        place: t.place,
        fix: "[p] is 1 where p holds, else 0",
      });
    return e;
  }

  #condition(t: Term, guards: Guards): Expr {
    const e = this.#term(t, guards);
    if (e.type !== "bool")
      throw new UserError(this.#misfit(t, "number", "condition"), {
        place: t.place,
        fix: "compare it, such as with != 0",
      });
    return e;
  }

  #misfit(t: Term, found: string, wanted: string): string {
    const name = this.#nameOf(t);
    return name === undefined
      ? `a ${found} where a ${wanted} is wanted`
      : `${name} is a ${found}, not a ${wanted}`;
  }

  /** What is read, and where it was defined; undefined for anything but a name. */
  #nameOf(t: Term): string | undefined {
    if (t.kind === "index") return t.variable.name;
    return t.kind === "read" ? t.name + seen(this.#types.placeOf(t.name)) : undefined;
  }

  #apply({ op, args }: TermOf<"apply">, guards: Guards): Expr {
    if (op === "and" || op === "or") return this.#logic(op, args, guards);
    const expected = ops[op].takes === "bool";
    return apply(op, ...args.map((a) => (expected ? this.#condition(a, guards) : this.#number(a, guards))));
  }

  /** A condition after `and` is evaluated only where those before it hold; after `or`, where they fail. */
  #logic(op: "and" | "or", args: readonly Term[], guards: Guards): Expr {
    const conditions: Expr[] = [];
    for (const a of args) {
      const before = op === "and" ? conditions : conditions.map((c) => apply("not", c));
      conditions.push(this.#condition(a, [...guards, ...before]));
    }
    return apply(op, ...conditions);
  }

  #where(t: TermOf<"where">, guards: Guards): Expr {
    const guard = this.#condition(t.guard, guards);
    const then = this.#term(t.then, [...guards, guard]);
    const otherwise = this.#term(t.else, [...guards, apply("not", guard)]);
    if ((then.type === "bool") !== (otherwise.type === "bool"))
      throw new UserError("one side of ?: is a condition, the other a number", {
        place: (then.type === "bool" ? t.then : t.else).place ?? t.place,
        fix: "[p] is 1 where p holds, else 0",
      });
    return where(guard, then, otherwise);
  }

  #reduce(t: TermOf<"reduce">, guards: Guards): Expr {
    const over = t.over.map((v) => this.#index(v));
    const guard = t.guard && this.#condition(t.guard, guards);
    const body = this.#number(t.body, guard ? [...guards, guard] : guards);
    if (t.op === "mean")
      return apply("div", nestedReduction("sum", over, guard, body), termCount(over, guard));
    if (t.op !== "argmax" && t.op !== "argmin") return nestedReduction(t.op, over, guard, body);
    const [only, ...more] = over;
    if (only === undefined || more.length > 0)
      throw new UserError(`${t.op} takes one index, not ${over.length}`, { place: t.place });
    return reduce(t.op, only, guard, body);
  }

  #read({ name, at: subscripts, place }: TermOf<"read">, guards: Guards): Expr {
    const nodes = subscripts.map((s, axis) => {
      const subscript = this.#number(s, guards);
      this.subscripts.push({ array: name, axis, subscript, guards, place: s.place ?? place });
      return subscript;
    });
    return read(name, nodes, this.#defined.get(name) ?? this.#types.of(name));
  }
}
