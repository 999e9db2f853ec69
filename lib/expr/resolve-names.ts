/**
 * Names: syntax to terms.
 *
 * A name is an index where a binder or a definition's left-hand side binds it,
 * else an earlier definition, else an input. One name has one meaning in the
 * whole program: an index is not an array somewhere else.
 */
import { UserError, type Place } from "../errors.ts";
import { looksLikeIndex, parts, readBinder, reducesOverIndex, type Scope } from "./binder.ts";
import { functions, instead, isBinder, type Binder } from "./functions.ts";
import { ops, type Op } from "./ops.ts";
import { plural, seen } from "./place.ts";
import type { Comparison, DefinitionSyntax, Infix, ProgramSyntax, Syntax } from "./syntax.ts";
import { type Term, type TermDefinition, type TermInput, type Terms, type Variable } from "./term.ts";

/** How many indices may be in scope at once. */
const mostIndices = 12;
/** How many levels of syntax may stand inside each other, and how many pieces there may be. */
const [deepest, longest] = [600, 20_000];

/** Throws a `UserError` for every name whose meaning is missing, double or contradictory. */
export function resolveNames(syntax: ProgramSyntax): Terms {
  checkSize(syntax);
  return new Names(syntax).terms();
}

type Of<K extends Syntax["kind"]> = Extract<Syntax, { kind: K }>;

interface Known {
  readonly place: Place | undefined;
  readonly rank: number;
}

interface InputUse extends TermInput {
  /** Set when every use so far is that of a bare subscript: `X[i, d]` with a `d` that nothing binds. */
  onlySubscript: boolean;
}

class Names implements Scope {
  readonly #syntax: ProgramSyntax;
  readonly #everDefined = new Map<string, DefinitionSyntax>();
  readonly #defined = new Map<string, Known>();
  readonly #inputs = new Map<string, InputUse>();
  /** The first binding of each index name, in the whole program. */
  readonly #bound = new Map<string, Place | undefined>();
  readonly #sizes: { array: string; axis: number; place: Place | undefined }[] = [];
  #scope: readonly Variable[] = [];
  #variables = 0;

  constructor(syntax: ProgramSyntax) {
    this.#syntax = syntax;
  }

