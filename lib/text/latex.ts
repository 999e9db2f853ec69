/**
 * LaTeX as an author would typeset it, within what KaTeX knows.
 *
 * Quotients are fractions, a fraction of a sum is the sum with 1/N in front,
 * exponentials are powers of e, `?:` is a list of cases. For reading: `log1p(x)`
 * is set as log(1 + x), and `stop(x)` keeps its name.
 */
import { unreachable } from "../errors.ts";
import { isBinder } from "../expr/functions.ts";
import { expectArgument } from "../argument.ts";
import { parts } from "../expr/binder.ts";
import type { Expr } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import type { Comparison, DefinitionSyntax, Syntax } from "../expr/syntax.ts";
import { latexName } from "./latex-name.ts";
import { written, writtenDefinition, writtenProgram, type WrittenOptions } from "./written.ts";

export function latex(e: Expr, options: WrittenOptions = {}): string {
  expectArgument("latex", "expression", e);
  return latexSyntax(written(e, { means: false, ...options }));
}

/** `\mathrm{margin}_{ij} = \max\left(0, …\right)`; with `align`, an `&` before the equals sign. */
export function latexDefinition(d: Definition, options: WrittenOptions & { align?: boolean } = {}): string {
  expectArgument("latexDefinition", "definition", d);
  return definition(writtenDefinition(d, { means: false, ...options }), options.align ?? false);
}

/** Definitions below each other, the equals signs aligned. */
export function latexProgram(definitions: readonly Definition[], options: WrittenOptions = {}): string {
  expectArgument("latexProgram", "definitions", definitions);
  const lines = writtenProgram(definitions, { means: false, ...options }).map(
    (d) => `  ${definition(d, true)}`,
  );
  return `\\begin{aligned}\n${lines.join(" \\\\\n")}\n\\end{aligned}`;
}

export const latexSyntax = (e: Syntax): string => set(e).tex;

function definition({ name, indices, body }: DefinitionSyntax, align: boolean): string {
  const at = indices.map((i): Syntax => ({ kind: "name", name: i.name }));
  const left = at.length === 0 ? latexName(name) : set({ kind: "subscript", name, at }).tex;
  return `${left} ${align ? "&=" : "="} ${latexSyntax(body)}`;
}

/** A piece of LaTeX, and what may stand beside it. */
interface Piece {
  readonly tex: string;
  readonly holds: number;
  /** Whether a factor to its right would be read as part of it: Σ a, log x. */
  readonly opens: boolean;
  /** A product that begins with a minus: -2 x. */
  readonly negative: boolean;
}

const or = 1;
const and = 2;
const comparison = 3;
const additive = 4;
const multiplicative = 5;
const power = 6;
const atom = 7;

const piece = (tex: string, holds = atom, opens = false): Piece => ({ tex, holds, opens, negative: false });
const negative = (tex: string, opens: boolean): Piece => ({
  tex: `-${tex}`,
  holds: additive,
  opens,
  negative: true,
});

const parenthesized = (tex: string): string => `\\left(${tex}\\right)`;

/** The piece, in parentheses where it holds less tightly than its place asks. */
const held = ({ tex, holds }: Piece, least: number): string => (holds >= least ? tex : parenthesized(tex));

// prettier-ignore
const comparisons: Record<Comparison, string> = { lt: "<", le: "\\le", gt: ">", ge: "\\ge", eq: "=", ne: "\\ne" };

/** `followed` tells that a factor comes to the right. */
function set(e: Syntax, followed = false): Piece {
  const p = form(e, followed);
  return followed && p.opens ? piece(parenthesized(p.tex)) : p;
}

