/**
 * Lexer: text into tokens, each with its place.
 *
 * Signs have one spelling from here on: `≤` is `<=`, `·` is `*`, `and` is `&&`.
 * What people write by habit from other languages, and what would mean something
 * else here, is refused with what to write instead.
 */
import { UserError, type Place } from "../errors.ts";
import { canonical, codePoint, isName, shorten } from "./names.ts";

/** Longer texts are refused: no loss that a person writes comes near. */
export const longestText = 100_000;
export const mostTokens = 20_000;

// prettier-ignore
export type Sign =
  | "+" | "-" | "*" | "/" | "^" | "(" | ")" | "[" | "]" | "," | ";" | "?" | ":" | "="
  | "<" | "<=" | ">" | ">=" | "==" | "!=" | "&&" | "||" | "!";

interface At {
  /** As it stands in the text; of an `end`, what is found there in words. */
  readonly text: string;
  readonly place: Place;
  /** Whether a line ends between the token before and this one. */
  readonly newline: boolean;
}

// prettier-ignore
export type Token =
  | (At & { readonly kind: "number"; readonly value: number; readonly integer: boolean })
  | (At & { readonly kind: "name";   readonly name: string })
  | (At & { readonly kind: "sign";   readonly sign: Sign })
  | (At & { readonly kind: "power";  readonly value: number })    // a superscript: x², x⁻¹
  | (At & { readonly kind: "end" });

// The longest spelling that fits is taken.
// prettier-ignore
const signs: Readonly<Record<string, Sign>> = {
  "+": "+",   "-": "-",   "−": "-",   "–": "-",
  "*": "*",   "·": "*",   "⋅": "*",   "×": "*",   "∗": "*",   "/": "/",   "÷": "/",   "∕": "/",   "^": "^",
  "(": "(",   ")": ")",   "[": "[",   "]": "]",   ",": ",",   ";": ";",   "?": "?",   ":": ":",   "=": "=",
  "<": "<",   "<=": "<=", "≤": "<=",  "⩽": "<=",  ">": ">",   ">=": ">=", "≥": ">=",  "⩾": ">=",
  "==": "==", "!=": "!=", "≠": "!=",
  "&&": "&&", "∧": "&&",  "||": "||", "∨": "||",  "!": "!",   "¬": "!",
};
const words: ReadonlyMap<string, Sign> = new Map([
  ["and", "&&"],
  ["or", "||"],
  ["not", "!"],
]);

/** Spellings that are not of the language, and what to write. */
// prettier-ignore
const refused: Readonly<Record<string, string>> = {
  "**":  "write ^ for a power",
  "===": "write == to compare",
  "!==": "write != to compare",
  "=<":  "write <= or ≤",
  "=>":  "write >= or ≥",
  "<>":  "write != or ≠",
  ":=":  "write = to define",
  "+=":  "write name = …, every name is defined once",
  "-=":  "write name = …, every name is defined once",
  "*=":  "write name = …, every name is defined once",
  "/=":  "write name = …, every name is defined once; != for unequal",
  "//":  "write # before a comment",
  "/*":  "write # before a comment",
  "&":   "write && or and",
  "|":   "write || or or; an absolute value is abs(x)",
  "~":   "write ! or not",
  ".":   "write subscripts: the transpose of X[i,d] is X[d,i]",
  "'":   "write subscripts: the transpose of X[i,d] is X[d,i]; a new quantity needs a name of its own",
  "’":   "write subscripts: the transpose of X[i,d] is X[d,i]; a new quantity needs a name of its own",
  "′":   "write subscripts: the transpose of X[i,d] is X[d,i]; a new quantity needs a name of its own",
  "ᵀ":   "write subscripts: the transpose of X[i,d] is X[d,i]",
  "@":   "write a matrix product as a sum: sum(d, X[i,d] * W[d,j])",
  "%":   "write p/100 for a percentage",
  "{":   "write ( for grouping, [ for subscripts",
  "}":   "write ) for grouping, ] for subscripts",
  "\\":  "write mathematics without TeX: sum(i, …), λ or lambda, x^2",
  "$":   "write mathematics without TeX: sum(i, …), λ or lambda, x^2",
  "√":   "write sqrt(x)",
  "∈":   "an index takes its range from the arrays that it subscripts",
  "∂":   "write the loss only, its derivative is what dscore finds",
  "∇":   "write the loss only, its gradient is what dscore finds",
  "\"":  "there are no strings in a loss",
  "`":   "there are no strings in a loss",
  "“":   "there are no strings in a loss",
  "”":   "there are no strings in a loss",
  "‘":   "there are no strings in a loss",
  "‖":   "write sqrt(sum(i, x[i]^2)) for a length",
};

const infinity = "∞";

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const blank = /[\t\v\f \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]+|#[^\n\r\u2028\u2029]*/uy;
const lineEnd = /\r\n|[\n\r\u2028\u2029]/uy;
const number = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/uy;
// Marks are let in here so that a letter and its accent are composed together, and refused together.
const word = /[∑∏]|[\p{L}_∆][\p{L}\p{M}0-9_∆]*/uy;
const power = new RegExp(`⁻?[${superscripts}]+`, "uy");

