/**
 * Names: what a user may call an array, a scalar, an index or a definition.
 *
 * A name is a letter or `_`, then letters, digits and `_`, in Unicode's composed
 * form. Names that mean something in the language, or that would be dangerous as
 * identifiers of emitted code, are refused here, once, for text and builders alike.
 */
import { UserError, type Place } from "../errors.ts";
import { callable } from "../expr/functions.ts";
import { insteadOf } from "./habits.ts";

/** Every name that may stand before a parenthesis. */
export const functions: ReadonlySet<string> = new Set(callable);

/** Words that are operators. */
export const words: ReadonlySet<string> = new Set(["and", "or", "not"]);

// prettier-ignore
const javascript: ReadonlySet<string> = new Set([
  "arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do",
  "else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import",
  "in", "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "return",
  "static", "super", "switch", "this", "throw", "true", "try", "typeof", "undefined", "var", "void", "while", "with",
  "yield", "NaN", "Infinity",
]);

// prettier-ignore
const inherited: ReadonlySet<string> = new Set([
  "constructor", "prototype", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString",
  "valueOf",
]);

const shape = /^[\p{L}_][\p{L}0-9_]*$/u;

/** Whether `name` is spelled like a name at all: letters, digits and `_`, composed, not beginning with a digit. */
export const isName = (name: string): boolean => shape.test(name) && canonical(name) === name;

/** One spelling for names that look the same: composed, and Greek letters where Unicode has a second code for them. */
export const canonical = (name: string): string =>
  name.normalize("NFC").replaceAll("\u00b5", "\u03bc").replaceAll("\u2206", "\u0394");

/** Throws a `UserError` when `name` cannot be the name of an array, a scalar, an index or a definition. */
export function checkName(name: string, place?: Place): void {
  const fix = "choose another name";
  if (!isName(name))
    throw new UserError(`"${shorten(name)}" is not a name`, {
      place,
      fix: "a name is a letter, then letters, digits and _",
    });
  if (words.has(name)) throw new UserError(`"${name}" is an operator, it cannot be a name`, { place, fix });
  if (functions.has(name))
    throw new UserError(`"${name}" is a function, it cannot be a name`, {
      place,
      fix: `write ${name}(…), or choose another name`,
    });
  if (javascript.has(name) || inherited.has(name))
    throw new UserError(`"${name}" cannot be a name, it is reserved in JavaScript`, {
      place,
      fix: insteadOf(name) ?? fix,
    });
  if (name.startsWith("__"))
    throw new UserError(`"${shorten(name)}" cannot be a name, names with two leading _ are reserved`, {
      place,
      fix,
    });
}

/** A text that is safe and short enough to be quoted in a message. */
export function shorten(text: string): string {
  const shown = Array.from(text.slice(0, 82), (c) =>
    /[\p{C}\p{Z}]/u.test(c) && c !== " " ? codePoint(c) : c,
  );
  return shown.length > 40 ? `${shown.slice(0, 40).join("")}…` : shown.join("");
}

/** `U+200B`, for characters that cannot be seen. */
export const codePoint = (c: string): string =>
  `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