function form(e: Syntax, followed: boolean): Piece {
  switch (e.kind) {
    case "number":
      return number(e.value);
    case "name":
      return piece(latexName(e.name));
    case "subscript":
      return piece(`${latexName(e.name, true)}_${subscripts(e.at)}`);
    case "call":
      return isReduction(e) ? binder(e) : application(e, followed);
    case "infix":
      return infix(e, followed);
    case "negate": {
      const of = set(e.of, followed);
      return negative(held(of, multiplicative), of.opens);
    }
    case "compare":
      return piece(
        [
          held(set(e.first), additive),
          ...e.rest.map(({ op, right }) => `${comparisons[op]} ${held(set(right), additive)}`),
        ].join(" "),
        comparison,
      );
    case "logic":
      return e.op === "and"
        ? piece(`${held(set(e.left), and)} \\land ${held(set(e.right), comparison)}`, and)
        : piece(`${held(set(e.left), or)} \\lor ${held(set(e.right), and)}`, or);
    case "not":
      return piece(`\\lnot ${held(set(e.of), power)}`, comparison);
    case "iverson":
      return piece(`\\mathbb{1}[\\,${set(e.of).tex}\\,]`);
    case "where":
      return cases(e);
    default:
      return unreachable(e);
  }
}

/** 0.001, 2.5 · 10⁻⁹. */
function number(value: number): Piece {
  if (value === Infinity) return piece("\\infty");
  const [mantissa, exponent] = String(value).replace("e+", "e").split("e");
  if (exponent === undefined) return piece(mantissa!);
  const power10 = `10^{${exponent}}`;
  return mantissa === "1" ? piece(power10, power) : piece(`${mantissa} \\cdot ${power10}`, multiplicative);
}

/** Letters side by side; commas as soon as one subscript is more than a letter. */
function subscripts(at: readonly Syntax[]): string {
  const set = at.map(latexSyntax);
  const letters = set.every((s) => /^(?:[A-Za-z]|\\[A-Za-z]+)$/u.test(s));
  const tex = letters ? set.join(set.some((s) => s.startsWith("\\")) ? " " : "") : set.join(", ");
  return tex.length === 1 ? tex : `{${tex}}`;
}

function infix(e: Extract<Syntax, { kind: "infix" }>, followed: boolean): Piece {
  switch (e.op) {
    case "add":
    case "sub": {
      const [left, right] = [set(e.left), set(e.right)];
      const first = left.tex.endsWith("\\end{cases}") ? parenthesized(left.tex) : held(left, additive);
      const sign = e.op === "add" ? "+" : "-";
      return piece(`${first} ${sign} ${held(right, multiplicative)}`, additive, right.opens);
    }
    case "mul":
      return product(set(e.left, true), set(e.right, followed));
    case "div":
      return isTall(e.left) && !isTall(e.right)
        ? product(piece(`\\frac{1}{${latexSyntax(e.right)}}`), set(e.left, followed))
        : fraction(set(e.left), set(e.right));
    case "pow":
      return piece(`${held(set(e.left), atom)}^{${exponent(e.right)}}`, power);
    default:
      return unreachable(e.op);
  }
}

function fraction(above: Piece, below: Piece): Piece {
  return above.negative
    ? negative(`\\frac{${above.tex.slice(1)}}{${below.tex}}`, false)
    : piece(`\\frac{${above.tex}}{${below.tex}}`, power - 0.5);
}

/** Whether a reduction or a list of cases stands in it outside of all brackets. */
const isTall = (e: Syntax): boolean =>
  e.kind === "where" ||
  (e.kind === "call" && isReduction(e) && !counts(e)) ||
  ((e.kind === "infix" || e.kind === "negate") && parts(e).some(isTall));

/** Two factors side by side, with as much between them as it takes to read them as two. */
function product(left: Piece, right: Piece): Piece {
  const [a, b] = [held(left, left.negative ? additive : multiplicative), held(right, multiplicative)];
  const space = needsDot(a, b) ? " \\cdot " : needsSpace(a, b) ? " \\, " : " ";
  const tex = a + space + b;
  return left.negative ? negative(tex.slice(1), right.opens) : piece(tex, multiplicative, right.opens);
}

