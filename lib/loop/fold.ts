/**
 * Constants put in: where an index has one value only, as i in `i == 2 ? … : …`, comparisons of it
 * are decided and what they rule out is left out.
 *
 * Only what a constant that was put in has touched is changed; 0 + x becomes x, at the most a zero of another sign.
 */
import type { Comparison } from "../expr/syntax.ts";
import { bodiesOf, constant, operation, parts, scalarsOf, type Scalar, type Statement } from "./nest.ts";
import { minus, plus, times } from "./integer.ts";
import { withBody, withBranches } from "./remade.ts";
import { withParts, withScalars } from "./rewrite.ts";

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
    if (s.kind === "for") return withBody(s, inside(s.body));
    return s.kind === "if" ? withBranches(s, inside(s.yes), inside(s.no)) : s;
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
    const now = withScalars(
      s,
      (scalar) => this.#scalar(scalar),
      (body) => this.all(body),
    );
    if (now.kind === "if" && now.guard.kind === "const") return now.guard.value !== 0 ? now.yes : now.no;
    if (now.kind !== "let" || now.value.kind !== "const" || now.mutable || now.type !== "int") return [now];
    this.#values.set(now.name, now.value);
    return this.#kept.has(now.name) ? [now] : [];
  }

  #scalar(s: Scalar): Scalar {
    if (s.kind === "name") return this.#values.get(s.name) ?? s;
    const now = withParts(s, (part) => this.#scalar(part));
    if (now === s) return s;
    if (now.kind === "apply") return applied(now);
    return now.kind === "select" && now.guard.kind === "const"
      ? typed(now.guard.value !== 0 ? now.yes : now.no, s)
      : now;
  }
}

/** A constant of an integer where a real is wanted is a constant of a real. */
const typed = (value: Scalar, { type }: Scalar): Scalar =>
  value.kind === "const" && value.type !== type ? constant(value.value, type) : value;

const isNumber = (s: Scalar | undefined, value: number): boolean => s?.kind === "const" && s.value === value;

/** The operation on arguments of which some have become constants. */
function applied(s: Apply): Scalar {
  const { args } = s;
  const [a, b] = args as [Scalar, Scalar]; // b is read of operations that have one
  switch (s.op) {
    case "add":
      return s.type === "int" ? args.reduce(plus) : sumOf(s);
    case "sub":
      if (s.type === "int") return minus(a, b);
      return isNumber(b, 0) ? typed(a, s) : s;
    case "mul":
      return s.type === "int" ? args.reduce(times) : s;
    case "lt":
    case "le":
    case "gt":
    case "ge":
    case "eq":
    case "ne":
      return a.kind === "const" && b.kind === "const" ? condition(holds[s.op](a.value, b.value)) : s;
    case "and":
    case "or":
      return joined(s, s.op === "and" ? 1 : 0);
    case "not":
      return a.kind === "const" ? condition(a.value === 0) : s;
    case "iverson":
      return a.kind === "const" ? constant(a.value, s.type) : s;
    default:
      return s;
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
  return args.length === 1 ? args[0]! : operation(s.op, s.type, args);
}

/** Conditions joined by `and` (`or`): those that say nothing are left out, and one that decides is all. */
function joined(s: Apply, neutral: 0 | 1): Scalar {
  const open: Scalar[] = [];
  for (const a of s.args) {
    if (a.kind !== "const") open.push(a);
    else if (a.value !== neutral) return a;
  }
  if (open.length === 0) return condition(neutral === 1);
  return open.length === 1 ? open[0]! : operation(s.op, s.type, open);
}
