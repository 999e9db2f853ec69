/**
 * What callers hand to the library's functions, asked at the door. TypeScript tells its users before;
 * JavaScript passes what it has, and a function would fail somewhere inside.
 */
import { UserError } from "./errors.ts";

interface Kind {
  /** As a message calls it. */
  readonly called: string;
  readonly holds: (value: unknown) => boolean;
  /** Where one comes from. */
  readonly fix: string;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const isText = (value: unknown): value is string => typeof value === "string";
const isDefinitions = (value: unknown): boolean => Array.isArray(value) && value.every(isDefinition);
const isExpression = (value: unknown): boolean => isFields(value) && isText(value["kind"]) && "id" in value;
const isDefinition = (value: unknown): boolean =>
  isFields(value) && isText(value["name"]) && Array.isArray(value["indices"]) && isExpression(value["body"]);
const isBindable = (value: unknown): value is Fields & { readonly definitions: readonly unknown[] } =>
  isFields(value) &&
  Array.isArray(value["inputs"]) &&
  Array.isArray(value["bounds"]) &&
  isDefinitions(value["definitions"]);
const isProgram = (value: unknown): boolean =>
  isBindable(value) && value["definitions"][0] !== undefined && !isDerivation(value);
const isDerivation = (value: unknown): boolean => isBindable(value) && value["gradients"] instanceof Map;
const isSyntax = (value: unknown): boolean =>
  isFields(value) &&
  !("inputs" in value) &&
  Array.isArray(value["definitions"]) &&
  value["definitions"].every((d) => isFields(d) && isFields(d["body"]) && !("id" in d["body"]));

const ofText = 'parse("loss = sum(i, x[i]^2)") makes one of text';

// prettier-ignore
const kinds = {
  text:        { called: "text",                      holds: isText,                                   fix: 'write "…" around it' },
  name:        { called: "a name",                    holds: isText,                                   fix: 'such as "W"' },
  truth:       { called: "true or false",             holds: (v) => typeof v === "boolean",            fix: "stable: true" },
  program:     { called: "a program",                 holds: isProgram, fix: ofText },
  derivation:  { called: "a derivation",              holds: isDerivation,                             fix: "differentiate(program) makes one" },
  bindable:    { called: "a program or a derivation", holds: isBindable,                               fix: ofText },
  syntax:      { called: "a program's syntax",        holds: isSyntax,                                 fix: "fromMathjs makes one of a tree, and parse a program of text at once" },
  expression:  { called: "an expression",             holds: isExpression,                             fix: "the body of a definition is one" },
  definition:  { called: "a definition",              holds: isDefinition,                             fix: "program.definitions holds some" },
  definitions: { called: "a list of definitions",     holds: isDefinitions,                            fix: "program.definitions is one" },
  options:     { called: "its options by name",       holds: (v) => isFields(v) && !isList(v),         fix: "{ }, or nothing" },
  inputs:      { called: "values by their names",     holds: (v) => isFields(v) && !isList(v),         fix: "{ x: [1, 2], … }" },
} satisfies Record<string, Kind>;

const isList = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value);

/** @throws UserError, in the name of the function `by`, unless `value` is what it wants. */
export function expectArgument(by: string, wanted: keyof typeof kinds, value: unknown): void {
  const kind: Kind = kinds[wanted];
  if (!kind.holds(value))
    throw new UserError(`${by} wants ${kind.called}, not ${described(value)}`, {
      fix:
        wanted === "program" && isDerivation(value) ? "derivation.program is what it was made of" : kind.fix,
    });
}

/** Options of a function: an object that holds nothing but those `known`. */
export function expectOptions(by: string, options: unknown, known: readonly string[]): void {
  const fix = `its options are ${known.join(", ")}`;
  if (!isFields(options) || isList(options))
    throw new UserError(`${by} wants its options by name, not ${described(options)}`, { fix });
  const strange = Object.keys(options).find((name) => !known.includes(name));
  if (strange !== undefined) throw new UserError(`${by} has no option ${strange}`, { fix });
}

/** A list of names, such as `wrt: ["W", "b"]`. */
export function expectNames(called: string, value: unknown): void {
  if (Array.isArray(value) && value.every(isText)) return;
  const fix = `${called}: ["${isText(value) ? value : "W"}"]`;
  if (!Array.isArray(value))
    throw new UserError(`${called} is a list of names, not ${described(value)}`, { fix });
  const other: unknown = value.find((name) => !isText(name));
  throw new UserError(`${called} lists names, not ${described(other)}`, { fix });
}

/** What a value is, in few words: `text`, `a derivation`, `null`. */
export function described(value: unknown): string {
  if (value === null || value === undefined || typeof value === "boolean" || typeof value === "number")
    return String(value);
  if (isText(value))
    return `the text ${JSON.stringify(value.length > 20 ? `${value.slice(0, 20)}…` : value)}`;
  if (typeof value === "function") return "a function";
  if (value instanceof Promise) return "a promise (await it first)";
  if (Array.isArray(value)) return "a list";
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  const known = (["derivation", "program", "expression", "definition", "syntax"] as const).find((k) =>
    kinds[k].holds(value),
  );
  if (known !== undefined) return kinds[known].called;
  return isFields(value) ? "an object" : `a ${typeof value}`;
}
