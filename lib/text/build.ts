/**
 * Builders: programs written in TypeScript.
 *
 *   const [i, j, d] = indices("i", "j", "d");
 *   const [X, W, y] = [tensor("X"), tensor("W"), tensor("y")];
 *   const score = define("score", [i, j], sum(d, X.at(i, d).times(W.at(d, j))));
 *   const loss = define("loss", [], mean(i, logsumexp(j, score.at(i, j)).minus(score.at(i, y.at(i)))));
 *   program(score, loss);
 *
 * They make the same syntax that the parser makes, so a program that is built has
 * the very same nodes as one that is read, and the same mistakes are refused.
 */
import { described } from "../argument.ts";
import { UserError } from "../errors.ts";
import type { Program } from "../expr/program.ts";
import { resolve } from "../expr/resolve.ts";
import type { Comparison, DefinitionSyntax, Infix, Syntax } from "../expr/syntax.ts";
import { indexOnLeft } from "./left-side.ts";
import { canonical, checkName } from "./names.ts";

/** What may stand wherever an expression is wanted. A whole number is an integer. */
export type Operand = Formula | number;

/** An expression. Methods make larger ones; nothing changes. */
export class Formula {
  readonly syntax: Syntax;

  constructor(syntax: Syntax) {
    this.syntax = syntax;
  }

  plus = (other: Operand): Formula => infix("add", this, other);
  minus = (other: Operand): Formula => infix("sub", this, other);
  times = (other: Operand): Formula => infix("mul", this, other);
  over = (other: Operand): Formula => infix("div", this, other);
  power = (other: Operand): Formula => infix("pow", this, other);
  negated = (): Formula => new Formula({ kind: "negate", of: this.syntax });

  lt = (other: Operand): Formula => compare("lt", this, other);
  le = (other: Operand): Formula => compare("le", this, other);
  gt = (other: Operand): Formula => compare("gt", this, other);
  ge = (other: Operand): Formula => compare("ge", this, other);
  eq = (other: Operand): Formula => compare("eq", this, other);
  ne = (other: Operand): Formula => compare("ne", this, other);

  and = (other: Formula): Formula => logic("and", this, other);
  or = (other: Formula): Formula => logic("or", this, other);
  not = (): Formula => new Formula({ kind: "not", of: syntaxOf(this) });
  /** `this ? then : otherwise`: only one side is evaluated. */
  choose = (then: Operand, otherwise: Operand): Formula =>
    new Formula({ kind: "where", guard: this.syntax, then: syntaxOf(then), else: syntaxOf(otherwise) });
}

/** A name: alone it is a scalar or an index, with `at` it is an array. */
export class Named extends Formula {
  readonly name: string;

  constructor(name: string) {
    const canonicalName = checked(name);
    super({ kind: "name", name: canonicalName });
    this.name = canonicalName;
  }

  /** `X.at(i, y.at(i))` is X[i, y[i]]. */
  at = (...subscripts: readonly Operand[]): Formula =>
    subscripts.length === 0
      ? this
      : new Formula({ kind: "subscript", name: this.name, at: subscripts.map(syntaxOf) });
}

/** A definition, which later ones may read by its name. */
export class Defined extends Named {
  readonly definition: DefinitionSyntax;

  constructor(name: string, indices: readonly Formula[], body: Operand) {
    super(name);
    if (!Array.isArray(indices))
      throw new UserError(`the indices of ${this.name} are ${described(indices)}, not a list`, {
        fix: `define("${this.name}", [i], …), and [] for a number`,
      });
    this.definition = {
      name: this.name,
      indices: indices.map((i) => indexOnLeft(syntaxOf(i))),
      body: syntaxOf(body),
    };
  }
}

export const tensor = (name: string): Named => new Named(name);
export const scalar = (name: string): Named => new Named(name);

/** One index for each name. */
export const indices = <const Names extends readonly string[]>(
  ...names: Names
): { readonly [N in keyof Names]: Named } =>
  // `map` forgets the length of a tuple.
  names.map((name) => new Named(name)) as { readonly [N in keyof Names]: Named };

/** `name[indices] = body`; an index may be bounded: `define("z", [i.lt(3)], …)` is z[i < 3] = …. */
export const define = (name: string, over: readonly Formula[], body: Operand): Defined =>
  new Defined(name, over, body);

/** The program of these definitions, in this order; the last is its output. Throws as `parse` does. */
export function program(...definitions: readonly Defined[]): Program {
  const fix = { fix: 'program(define("loss", [], …))' };
  for (const d of definitions as readonly unknown[])
    if (!(d instanceof Defined))
      throw new UserError(`a program is made of definitions, not ${described(d)}`, fix);
  return resolve({ definitions: definitions.map((d) => d.definition) });
}

