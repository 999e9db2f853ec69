/**
 * Printer: expressions and programs as text of the language, with least parentheses.
 *
 * What is printed reads back to the same node, provided that no term of a sum begins
 * with a minus sign (it is printed `a - b`), that sizes have no names of their own,
 * that the array which names an extent is still the first to be read, and that no
 * index was given a bound (`untold.ts`). An expression too
 * large to be read is cut, with `…` where.
 */
import { expectArgument } from "../argument.ts";
import type { Expr } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import type {
  Comparison,
  DefinitionSyntax,
  IndexSyntax,
  Infix,
  ProgramSyntax,
  Syntax,
} from "../expr/syntax.ts";
import { unreachable } from "../errors.ts";
import { written, writtenDefinition, writtenProgram, type WrittenOptions } from "./written.ts";

export type PrintOptions = WrittenOptions;

export function print(e: Expr, options: PrintOptions = {}): string {
  expectArgument("print", "expression", e);
  return printSyntax(written(e, options));
}

/** `margin[i,j] = max(0, …)`. */
export function printDefinition(d: Definition, options: PrintOptions = {}): string {
  expectArgument("printDefinition", "definition", d);
  return printDefinitionSyntax(writtenDefinition(d, options));
}

/** One definition a line, the equals signs below each other. */
export function printProgram(definitions: readonly Definition[], options: PrintOptions = {}): string {
  expectArgument("printProgram", "definitions", definitions);
  return printProgramSyntax({ definitions: writtenProgram(definitions, options) });
}

export function printProgramSyntax({ definitions }: ProgramSyntax): string {
  const width = Math.min(24, Math.max(0, ...definitions.map((d) => leftSide(d).length)));
  return definitions.map((d) => printDefinitionSyntax(d, width)).join("\n");
}

export const printDefinitionSyntax = (d: DefinitionSyntax, width = 0): string =>
  `${leftSide(d).padEnd(width)} = ${printSyntax(d.body)}`;

const leftSide = ({ name, indices }: DefinitionSyntax): string =>
  indices.length === 0 ? name : `${name}[${indices.map(indexText).join(",")}]`;

const indexText = ({ name, below }: IndexSyntax): string =>
  below === undefined
    ? name
    : printSyntax({ kind: "compare", first: { kind: "name", name }, rest: [{ op: "lt", right: below }] });

/** How tightly each form holds, as in `parse-expression.ts`. */
const loose = 0;
const choice = 1;
const or = 2;
const and = 3;
const not = 4;
const comparison = 5;
const additive = 6;
const multiplicative = 7;
const power = 8;
const atom = 9;

// prettier-ignore
const infixes: Record<Infix, { sign: string; holds: number; left: number; right: number }> = {
  add: { sign: " + ", holds: additive,       left: additive,       right: multiplicative },
  sub: { sign: " - ", holds: additive,       left: additive,       right: multiplicative },
  mul: { sign: " * ", holds: multiplicative, left: multiplicative, right: power },
  div: { sign: " / ", holds: multiplicative, left: multiplicative, right: power },
  pow: { sign: "^",   holds: power,          left: atom,           right: power },
};

// prettier-ignore
const comparisons: Record<Comparison, string> = { lt: "<", le: "<=", gt: ">", ge: ">=", eq: "==", ne: "!=" };

/** Syntax as text. */
export const printSyntax = (e: Syntax): string =>
  operand(e, { least: loose, leads: true, inSubscript: false });

/** Where an expression stands. */
interface Position {
  /** How tightly it must hold to stand without parentheses. */
  readonly least: number;
  /** Whether it is the first operand of what is around it, so that operators follow it. */
  readonly leads: boolean;
  /** Subscripts are written close: `X[2*p + r,c]`. */
  readonly inSubscript: boolean;
}

function operand(e: Syntax, position: Position): string {
  return tightness(e, position) >= position.least
    ? bare(e, position)
    : `(${bare(e, { ...position, least: loose, leads: true })})`;
}

/** A minus takes all of the product that follows it, unless it belongs to a number. */
function tightness(e: Syntax, { leads }: Position): number {
  switch (e.kind) {
    case "infix":
      return infixes[e.op].holds;
    case "negate":
      return leads ? (e.of.kind === "number" ? multiplicative : additive) : atom;
    case "compare":
      return comparison;
    case "logic":
      return e.op === "and" ? and : or;
    case "not":
      return not;
    case "where":
      return choice;
    default:
      return atom;
  }
}

function bare(e: Syntax, position: Position): string {
  const { inSubscript } = position;
  const lead = (e: Syntax, least: number): string => operand(e, { least, leads: true, inSubscript });
  const follow = (e: Syntax, least: number): string => operand(e, { least, leads: false, inSubscript });
  switch (e.kind) {
    case "number":
      return decimal(e.value, e.integer);
    case "name":
      return e.name;
    case "subscript":
      return `${e.name}[${e.at.map((s) => operand(s, { least: loose, leads: true, inSubscript: true })).join(",")}]`;
    case "call":
      return `${e.name}(${e.args.map(printSyntax).join(", ")})`;
    case "iverson":
      return `[${printSyntax(e.of)}]`;
    case "infix": {
      const { sign, left, right } = infixes[e.op];
      const close = inSubscript && (e.op === "mul" || e.op === "div");
      return lead(e.left, left) + (close ? sign.trim() : sign) + follow(e.right, right);
    }
    case "negate":
      return `-${follow(e.of, Math.max(position.least, beginsWithNumber(e.of) ? power : multiplicative))}`;
    case "compare":
      return [
        lead(e.first, additive),
        ...e.rest.map(({ op, right }) => `${comparisons[op]} ${follow(right, additive)}`),
      ].join(" ");
    case "logic":
      return e.op === "and"
        ? `${lead(e.left, and)} and ${follow(e.right, not)}`
        : `${lead(e.left, or)} or ${follow(e.right, and)}`;
    case "not":
      return `not ${follow(e.of, not)}`;
    case "where":
      return `${lead(e.guard, or)} ? ${follow(e.then, choice)} : ${follow(e.else, choice)}`;
    default:
      return unreachable(e);
  }
}

function beginsWithNumber(e: Syntax): boolean {
  let first = e;
  while (first.kind === "infix" && first.op !== "add" && first.op !== "sub") first = first.left;
  return first.kind === "number";
}

/** A number so that it reads back with its value and type: a real has a point or an exponent. */
function decimal(value: number, integer: boolean): string {
  if (value === Infinity) return "∞";
  const digits = String(value).replace("e+", "e");
  return integer || /[.e]/u.test(digits) ? digits : `${digits}.0`;
}
