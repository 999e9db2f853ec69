/**
 * Constants put in: where an index has one value only, as i in `i == 2 ? … : …`, comparisons of it
 * are decided and what they rule out is left out.
 *
 * Only what a constant that was put in has touched is changed; 0 + x becomes x, at the most a zero of another sign.
 */
import { unreachable } from "../errors.ts";
import type { Comparison } from "../expr/syntax.ts";
import { bodiesOf, constant, parts, scalarsOf, type Range, type Scalar, type Statement } from "./nest.ts";
import { minus, plus, times } from "./integer.ts";

type Constant = Extract<Scalar, { kind: "const" }>;
type Apply = Extract<Scalar, { kind: "apply" }>;

/**
 * Statements with integer constants in place of their names. Each name is defined once.
 * Those in `kept` are defined all the same: they are read after the statements.
 */
export function foldConstants(
  statements: readonly Statement[],
  kept: ReadonlySet<string> = new Set(),
): readonly Statement[] {
  const folding = new Folding(kept);
  const folded = folding.all(statements);
  return folding.found ? withoutUnread(folded) : folded;
}

/** Without constants inside of loops and conditions that nothing reads any more. Those outside may be results. */
function withoutUnread(statements: readonly Statement[]): readonly Statement[] {
  const read = new Set<string>();
  const see = (s: Scalar): void => {
    if (s.kind === "name") read.add(s.name);
    parts(s).forEach(see);
  };
  const look = (s: Statement): void => {
    scalarsOf(s).forEach(see);
    bodiesOf(s).forEach(look);
  };
  statements.forEach(look);
  let dropped = false;
  const isRead = (s: Statement): boolean => {
    const is = s.kind !== "let" || s.mutable || read.has(s.name);
    if (!is) dropped = true;
    return is;
  };
  const inside = (all: readonly Statement[]): readonly Statement[] => all.filter(isRead).map(kept);
  const kept = (s: Statement): Statement => {
    if (s.kind === "for") return { ...s, body: inside(s.body) };
    return s.kind === "if" ? { ...s, yes: inside(s.yes), no: inside(s.no) } : s;
  };
  const rest = statements.map(kept);
  return dropped ? withoutUnread(rest) : rest;
}

class Folding {
  readonly #values = new Map<string, Constant>();
  readonly #kept: ReadonlySet<string>;

  constructor(kept: ReadonlySet<string>) {
    this.#kept = kept;
  }

  /** Whether there was any constant to put in. */
  get found(): boolean {
    return this.#values.size > 0;
  }

  all(statements: readonly Statement[]): readonly Statement[] {
    return statements.flatMap((s) => this.#one(s));
  }

  #one(s: Statement): readonly Statement[] {
    switch (s.kind) {
      case "comment":
        return [s];
      case "let": {
        const value = this.#scalar(s.value);
        if (value.kind !== "const" || s.mutable || s.type !== "int") return [{ ...s, value }];
        this.#values.set(s.name, value);
        return this.#kept.has(s.name) ? [{ ...s, value }] : [];
      }
      case "assign":
      case "fill":
        return [{ ...s, value: this.#scalar(s.value) }];
      case "store":
        return [{ ...s, offset: this.#scalar(s.offset), value: this.#scalar(s.value) }];
      case "for":
        return [{ ...s, from: this.#scalar(s.from), to: this.#scalar(s.to), body: this.all(s.body) }];
      case "contract": {
        const range = (r: Range): Range => ({ ...r, from: this.#scalar(r.from), to: this.#scalar(r.to) });
        const factors = s.factors.map((f) => this.#scalar(f));
        const [frees, sums] = [s.frees.map(range), s.sums.map(range)];
        return [{ ...s, offset: this.#scalar(s.offset), frees, sums, factors }];
      }
      case "if": {
        const guard = this.#scalar(s.guard);
        if (guard.kind === "const") return this.all(guard.value !== 0 ? s.yes : s.no);
        return [{ ...s, guard, yes: this.all(s.yes), no: this.all(s.no) }];
      }
      case "require":
        return [
          {
            ...s,
            guard: this.#scalar(s.guard),
            message: s.message.map((m) => (typeof m === "string" ? m : this.#scalar(m))),
          },
        ];
      default:
        return unreachable(s);
    }
  }

  #scalar(s: Scalar): Scalar {
    switch (s.kind) {
      case "const":
        return s;
      case "name":
        return this.#values.get(s.name) ?? s;
      case "load": {
        const offset = this.#scalar(s.offset);
        return offset === s.offset ? s : { ...s, offset };
      }
      case "apply": {
        const args = s.args.map((a) => this.#scalar(a));
        return args.every((a, n) => a === s.args[n]) ? s : applied(s, args);
      }
      case "select": {
        const [guard, yes, no] = [s.guard, s.yes, s.no].map((part) => this.#scalar(part)) as [
          Scalar,
          Scalar,
          Scalar,
        ]; // as many as there were
        if (guard.kind === "const") return typed(guard.value !== 0 ? yes : no, s);
        return guard === s.guard && yes === s.yes && no === s.no ? s : { ...s, guard, yes, no };
      }
    }
  }
}

/** A constant of an integer where a real is wanted is a constant of a real. */
const typed = (value: Scalar, { type }: Scalar): Scalar =>
  value.kind === "const" && value.type !== type ? constant(value.value, type) : value;

const isNumber = (s: Scalar | undefined, value: number): boolean => s?.kind === "const" && s.value === value;

/** The operation on arguments of which some have become constants. */
function applied(s: Apply, args: readonly Scalar[]): Scalar {
  const [a, b] = args as [Scalar, Scalar]; // b is read of operations that have one
  const whole: Apply = { ...s, args };
  switch (s.op) {
    case "add":
      return s.type === "int" ? args.reduce(plus) : sumOf(whole);
    case "sub":
      if (s.type === "int") return minus(a, b);
      return isNumber(b, 0) ? typed(a, s) : whole;
    case "mul":
      return s.type === "int" ? args.reduce(times) : whole;
    case "lt":
    case "le":
    case "gt":
    case "ge":
    case "eq":
    case "ne":
      return a.kind === "const" && b.kind === "const" ? condition(holds[s.op](a.value, b.value)) : whole;
    case "and":
    case "or":
      return joined(whole, s.op === "and" ? 1 : 0);
    case "not":
      return a.kind === "const" ? condition(a.value === 0) : whole;
    case "iverson":
      return a.kind === "const" ? constant(a.value, s.type) : whole;
    default:
      return whole;
  }
}

// prettier-ignore
const holds: Record<Comparison, (a: number, b: number) => boolean> = {
  lt: (a, b) => a < b,   le: (a, b) => a <= b,   gt: (a, b) => a > b,
  ge: (a, b) => a >= b,  eq: (a, b) => a === b,  ne: (a, b) => a !== b,
};

const condition = (yes: boolean): Scalar => constant(yes ? 1 : 0, "bool");

/** A sum of reals without its zeros. */
function sumOf(s: Apply): Scalar {
  const args = s.args.filter((a) => !isNumber(a, 0));
  if (args.length === 0) return constant(0, s.type);
  return args.length === 1 ? args[0]! : { ...s, args };
}

/** Conditions joined by `and` (`or`): those that say nothing are left out, and one that decides is all. */
function joined(s: Apply, neutral: 0 | 1): Scalar {
  const open: Scalar[] = [];
  for (const a of s.args) {
    if (a.kind !== "const") open.push(a);
    else if (a.value !== neutral) return a;
  }
  if (open.length === 0) return condition(neutral === 1);
  return open.length === 1 ? open[0]! : { ...s, args: open };
}