/** A number to begin with: `constant(2).times(p)`. */
export const constant = (value: number): Formula => new Formula(syntaxOf(value));

/** A number with a point: 2 that is not an integer. */
export const real = (value: number): Formula =>
  value < 0 ? new Formula({ kind: "negate", of: number(-value, false) }) : new Formula(number(value, false));

/** [p]: 1 where p holds, else 0. */
export const iverson = (condition: Formula): Formula =>
  new Formula({ kind: "iverson", of: syntaxOf(condition) });

/** `extent(X, 0)`, the size of an axis. */
export const extent = (array: Named, axis: number): Formula => call("extent", [array, axis]);

/** A chain such as 0 ≤ r < 3: `between(0, "le", r, "lt", 3)`. */
export const between = (
  low: Operand,
  first: Comparison,
  middle: Operand,
  second: Comparison,
  high: Operand,
): Formula =>
  new Formula({
    kind: "compare",
    first: syntaxOf(low),
    rest: [
      { op: first, right: syntaxOf(middle) },
      { op: second, right: syntaxOf(high) },
    ],
  });

type Call = (...args: readonly Operand[]) => Formula;

const calls =
  (name: string): Call =>
  (...args) =>
    call(name, args);

// Binders take indices, then perhaps guards, then the body; max and min also compare values.
export const sum: Call = calls("sum");
export const mean: Call = calls("mean");
export const prod: Call = calls("prod");
export const max: Call = calls("max");
export const min: Call = calls("min");
export const logsumexp: Call = calls("logsumexp");
export const argmax: Call = calls("argmax");
export const argmin: Call = calls("argmin");
export const count: Call = calls("count");

export const abs: Call = calls("abs");
export const sign: Call = calls("sign");
export const relu: Call = calls("relu");
export const exp: Call = calls("exp");
export const expm1: Call = calls("expm1");
export const log: Call = calls("log");
export const log1p: Call = calls("log1p");
export const log2: Call = calls("log2");
export const log10: Call = calls("log10");
export const sqrt: Call = calls("sqrt");
export const cbrt: Call = calls("cbrt");
export const sin: Call = calls("sin");
export const cos: Call = calls("cos");
export const tan: Call = calls("tan");
export const asin: Call = calls("asin");
export const acos: Call = calls("acos");
export const atan: Call = calls("atan");
export const sinh: Call = calls("sinh");
export const cosh: Call = calls("cosh");
export const tanh: Call = calls("tanh");
export const asinh: Call = calls("asinh");
export const acosh: Call = calls("acosh");
export const atanh: Call = calls("atanh");
export const sigmoid: Call = calls("sigmoid");
export const softplus: Call = calls("softplus");
export const erf: Call = calls("erf");
export const erfc: Call = calls("erfc");
export const atan2: Call = calls("atan2");
export const hypot: Call = calls("hypot");
/** The value, through which no derivative flows. */
export const stop: Call = calls("stop");

const call = (name: string, args: readonly Operand[]): Formula =>
  new Formula({ kind: "call", name, args: args.map(syntaxOf) });

const infix = (op: Infix, left: Operand, right: Operand): Formula =>
  new Formula({ kind: "infix", op, left: syntaxOf(left), right: syntaxOf(right) });

const compare = (op: Comparison, left: Operand, right: Operand): Formula =>
  new Formula({ kind: "compare", first: syntaxOf(left), rest: [{ op, right: syntaxOf(right) }] });

const logic = (op: "and" | "or", left: Operand, right: Operand): Formula =>
  new Formula({ kind: "logic", op, left: syntaxOf(left), right: syntaxOf(right) });

function syntaxOf(operand: Operand): Syntax {
  if (operand instanceof Formula) return operand.syntax;
  if (typeof operand !== "number")
    throw new UserError(`a formula or a number is wanted, not ${described(operand)}`);
  const integer = Number.isSafeInteger(operand);
  return operand < 0 ? { kind: "negate", of: number(-operand, integer) } : number(operand, integer);
}

function number(value: number, integer: boolean): Syntax {
  if (typeof value !== "number" || Number.isNaN(value))
    throw new UserError(
      `${typeof value === "number" ? value : described(value)} is not a number that a formula can hold`,
    );
  return { kind: "number", value, integer };
}

function checked(name: string): string {
  if (typeof name !== "string") throw new UserError(`a name is text, not ${described(name)}`);
  const spelled = canonical(name);
  checkName(spelled);
  return spelled;
}
