/**
 * Whether a whole row of a buffer can be exactly zero: what comparisons, choices and max(0, x) make can, what
 * functions and sums of them make is not worth looking at.
 */
import { parts, type Scalar, type Statement } from "../loop/nest.ts";
import { writes } from "./effects.ts";
import { mentions } from "./polynomial.ts";

/** Whether, by the statements that compute it, all that a row holds can be zero at once. */
export function canVanish(statements: readonly Statement[], buffer: string, row: string): boolean {
  return new Vanishing(statements, row).buffer(buffer);
}

class Vanishing {
  readonly #statements: readonly Statement[];
  /** Loop indices inside a row. */
  readonly #inner = new Set<string>();
  /** Values that each variable and constant gets. */
  readonly #values = new Map<string, Scalar[]>();
  readonly #conditional = new Set<string>();
  readonly #buffers = new Map<string, boolean>();
  readonly #names = new Map<string, boolean>();

  constructor(statements: readonly Statement[], row: string) {
    this.#statements = statements;
    this.#collect(statements, row, false);
  }

  #collect(statements: readonly Statement[], row: string, guarded: boolean): void {
    for (const s of statements) {
      if (s.kind === "for") {
        if (s.index !== row) this.#inner.add(s.index);
        this.#collect(s.body, row, guarded);
      }
      if (s.kind === "if") {
        this.#collect(s.yes, row, true);
        this.#collect(s.no, row, true);
      }
      if (s.kind !== "let" && s.kind !== "assign") continue;
      // What is added only where a condition holds may never be added.
      if (s.kind === "assign" && guarded && s.by === "add") this.#conditional.add(s.name);
      else if (this.#values.get(s.name)?.push(s.value) === undefined) this.#values.set(s.name, [s.value]);
    }
  }

  buffer(name: string): boolean {
    const known = this.#buffers.get(name);
    if (known !== undefined) return known;
    this.#buffers.set(name, false);
    const vanishes = this.#stores(this.#statements, name) === true;
    this.#buffers.set(name, vanishes);
    return vanishes;
  }

  /** Whether all that statements put into a buffer can be zero; undefined when they put nothing there. */
  #stores(statements: readonly Statement[], buffer: string): boolean | undefined {
    const all = statements.map((s) => this.#store(s, buffer)).filter((b) => b !== undefined);
    return all.length === 0 ? undefined : all.every(Boolean);
  }

  #store(s: Statement, buffer: string): boolean | undefined {
    if (!writes(s, buffer)) return undefined;
    switch (s.kind) {
      case "for":
        return this.#stores(s.body, buffer);
      case "if": {
        const [yes, no] = [this.#stores(s.yes, buffer), this.#stores(s.no, buffer)];
        if (yes === undefined || no === undefined) return yes ?? no;
        return this.#ofRow(s.guard) ? yes || no : yes && no;
      }
      case "store":
      case "fill":
        return s.buffer === buffer ? this.#scalar(s.value) : undefined;
      case "contract":
        return s.buffer === buffer ? s.factors.some((f) => this.#scalar(f)) : undefined;
      default:
        return undefined;
    }
  }

  /** A condition that holds for a whole row or not at all. */
  #ofRow(guard: Scalar): boolean {
    return ![...this.#inner].some((index) => mentions(guard, index));
  }

  #scalar(s: Scalar): boolean {
    switch (s.kind) {
      case "const":
        return s.value === 0;
      case "name":
        return this.#name(s.name);
      case "load":
        return this.buffer(s.buffer);
      case "select": {
        const [yes, no] = [this.#scalar(s.yes), this.#scalar(s.no)];
        if (this.#ofRow(s.guard)) return yes || no;
        // An indicator, such as (x > 0 ? 1 : 0); of a masked value too many elements would have to be ruled out.
        const indicator = s.yes.kind === "const" && s.no.kind === "const" && isOfValues(s.guard);
        return indicator ? yes || no : yes && no;
      }
      case "apply": {
        const [first] = s.args;
        if (s.op === "iverson") return isOfValues(first!) || this.#ofRow(first!);
        if (s.op === "relu") return true;
        if (s.op === "neg" || s.op === "div" || s.op === "abs" || s.op === "sqrt")
          return this.#scalar(first!);
        if (s.op === "mul") return s.args.some((a) => this.#scalar(a));
        if (s.op === "max") return s.args.some((a) => a.kind === "const" && a.value === 0);
        return (s.op === "add" || s.op === "sub") && s.args.every((a) => this.#scalar(a));
      }
    }
  }

  #name(name: string): boolean {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    // A variable that starts at zero and adds to itself asks for itself.
    this.#names.set(name, true);
    const values = this.#values.get(name);
    const vanishes = values !== undefined && values.every((v) => this.#scalar(v));
    this.#names.set(name, vanishes);
    return vanishes;
  }
}

/** A condition on computed numbers: one on indices and labels alone holds somewhere in every row. */
const isOfValues = (guard: Scalar): boolean =>
  (guard.kind !== "const" && guard.type === "real") || parts(guard).some(isOfValues);
