/**
 * Expressions by precedence climbing: tokens to `Syntax`.
 *
 * From loosest to tightest: `c ? a : b`, `or`, `and`, `not`, comparisons (which
 * chain), `+ -`, `* /`, `^`. A minus before a product takes all of it, as on
 * paper: -a * b is -(a * b); before a number it belongs to the number, so that
 * -2 * x is the product of -2 and x. A node's place is that of its operator; of a
 * name, a call or a bracket, that of its first character.
 */
import { UserError, type Place } from "../errors.ts";
import { parts } from "../expr/binder.ts";
import type { Comparison, Infix, Syntax } from "../expr/syntax.ts";
import { insteadOfPair } from "./habits.ts";
import type { Sign, Token } from "./lexer.ts";
import { checkName, functions, shorten } from "./names.ts";

/** How many brackets, minus signs, exponents or conditions may stand inside each other. */
export const deepest = 200;
/** How high a tree may be: `a + b + c + …` grows by one level with each operand. */
export const highest = 500;

/** How tightly an operator holds its operands. */
// prettier-ignore
const tightness = { choose: 1, or: 2, and: 3, not: 4, compare: 5, add: 6, mul: 7, pow: 8 } as const;

const infixes: Partial<Record<Sign, { op: Infix; holds: number }>> = {
  "+": { op: "add", holds: tightness.add },
  "-": { op: "sub", holds: tightness.add },
  "*": { op: "mul", holds: tightness.mul },
  "/": { op: "div", holds: tightness.mul },
};

// prettier-ignore
const comparisons: Partial<Record<Sign, Comparison>> = {
  "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne",
};

const connectives: Partial<Record<Sign, { op: "and" | "or"; holds: number }>> = {
  "&&": { op: "and", holds: tightness.and },
  "||": { op: "or", holds: tightness.or },
};

/** Signs that people write for a function. */
const spelledOut: ReadonlyMap<string, string> = new Map([
  ["Σ", "sum"],
  ["∑", "sum"],
  ["Π", "prod"],
  ["∏", "prod"],
]);

/** Reads the tokens of one expression; the last token is an `end`. */
export class ExpressionReader {
  readonly #tokens: readonly Token[];
  readonly #heights = new Map<Syntax, number>();
  /** The places of the brackets that are open, innermost last. */
  readonly #open: { sign: Sign; place: Place }[] = [];
  #position: number;
  #depth = 0;

  constructor(tokens: readonly Token[], position = 0) {
    this.#tokens = tokens;
    this.#position = position;
  }

  /** The expression that takes up all the tokens. */
  whole(): Syntax {
    const e = this.#expression(0);
    if (this.#peek().kind !== "end") throw this.#unexpected(`an operator or ${this.#tokens.at(-1)!.text}`);
    return e;
  }

  #peek(): Token {
    return this.#tokens[this.#position]!;
  }