/** The tokens of `text`, with an `end` after the last. Throws a `UserError` at the first thing that is none. */
export function tokenize(text: string): readonly Token[] {
  if (text.length > longestText)
    throw new UserError(`the text has ${text.length} characters, more than ${longestText}`);
  const tokens: Token[] = [];
  let [offset, line, column, newline] = [0, 1, 1, false];

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(text)?.[0];
  };
  const advance = (read: string): void => {
    offset += read.length;
    column += [...read].length;
  };

  while (offset < text.length) {
    const space = match(blank);
    if (space !== undefined) {
      advance(space);
      continue;
    }
    const end = match(lineEnd);
    if (end !== undefined) {
      [offset, line, column, newline] = [offset + end.length, line + 1, 1, true];
      continue;
    }
    const place: Place = { line, column, offset };
    if (tokens.length === mostTokens)
      throw new UserError(`the text has more than ${mostTokens} tokens`, {
        place,
        fix: "sum over an index in place of terms that are written out",
      });
    const digits = match(number);
    const letters = digits === undefined ? match(word) : undefined;
    const raised = digits ?? letters ?? match(power);
    if (digits !== undefined) {
      advance(digits);
      checkNumber(digits, match(word), text[offset], place);
      const value = Number(digits);
      const integer = /^[0-9]+$/u.test(digits) && Number.isSafeInteger(value);
      tokens.push({ kind: "number", value, integer, text: digits, place, newline });
    } else if (text[offset] === infinity) {
      advance(infinity);
      tokens.push({ kind: "number", value: Infinity, integer: false, text: infinity, place, newline });
    } else if (letters !== undefined) {
      advance(letters);
      const name = letters === "∑" || letters === "∏" ? letters : canonical(letters);
      const sign = words.get(name);
      if (sign !== undefined) tokens.push({ kind: "sign", sign, text: name, place, newline });
      else {
        checkWord(name, place);
        tokens.push({ kind: "name", name, text: name, place, newline });
      }
    } else if (raised !== undefined) {
      advance(raised);
      const ascii = [...raised].map((c) => (c === "⁻" ? "-" : superscripts.indexOf(c))).join("");
      tokens.push({ kind: "power", value: exact(ascii, raised, place), text: raised, place, newline });
    } else {
      const spelled = spelling(text, offset);
      const sign = Object.hasOwn(signs, spelled) ? signs[spelled] : undefined;
      if (sign === undefined) throw unexpected(spelled, place, text.slice(offset, offset + 3));
      advance(spelled);
      tokens.push({ kind: "sign", sign, text: spelled, place, newline });
    }
    newline = false;
  }
  tokens.push({ kind: "end", text: "the end of the text", place: { line, column, offset }, newline });
  return tokens;
}

/** The longest sign, known or refused, that begins at `offset`; else the one character there. */
function spelling(text: string, offset: number): string {
  for (const length of [3, 2]) {
    const candidate = text.slice(offset, offset + length);
    if (Object.hasOwn(signs, candidate) || Object.hasOwn(refused, candidate)) return candidate;
  }
  return String.fromCodePoint(text.codePointAt(offset) ?? 0);
}

/** Digits and signs below the line. */
const below = /[₀-₎]/u;

/** `np.sum` and `x.sum()`, but not `X.T`. */
const member = /^\.(?!T(?![\p{L}\d_]))[\p{L}_]/u;

/** `rest` is the text from `spelled` on. */
function unexpected(spelled: string, place: Place, rest: string): UserError {
  if (member.test(rest))
    return new UserError('"." is not of the language', {
      place,
      fix: "write functions by themselves, with an index to sum over: sum(i, x[i]), exp(x[i])",
    });
  if (below.test(spelled))
    return new UserError(`"${spelled}" is not of the language`, {
      place,
      fix: "write subscripts in brackets, x[i], and names with digits, x1",
    });
  if (Object.hasOwn(refused, spelled))
    return new UserError(`"${spelled}" is not of the language`, { place, fix: refused[spelled] });
  return new UserError(
    /[\p{C}\p{Z}\p{M}]/u.test(spelled)
      ? `the character ${codePoint(spelled)} is not of the language`
      : `"${spelled}" is not of the language`,
    { place },
  );
}

/** Refuses what looks like a number and is none; `next` is the word, `after` the character that follows directly. */
function checkNumber(
  digits: string,
  next: string | undefined,
  after: string | undefined,
  place: Place,
): void {
  if (next === "e" || next === "E")
    throw new UserError(`"${shorten(digits)}${next}" is not a number, its exponent has no digits`, {
      place,
      fix: `write ${shorten(digits)}e1, or ${shorten(digits)}*${next}`,
    });
  if (next?.startsWith("_"))
    throw new UserError(`"${shorten(digits + next)}" is not a number`, {
      place,
      fix: "write digits without _",
    });
  if (after === ".")
    throw new UserError(`"${shorten(digits)}." is not a number`, {
      place,
      fix: digits.endsWith(".")
        ? "an index takes its range from the arrays that it subscripts, or from i < 3"
        : undefined,
    });
  exact(digits, digits, place);
}

/** The number's value; refused when a double holds it only as infinity or as 0. */
function exact(digits: string, text: string, place: Place): number {
  const value = Number(digits);
  if (!Number.isFinite(value))
    throw new UserError(`"${shorten(text)}" is too large, numbers end at 1.8e308`, { place });
  if (value === 0 && /[1-9]/u.test(digits.replace(/[eE].*/u, "")))
    throw new UserError(`"${shorten(text)}" is too small, it would be 0`, { place });
  return value;
}

/** A word is a name, or one of the signs that stand for a function. */
function checkWord(name: string, place: Place): void {
  if (name === "∑" || name === "∏") return;
  if (name.includes("ᵀ"))
    throw new UserError(`"${shorten(name)}" is not a name`, { place, fix: refused["ᵀ"] });
  if (!isName(name))
    throw new UserError(`"${shorten(name)}" is not a name`, {
      place,
      fix: "a name is a letter, then letters, digits and _",
    });
}