/** Before a digit, and where a parenthesis would make a function of a name. */
const needsDot = (left: string, right: string): boolean =>
  /^[0-9]/u.test(right) ||
  (right.startsWith("\\left(") && /[A-Za-z]\}?$/u.test(left) && !left.startsWith("\\frac"));

const uprightEnd = /(?:\\(?:mathrm|text)\{[^{}]*\}(?:_(?:\w|\{[^{}]*\}))?|\\,\])(?:\^\{[^{}]*\})?$/u;
const upright = /^\\(?:mathrm|text|mathbb)(?![A-Za-z])/u;
const operator = /^\\(?:sum|prod|max|min|operatorname|log|ln|sin|cos|tan|sinh|cosh|tanh)(?![A-Za-z])/u;

/** Words run together without a space; TeX sets its own before operators. */
const needsSpace = (left: string, right: string): boolean =>
  upright.test(right) || (uprightEnd.test(left) && !operator.test(right));

const isSymbol = (e: Syntax): boolean => e.kind === "number" || e.kind === "name" || e.kind === "subscript";

/** In an exponent a small quotient stays on the line: x^{1/2}. */
function exponent(e: Syntax): string {
  if (e.kind === "infix" && e.op === "div" && isSymbol(e.left) && isSymbol(e.right))
    return `${latexSyntax(e.left)}/${latexSyntax(e.right)}`;
  return latexSyntax(e);
}

function cases(e: Extract<Syntax, { kind: "where" }>): Piece {
  const rows: string[] = [];
  let rest: Syntax = e;
  for (; rest.kind === "where"; rest = rest.else)
    rows.push(`${latexSyntax(rest.then)} & \\text{if } ${latexSyntax(rest.guard)}`);
  rows.push(`${latexSyntax(rest)} & \\text{otherwise}`);
  return piece(`\\begin{cases} ${rows.join(" \\\\ ")} \\end{cases}`, multiplicative, true);
}

type Call = Extract<Syntax, { kind: "call" }>;

// prettier-ignore
const signs: Readonly<Record<string, string>> = {
  sum:       "\\sum",
  prod:      "\\prod",
  max:       "\\max",
  min:       "\\min",
  argmax:    "\\operatorname*{arg\\,max}",
  argmin:    "\\operatorname*{arg\\,min}",
  mean:      "\\operatorname*{mean}",
  logsumexp: "\\log \\sum",
};

/** The call as a binder: its indices, its guards, its body. */
function readBinder({ name, args }: Call): { indices: Syntax[]; guards: Syntax[]; body: Syntax | undefined } {
  const body = name === "count" && args.length === 1 ? undefined : args.at(-1);
  const before = body === undefined ? args : args.slice(0, -1);
  const first = before.findIndex((a) => a.kind !== "name");
  const named = first < 0 ? before.length : first;
  return { indices: before.slice(0, named), guards: before.slice(named), body };
}

const isCondition = (e: Syntax): boolean => e.kind === "compare" || e.kind === "logic" || e.kind === "not";

/** `max` and `min` compare values, unless a name or a condition leads and something with subscripts follows. */
function isReduction(e: Call): boolean {
  if (!isBinder(e.name)) return false;
  if (e.name !== "max" && e.name !== "min") return true;
  const [first, ...later] = e.args;
  if (first === undefined || later.length === 0) return false;
  return isCondition(first) || (first.kind === "name" && later.some((a) => subscripted(first.name, a)));
}

const subscripted = (name: string, e: Syntax): boolean =>
  e.kind === "subscript" ? e.at.some((a) => occurs(name, a)) : parts(e).some((p) => subscripted(name, p));

const occurs = (name: string, e: Syntax): boolean =>
  (e.kind === "name" && e.name === name) || parts(e).some((p) => occurs(name, p));

/** Whether a reduction does nothing but count: a sum of 1 where a guard holds. */
const counts = (e: Call): boolean => {
  const { guards, body } = readBinder(e);
  if (e.name === "count") return true;
  return e.name === "sum" && guards.length > 0 && body?.kind === "number" && body.value === 1;
};