  #sign(): Sign | undefined {
    const token = this.#peek();
    return token.kind === "sign" ? token.sign : undefined;
  }

  #take(): Token {
    return this.#tokens[this.#position++]!;
  }

  #expression(least: number): Syntax {
    if (++this.#depth > deepest)
      throw new UserError(`more than ${deepest} levels of nesting`, {
        place: this.#peek().place,
        fix: "give an inner part a definition of its own",
      });
    let left = this.#operand(least);
    for (;;) {
      const longer = this.#extended(left, least);
      if (longer === undefined) break;
      left = longer;
    }
    this.#depth--;
    return left;
  }

  /** `left` with one more operator and its right side; undefined when none follows that holds `least` or tighter. */
  #extended(left: Syntax, least: number): Syntax | undefined {
    const token = this.#peek();
    const { place } = token;
    if (token.kind === "power" && tightness.pow >= least) {
      this.#take();
      return this.#node({ kind: "infix", place, op: "pow", left, right: integer(token.value, place) });
    }
    const sign = this.#sign();
    if (sign === undefined) return undefined;
    if (sign === "^" && tightness.pow >= least) {
      this.#take();
      return this.#node({ kind: "infix", place, op: "pow", left, right: this.#expression(tightness.pow) });
    }
    const infix = infixes[sign];
    if (infix !== undefined && infix.holds >= least) {
      this.#take();
      return this.#node({
        kind: "infix",
        place,
        op: infix.op,
        left,
        right: this.#expression(infix.holds + 1),
      });
    }
    const connective = connectives[sign];
    if (connective !== undefined && connective.holds >= least) {
      this.#take();
      const right = this.#expression(connective.holds + 1);
      return this.#node({ kind: "logic", place, op: connective.op, left, right });
    }
    if (comparisons[sign] !== undefined && tightness.compare >= least) return this.#comparison(left);
    if (sign === "?" && tightness.choose >= least) return this.#choice(left);
    return undefined;
  }

  #comparison(first: Syntax): Syntax {
    const { place } = this.#peek();
    const rest: { op: Comparison; right: Syntax }[] = [];
    for (;;) {
      const sign = this.#sign();
      const op = sign && comparisons[sign];
      if (op === undefined) return this.#node({ kind: "compare", place, first, rest });
      this.#take();
      rest.push({ op, right: this.#expression(tightness.compare + 1) });
    }
  }

  #choice(guard: Syntax): Syntax {
    const { place } = this.#take();
    const then = this.#expression(tightness.choose);
    this.#expect(":", 'an operator or the ":" of the condition');
    return this.#node({
      kind: "where",
      place,
      guard,
      then,
      else: this.#expression(tightness.choose),
    });
  }

  #operand(least: number): Syntax {
    const token = this.#peek();
    const { place } = token;
    if (token.kind === "number") {
      this.#take();
      return this.#node({ kind: "number", place, value: token.value, integer: token.integer });
    }
    if (token.kind === "name") {
      this.#take();
      return this.#named(token.name, place);
    }
    switch (this.#sign()) {
      case "-": {
        this.#take();
        const holds = this.#peek().kind === "number" ? tightness.pow : tightness.mul;
        return this.#node({ kind: "negate", place, of: this.#expression(Math.max(least, holds)) });
      }
      case "!": {
        if (least > tightness.not)
          throw new UserError(`"${token.text}" stands inside a tighter operation`, {
            place,
            fix: `put it in parentheses: (${token.text} …)`,
          });
        this.#take();
        return this.#node({ kind: "not", place, of: this.#expression(tightness.not) });
      }
      case "(": {
        this.#enter("(");
        const inside = this.#expression(0);
        this.#leave(")", 'an operator or ")"');
        return inside;
      }
      case "[": {
        this.#enter("[");
        const of = this.#expression(0);
        this.#leave("]", 'an operator or "]"');
        return this.#node({ kind: "iverson", place, of });
      }
      default:
        throw this.#unexpected("a number, a name or a bracket");
    }
  }

  /** What begins with a name: a call, a read with subscripts, or the name alone. */
  #named(name: string, place: Place): Syntax {
    if (this.#sign() === "(") return this.#call(spelledOut.get(name) ?? name, place);
    if (name === "∑" || name === "∏") {
      const next = this.#peek();
      const found = next.kind === "end" ? next.text : `"${shorten(next.text)}"`;
      throw new UserError(`expected "(" after ${name}, found ${found}`, {
        place: next.place,
        fix: `write ${name}(i, …)`,
      });
    }
    checkName(name, place);
    if (this.#sign() !== "[") return this.#node({ kind: "name", place, name });
    const at = this.#list("[", "]", () => {
      const opening = this.#sign();
      if (opening === "]" || opening === ",")
        throw this.#unexpected("an index, a label or an integer as a subscript");
      return this.#subscript(name);
    });
    return this.#node({ kind: "subscript", place, name, at });
  }

  #subscript(name: string): Syntax {
    const { place } = this.#peek();
    const e = this.#expression(0);
    if (e.kind === "compare" || e.kind === "logic" || e.kind === "not")
      throw new UserError(`a subscript of ${shorten(name)} is a condition`, {
        place,
        fix: `to multiply by [p] write ${shorten(name)} * [p]`,
      });
    return e;
  }

  #call(name: string, place: Place): Syntax {
    if (!functions.has(name)) checkName(name, place);
    const args = this.#list("(", ")", () => this.#expression(0));
    if (name !== "where") return this.#node({ kind: "call", place, name, args });
    const [guard, then, otherwise] = args;
    if (guard === undefined || then === undefined || otherwise === undefined || args.length > 3)
      throw new UserError(`where takes 3 arguments, not ${args.length}`, {
        place,
        fix: "where(condition, value, other value)",
      });
    return this.#node({ kind: "where", place, guard, then, else: otherwise });
  }

  #list(opening: Sign, closing: Sign, item: () => Syntax): readonly Syntax[] {
    this.#enter(opening);
    const items = [item()];
    while (this.#sign() === ",") {
      this.#take();
      items.push(item());
    }
    this.#leave(closing, `an operator, "," or "${closing}"`);
    return items;
  }

  #enter(sign: Sign): void {
    this.#open.push({ sign, place: this.#take().place });
  }

  #leave(sign: Sign, expected: string): void {
    this.#expect(sign, expected);
    this.#open.pop();
  }

  #expect(sign: Sign, expected: string): void {
    if (this.#sign() !== sign) throw this.#unexpected(expected);
    this.#take();
  }

  /** Keeps the tree low enough that all who walk it may recurse. */
  #node(e: Syntax): Syntax {
    const height = 1 + Math.max(0, ...parts(e).map((part) => this.#heights.get(part) ?? 1));
    if (height > highest)
      throw new UserError(`an expression of more than ${highest} operations inside each other`, {
        place: e.place,
        fix: "give a part of it a definition of its own",
      });
    this.#heights.set(e, height);
    return e;
  }

  /** What to write where a sign stands in the way. */
  #insteadOfSign(sign: Sign): string | undefined {
    const open = this.#open.at(-1)?.sign;
    if ((sign === ")" || sign === "]") && open === undefined)
      return `nothing is open here: leave "${sign}" out`;
    if (sign !== ":") return misplaced[sign];
    return open === "["
      ? "an index takes all of an axis: x[i]; a part of it is y[i < 3] = x[i]"
      : "a colon stands in c ? a : b only; what a sum runs over is followed by a comma";
  }

  #unexpected(expected: string): UserError {
    const token = this.#peek();
    const { place } = token;
    const before = this.#position > 0 ? this.#tokens[this.#position - 1] : undefined;
    if (token.kind === "end") {
      const open = this.#open.at(-1);
      const fix = open && `close the "${open.sign}" of line ${open.place.line}, column ${open.place.column}`;
      return new UserError(`expected ${expected}, found ${token.text}`, { place, fix });
    }
    if (this.#sign() === "=")
      return new UserError('"=" inside an expression', { place, fix: "write == to compare" });
    if (before !== undefined && endsOperand(before)) {
      if (this.#sign() === "!")
        return new UserError("there is no factorial", {
          place,
          fix: 'to negate a condition write "not" before it',
        });
      if (beginsOperand(token)) return sideBySide(before, token, this.#tokens[this.#position + 1]);
    }
    const fix = this.#sign() === undefined ? undefined : this.#insteadOfSign(this.#sign()!);
    return new UserError(`expected ${expected}, found "${shorten(token.text)}"`, { place, fix });
  }
}

/** Signs where nothing of the language has one. */
const misplaced: Partial<Record<Sign, string>> = {
  "+": "there is no unary plus",
  "||": "write abs(x) for an absolute value, sqrt(sum(i, x[i]^2)) for a length",
};

const integer = (value: number, place: Place): Syntax =>
  value < 0
    ? {
        kind: "negate",
        place,
        of: { kind: "number", place, value: -value, integer: Number.isSafeInteger(value) },
      }
    : { kind: "number", place, value, integer: Number.isSafeInteger(value) };

const endsOperand = (t: Token): boolean =>
  t.kind === "number" ||
  t.kind === "name" ||
  t.kind === "power" ||
  (t.kind === "sign" && (t.sign === ")" || t.sign === "]"));

const beginsOperand = (t: Token): boolean =>
  t.kind === "number" || t.kind === "name" || (t.kind === "sign" && (t.sign === "(" || t.sign === "["));

/** The error for a product without its sign. */
function sideBySide(before: Token, after: Token, next: Token | undefined): UserError {
  if (next?.kind === "sign" && next.sign === "=")
    return new UserError(`no ";" before the definition of ${shorten(after.text)}`, {
      place: after.place,
      fix: 'put ";" or a new line before it',
    });
  const instead = insteadOfPair(before, after);
  if (instead !== undefined)
    return new UserError(`no operator before "${shorten(after.text)}"`, { place: after.place, fix: instead });
  const left = before.kind === "sign" ? "(…)" : shorten(before.text);
  const right = after.kind === "sign" ? (after.sign === "[" ? "[…]" : "(…)") : shorten(after.text);
  const fix = `write ${left}*${right} for a product`;
  return new UserError(`no operator before "${shorten(after.text)}"`, {
    place: after.place,
    fix: after.newline ? `${fix}, or end the line before with ";"` : fix,
  });
}
