/**
 * Types of names: which inputs are integers.
 *
 * An input is an integer when it stands inside a subscript, when it is compared with
 * a value made of indices (`j != y[i]`, `r < K`), or when all that is ever asked of
 * it is whether it equals something (`y[i] == 1 ? … : …`, `[y[i] == y[j]]`).
 * All other inputs are real. Definitions have the type of their right-hand side.
 */
import type { Place } from "../errors.ts";
import { resultType, type Op, type Type } from "./ops.ts";
import { subterms, type Term, type TermDefinition, type Terms } from "./term.ts";
import { comparisons } from "./syntax.ts";

export interface Types {
  /** The type of an input or a definition. */
  of(name: string): Type;
  typeOf(term: Term): Type;
  isDefinition(name: string): boolean;
  /** What a name without indices is defined as; undefined for inputs and arrays. */
  meaningOf(name: string): Term | undefined;
  /** Where a name is defined; undefined for inputs. */
  placeOf(name: string): Place | undefined;
}

/** Operations through which an integer result asks for integer arguments. */
const transparent: ReadonlySet<Op> = new Set<Op>(["add", "sub", "mul", "neg", "max", "min", "abs", "stop"]);
/** Reductions whose result is an integer when their terms are. */
const keepsType: ReadonlySet<string> = new Set(["sum", "prod", "max", "min"]);
const compares: ReadonlySet<Op> = new Set<Op>(comparisons);

export function inferTypes({ definitions }: Terms): Types {
  const types = new NameTypes(definitions);
  types.settle();
  return types;
}

class NameTypes implements Types {
  readonly #definitions: ReadonlyMap<string, TermDefinition>;
  readonly #integers = new Set<string>();
  #memo = new Map<Term, Type>();

  constructor(definitions: readonly TermDefinition[]) {
    this.#definitions = new Map(definitions.map((d) => [d.name, d]));
  }

  of(name: string): Type {
    const definition = this.#definitions.get(name);
    return definition ? this.typeOf(definition.body) : this.#integers.has(name) ? "int" : "real";
  }

  isDefinition(name: string): boolean {
    return this.#definitions.has(name);
  }

  meaningOf(name: string): Term | undefined {
    const definition = this.#definitions.get(name);
    return definition?.indices.length === 0 ? definition.body : undefined;
  }

  placeOf(name: string): Place | undefined {
    return this.#definitions.get(name)?.place;
  }

  typeOf(t: Term): Type {
    const known = this.#memo.get(t);
    if (known !== undefined) return known;
    const type = this.#compute(t);
    this.#memo.set(t, type);
    return type;
  }

  /** Each new integer may make another value one that is made of indices, so to a fixed point. */
  settle(): void {
    for (const { body, bounds } of this.#definitions.values()) {
      for (const { below } of bounds) this.#demand(below);
      this.#subscripts(body);
    }
    this.#onlyEqualities();
    let before: number;
    do {
      before = this.#integers.size;
      this.#memo = new Map();
      // Definition by definition, so that a long chain of them is never walked at once.
      for (const { body } of this.#definitions.values()) {
        this.typeOf(body);
        this.#comparisons(body);
      }
    } while (this.#integers.size > before);
  }

  #compute(t: Term): Type {
    switch (t.kind) {
      case "num":
        return t.integer ? "int" : "real";
      case "index":
      case "size":
        return "int";
      case "read":
        return this.of(t.name);
      case "apply":
        return resultType(
          t.op,
          t.args.map((a) => this.typeOf(a)),
        );
      case "where": {
        const [then, otherwise] = [this.typeOf(t.then), this.typeOf(t.else)];
        return then === otherwise ? then : "real";
      }
      case "reduce":
        if (t.op === "argmax" || t.op === "argmin") return "int";
        return t.op === "mean" || t.op === "logsumexp" ? "real" : this.typeOf(t.body);
    }
  }

  #subscripts(t: Term): void {
    if (t.kind === "read") for (const a of t.at) this.#demand(a);
    for (const part of subterms(t)) this.#subscripts(part);
  }

  /** Makes the inputs that the value of `t` consists of integers. */
  #demand(t: Term): void {
    const waiting = [t];
    const asked = new Set<string>();
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next.kind === "apply" && transparent.has(next.op)) waiting.push(...next.args);
      else if (next.kind === "where") waiting.push(next.then, next.else);
      else if (next.kind === "reduce" && keepsType.has(next.op)) waiting.push(next.body);
      else if (next.kind === "read" && !asked.has(next.name)) {
        asked.add(next.name);
        const definition = this.#definitions.get(next.name);
        if (definition) waiting.push(definition.body);
        else this.#integers.add(next.name);
      }
    }
  }

  #comparisons(t: Term): void {
    if (t.kind === "apply" && compares.has(t.op)) {
      const [left, right] = [t.args[0]!, t.args[1]!];
      if (this.#madeOfIndices(left)) this.#demandSum(right);
      if (this.#madeOfIndices(right)) this.#demandSum(left);
    }
    for (const part of subterms(t)) this.#comparisons(part);
  }

  /** Whether an index itself takes part in an integer value, outside of subscripts. */
  #madeOfIndices(t: Term): boolean {
    if (t.kind === "index") return true;
    if (t.kind === "reduce") return t.op === "argmax" || t.op === "argmin";
    return (
      t.kind === "apply" &&
      transparent.has(t.op) &&
      this.typeOf(t) === "int" &&
      t.args.some((a) => this.#madeOfIndices(a))
    );
  }

  /** Like `demand`, but a product is left alone unless its other factors are numbers: `j < h * x` may well be real. */
  #demandSum(t: Term): void {
    if (t.kind === "apply" && t.op === "mul" && t.args.filter((a) => a.kind !== "num").length > 1) return;
    if (t.kind === "read") this.#demand(t);
    else if (t.kind === "apply" && ["add", "sub", "neg", "mul"].includes(t.op) && !this.#hasFraction(t))
      t.args.forEach((a) => this.#demandSum(a));
  }

  #hasFraction(t: Term): boolean {
    return (
      (t.kind === "num" && !t.integer) || (t.kind === "apply" && t.args.some((a) => this.#hasFraction(a)))
    );
  }

  /** Inputs that are only ever asked for equality, never counted with. */
  #onlyEqualities(): void {
    const compared = new Set<string>();
    const counted = new Set<string>();
    const visit = (t: Term, within: Term | undefined): void => {
      if (t.kind === "read" && !this.#definitions.has(t.name)) {
        const equality = within?.kind === "apply" && (within.op === "eq" || within.op === "ne");
        (equality && within.args.every(isLabelLike) ? compared : counted).add(t.name);
      }
      for (const part of subterms(t)) visit(part, t);
    };
    const isLabelLike = (t: Term): boolean =>
      (t.kind === "read" && !this.#definitions.has(t.name)) ||
      (t.kind === "num" && t.integer) ||
      t.kind === "index";
    for (const { body } of this.#definitions.values()) visit(body, undefined);
    for (const name of compared) if (!counted.has(name)) this.#integers.add(name);
  }
}