function binder(e: Call): Piece {
  const { indices, guards, body } = readBinder(e);
  const range = guards.flatMap(conjuncts).map((g) => set(g).tex);
  const names = indices.map(latexSyntax);
  if (counts(e)) {
    const all = e.name === "count" && body !== undefined ? [...range, latexSyntax(body)] : range;
    const set = names.length === 0 ? all.join(",\\, ") : `${names.join(", ")} : ${all.join(",\\, ")}`;
    return piece(`\\left|\\left\\{${set}\\right\\}\\right|`);
  }
  const under = [names.join(", "), range.join(",\\, ")].filter((part) => part !== "").join(" : ");
  const term = body === undefined ? piece("") : e.name === "logsumexp" ? exponential(body) : set(body);
  return piece(`${signs[e.name]}_{${under}} ${held(term, multiplicative)}`, multiplicative, true);
}

const conjuncts = (guard: Syntax): readonly Syntax[] =>
  guard.kind === "logic" && guard.op === "and"
    ? [...conjuncts(guard.left), ...conjuncts(guard.right)]
    : [guard];

/** e to the power of something small, exp of all else. */
const exponential = (e: Syntax): Piece => {
  const tex = exponent(e);
  return /\\(?:frac|begin|sum|prod|max|min|operatorname)/u.test(tex)
    ? piece(`\\exp${parenthesized(tex)}`)
    : piece(`e^{${tex}}`, power);
};

const tex = (e: Syntax): string => latexSyntax(e);

/** Functions whose form is their own; all others are their name before their arguments. */
const forms: Readonly<Record<string, (...args: readonly Syntax[]) => Piece>> = {
  exp: (x) => exponential(x!),
  expm1: (x) => piece(`${exponential(x!).tex} - 1`, additive),
  log1p: (x) => piece(`\\log${parenthesized(`1 + ${held(set(x!), multiplicative)}`)}`),
  sqrt: (x) => piece(`\\sqrt{${tex(x!)}}`, power),
  cbrt: (x) => piece(`\\sqrt[3]{${tex(x!)}}`, power),
  abs: (x) => piece(`\\left|${tex(x!)}\\right|`),
  floor: (x) => piece(`\\left\\lfloor ${tex(x!)} \\right\\rfloor`),
  pow: (x, y) => piece(`${held(set(x!), atom)}^{${exponent(y!)}}`, power),
  extent: (x, axis) => piece(`\\operatorname{extent}_{${tex(axis!)}}${parenthesized(tex(x!))}`),
};

// prettier-ignore
const commands: Readonly<Record<string, string>> = {
  log: "\\log", ln: "\\ln", log2: "\\log_2", log10: "\\log_{10}",
  sin: "\\sin", cos: "\\cos", tan: "\\tan", asin: "\\arcsin", acos: "\\arccos", atan: "\\arctan",
  sinh: "\\sinh", cosh: "\\cosh", tanh: "\\tanh",
  asinh: "\\operatorname{arsinh}", acosh: "\\operatorname{arcosh}", atanh: "\\operatorname{artanh}",
  max: "\\max", min: "\\min", sigmoid: "\\sigma",
};

/** Functions that are written without parentheses before a single symbol: log x. */
const bare: ReadonlySet<string> = new Set(["log", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh"]);

function application({ name, args }: Call, followed: boolean): Piece {
  const own = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (own !== undefined && own.length === args.length) return own(...args);
  const command =
    (Object.hasOwn(commands, name) && commands[name]) || `\\operatorname{${name.replaceAll("_", "\\_")}}`;
  const [first] = args;
  if (first !== undefined && !followed && bare.has(name) && isSymbol(first))
    return piece(`${command} ${tex(first)}`, multiplicative, true);
  return piece(command + parenthesized(args.map(tex).join(", ")), power);
}