  terms(): Terms {
    const { definitions } = this.#syntax;
    if (definitions.length === 0) throw new UserError("a program needs a definition");
    for (const d of definitions) {
      const earlier = this.#everDefined.get(d.name);
      if (earlier)
        throw new UserError(`${d.name} is defined twice${seen(earlier.place)}`, {
          place: d.place,
          fix: "give one of them another name",
        });
      this.#everDefined.set(d.name, d);
    }
    const terms = definitions.map((d) => this.#definition(d));
    this.#checkInputs();
    this.#checkSizes();
    const inputs = [...this.#inputs.values()].map(({ name, place, rank }) => ({ name, place, rank }));
    return { definitions: terms, inputs };
  }

  isIndex(name: string): boolean {
    return this.#variable(name) !== undefined;
  }

  isDefined(name: string): boolean {
    return this.#everDefined.has(name);
  }

  #variable(name: string): Variable | undefined {
    return this.#scope.findLast((v) => v.name === name);
  }

  #definition(d: DefinitionSyntax): TermDefinition {
    this.#scope = [];
    // What an index runs to is the same for all values of the others: none is in scope there.
    const below = d.indices.map((i) => i.below && this.#term(i.below));
    const indices = d.indices.map((i) => this.#bind(i.name, i.place ?? d.place));
    const bounds = indices.flatMap((of, n) => (below[n] === undefined ? [] : [{ of, below: below[n] }]));
    const body = this.#term(d.body);
    this.#defined.set(d.name, { place: d.place, rank: indices.length });
    return { name: d.name, place: d.place, indices, bounds, body };
  }

  /** Brings an index into scope. */
  #bind(name: string, place: Place | undefined): Variable {
    const outer = this.#variable(name);
    if (outer)
      throw new UserError(`${name} is bound twice${seen(outer.place)}`, {
        place,
        fix: "give one of them another name",
      });
    const definition = this.#everDefined.get(name);
    if (definition)
      throw new UserError(`${name} is an index here and a definition elsewhere${seen(definition.place)}`, {
        place,
        fix: "give one of them another name",
      });
    if (this.#scope.length >= mostIndices)
      throw new UserError(`more than ${mostIndices} indices are in scope at once`, {
        place,
        fix: "give an inner part a definition of its own",
      });
    if (!this.#bound.has(name)) this.#bound.set(name, place);
    const variable: Variable = { id: ++this.#variables, name, place };
    this.#scope = [...this.#scope, variable];
    return variable;
  }

  #term(s: Syntax): Term {
    const { place } = s;
    switch (s.kind) {
      case "number":
        return { kind: "num", place, value: s.value, integer: s.integer };
      case "name":
        return this.#name(s.name, place, false);
      case "subscript":
        return this.#subscript(s);
      case "call":
        return this.#call(s);
      case "infix":
        return { kind: "apply", place, op: s.op, args: this.#chain(s) };
      case "negate":
        return this.#negate(s);
      case "compare":
        return this.#compare(s);
      case "logic":
        return { kind: "apply", place, op: s.op, args: this.#chain(s) };
      case "not":
        return { kind: "apply", place, op: "not", args: [this.#term(s.of)] };
      case "iverson":
        return { kind: "apply", place, op: "iverson", args: [this.#term(s.of)] };
      case "where":
        return this.#where(place, s.guard, s.then, s.else);
    }
  }

  /** The operands of `a + b + c`, which is one sum of three; likewise of `*`, `and`, `or`. */
  #chain(s: Of<"infix" | "logic">): readonly Term[] {
    const right: Syntax[] = [];
    let left: Syntax = s;
    const { op } = s;
    const chains: ReadonlySet<Infix | "and" | "or"> = new Set(["add", "mul", "and", "or"] as const);
    do {
      right.unshift(left.right);
      left = left.left;
    } while (chains.has(op) && (left.kind === "infix" || left.kind === "logic") && left.op === op);
    const operands = [left, ...right].map((operand) => [operand, this.#term(operand)] as const);
    // `a < b < c and d` requires three things, none of them inside another.
    return operands.flatMap(([written, t]) =>
      op === "and" && written.kind === "compare" && t.kind === "apply" && t.op === "and" ? t.args : [t],
    );
  }

  #negate(s: Of<"negate">): Term {
    const { of, place } = s;
    // −0 stays an operation: as a constant it would be the integer 0.
    if (of.kind === "number" && of.value !== 0)
      return { kind: "num", place, value: -of.value, integer: of.integer };
    return { kind: "apply", place, op: "neg", args: [this.#term(of)] };
  }

  #compare(s: Of<"compare">): Term {
    const terms = [s.first, ...s.rest.map((r) => r.right)].map((operand) => this.#term(operand));
    const links = s.rest.map(({ op }, n) => comparison(op, terms[n]!, terms[n + 1]!, s.place));
    return links.length === 1 ? links[0]! : { kind: "apply", place: s.place, op: "and", args: links };
  }

  #where(place: Place | undefined, guard: Syntax, then: Syntax, otherwise: Syntax): Term {
    return {
      kind: "where",
      place,
      guard: this.#term(guard),
      then: this.#term(then),
      else: this.#term(otherwise),
    };
  }

  #name(name: string, place: Place | undefined, directSubscript: boolean): Term {
    const variable = this.#variable(name);
    if (variable) return { kind: "index", place, variable };
    this.#use(name, 0, place, directSubscript);
    return { kind: "read", place, name, at: [] };
  }

  #subscript(s: Of<"subscript">): Term {
    const { name, place } = s;
    const variable = this.#variable(name);
    if (variable)
      throw new UserError(`${name} is an index${seen(variable.place)} and takes no subscripts`, {
        place,
        fix: "give the array another name",
      });
    this.#use(name, s.at.length, place, false);
    const at = s.at.map((a) => (a.kind === "name" ? this.#name(a.name, a.place, true) : this.#term(a)));
    return { kind: "read", place, name, at };
  }

  /** Notes a use of a definition or an input with so many subscripts. */
  #use(name: string, rank: number, place: Place | undefined, directSubscript: boolean): void {
    const definition = this.#defined.get(name);
    if (definition) {
      if (definition.rank !== rank)
        throw new UserError(
          `${name} has ${plural(definition.rank, "subscript")}${seen(definition.place)}, not ${rank}`,
          {
            place,
            fix: `write ${example(name, this.#everDefined.get(name)?.indices.map((i) => i.name) ?? [])}`,
          },
        );
      return;
    }
    const later = this.#everDefined.get(name);
    if (later)
      throw new UserError(`${name} is used before its definition${seen(later.place)}`, {
        place,
        fix: "a definition reads inputs and earlier definitions only",
      });
    const input = this.#inputs.get(name);
    if (input === undefined) this.#inputs.set(name, { name, place, rank, onlySubscript: directSubscript });
    else if (input.rank !== rank)
      throw new UserError(`${name} has ${plural(input.rank, "subscript")}${seen(input.place)}, not ${rank}`, {
        place,
        fix: "an array has the same number of subscripts everywhere",
      });
    else if (!directSubscript) input.onlySubscript = false;
  }

  #call(s: Of<"call">): Term {
    const { name, args, place } = s;
    if (isBinder(name)) {
      const elementwise = (name === "max" || name === "min") && !reducesOverIndex(s, this);
      if (!elementwise) return this.#binder(name, s);
    }
    if (name === "extent") return this.#size(s);
    if (name === "where" && args.length === 3) return this.#where(place, args[0]!, args[1]!, args[2]!);
    const op = name === "where" ? undefined : functions.get(name);
    if (op === undefined) throw this.#unknown(s);
    checkArity(name, op, args.length, place);
    return { kind: "apply", place, op, args: args.map((a) => this.#term(a)) };
  }

  #unknown({ name, place, args }: Of<"call">): UserError {
    if (name === "where") return new UserError(`where takes 3 arguments, not ${args.length}`, { place });
    if (this.#everDefined.has(name) || this.#inputs.has(name) || this.isIndex(name))
      return new UserError(`${name} is not a function`, {
        place,
        fix: `subscripts stand in square brackets: ${name}[…]; a product needs its sign: ${name} * (…)`,
      });
    return new UserError(`there is no function ${name}`, { place, fix: instead(name, args.length) });
  }

  #size({ args, place }: Of<"call">): Term {
    const [array, axis] = args;
    if (args.length !== 2 || array?.kind !== "name" || axis?.kind !== "number" || !axis.integer)
      throw new UserError("extent takes an array and the number of an axis", { place, fix: "extent(X, 0)" });
    if (this.isIndex(array.name))
      throw new UserError(
        `${array.name} is an index${seen(this.#variable(array.name)?.place)}, not an array`,
        {
          place: array.place ?? place,
          fix: "extent(X, 0)",
        },
      );
    if (this.#everDefined.has(array.name) && !this.#defined.has(array.name))
      this.#use(array.name, 0, place, false);
    this.#sizes.push({ array: array.name, axis: axis.value, place });
    return { kind: "size", place, array: array.name, axis: axis.value };
  }

  #binder(op: Binder, s: Of<"call">): Term {
    const { indices, guards, body } = readBinder(op, s, this);
    const outer = this.#scope;
    const over = indices.map((i) => this.#bind(i.name, i.place ?? s.place));
    const conditions = guards.map((g) => this.#term(g));
    const guard = conditions.length > 1 ? conjunction(conditions, s.place) : conditions[0];
    const inner = body === undefined ? undefined : this.#term(body);
    this.#scope = outer;
    if (op !== "count") return { kind: "reduce", place: s.place, op, over, guard, body: inner! };
    const counted: Term =
      inner === undefined
        ? { kind: "num", place: s.place, value: 1, integer: true }
        : { kind: "apply", place: inner.place, op: "iverson", args: [inner] };
    return { kind: "reduce", place: s.place, op: "sum", over, guard, body: counted };
  }

  #checkInputs(): void {
    for (const { name, rank, place, onlySubscript } of this.#inputs.values()) {
      if (this.#bound.has(name)) {
        const elsewhere = seen(this.#bound.get(name));
        if (rank === 0)
          throw new UserError(`${name} is not bound here, it is an index elsewhere${elsewhere}`, {
            place,
            fix: `sum over ${name}, or give it on the left-hand side`,
          });
        throw new UserError(`${name} is an array here and an index elsewhere${elsewhere}`, {
          place,
          fix: "give one of them another name",
        });
      }
      if (rank === 0 && onlySubscript && looksLikeIndex(name))
        throw new UserError(`${name} is not bound`, {
          place,
          fix: `sum over ${name}, or give it on the left-hand side; a fixed position takes a longer name`,
        });
    }
  }

  #checkSizes(): void {
    for (const { array, axis, place } of this.#sizes) {
      const known = this.#defined.get(array) ?? this.#inputs.get(array);
      if (known === undefined || known.rank === 0)
        throw new UserError(`extent of ${array}, which has no subscripts`, {
          place,
          fix: "extent(X, 0) is the size of the first axis of an array X",
        });
      if (axis >= known.rank)
        throw new UserError(
          `${array} has ${known.rank === 1 ? "1 axis" : `${known.rank} axes`}, there is no axis ${axis}`,
          {
            place,
            fix: "axes count from 0",
          },
        );
    }
  }
}

const comparison = (op: Comparison, left: Term, right: Term, place: Place | undefined): Term => ({
  kind: "apply",
  place,
  op,
  args: [left, right],
});

const conjunction = (args: readonly Term[], place: Place | undefined): Term => ({
  kind: "apply",
  place,
  op: "and",
  args,
});

const example = (name: string, indices: readonly string[]): string =>
  indices.length === 0 ? name : `${name}[${indices.join(",")}]`;

function checkArity(name: string, op: Op, count: number, place: Place | undefined): void {
  const [least, most] = ops[op].arity;
  if (count >= least && count <= most) return;
  const wanted = most === Infinity ? `at least ${plural(least, "argument")}` : plural(least, "argument");
  const fix = isBinder(name) ? `${name}(i, x[i]) for that of all elements` : undefined;
  throw new UserError(`${name} takes ${wanted}, not ${count}`, { place, fix });
}

/** Trees from builders have no parser before them that would bound their size. */
function checkSize(syntax: ProgramSyntax): void {
  let level = syntax.definitions.flatMap((d) => [d.body, ...d.indices.flatMap((i) => i.below ?? [])]);
  let pieces = level.length;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest)
      throw new UserError(`more than ${deepest} levels of nesting`, {
        place: level[0]!.place,
        fix: "give an inner part a definition of its own",
      });
    level = level.flatMap(parts);
    pieces += level.length;
    if (pieces > longest) throw new UserError(`more than ${longest} names, numbers and operations`);
  }
}
