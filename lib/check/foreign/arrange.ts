/**
 * Which input goes to which parameter.
 *
 * By name where the names are the program's, whatever their case; else in the order of
 * CS231n, `(W, X, y, reg)`. A scalar that the function does not take, such as its fixed
 * Delta, is *held*: the points have it at 1.
 */
import { UserError } from "../../errors.ts";
import { isLayer, output, type Program } from "../../expr/program.ts";
import { shorten } from "../../text/names.ts";
import type { Argument, FunctionInfo, Parameter } from "./runner.ts";

export interface Arrangement {
  readonly args: readonly Argument[];
  /** The inputs that are passed, in the order of the parameters; `d<output>` too. */
  readonly passed: readonly string[];
  /** Scalars that the function does not take. */
  readonly held: readonly string[];
}

/** Names under which people pass the same thing; each list is one of them. */
const synonyms: readonly (readonly string[])[] = [
  ["reg", "lambda", "lam", "lambd", "lambda_", "l2", "reg_strength", "regularization", "weight_decay", "λ"],
  ["delta", "margin", "delta_", "Δ"],
  ["y", "labels", "label", "target", "targets"],
  ["x", "data", "features", "inputs"],
  ["w", "weights", "weight", "theta"],
];

/** The order in which CS231n's functions take their arguments. */
const customary = ["W", "X", "y", "reg"] as const;

/** Throws a `UserError` that names parameters and inputs when they cannot be matched. */
export function arrange(program: Program, info: FunctionInfo): Arrangement {
  const upstream = isLayer(program) ? [`d${output(program).name}`] : [];
  const names = [...program.inputs.map((i) => i.name), ...upstream];
  const found = byObject(names, info) ?? byName(names, info.parameters) ?? byCustom(names, info.parameters);
  if (found === undefined) throw mismatch(program, info, names);
  const passed = found.flatMap((a) => (a.kind === "input" ? [a.name] : [...a.names.values()]));
  const missing = names.filter((name) => !passed.includes(name));
  const scalars = new Set(
    program.inputs.filter((i) => i.shape.length === 0 && i.type === "real").map((i) => i.name),
  );
  if (missing.some((name) => !scalars.has(name))) throw mismatch(program, info, names);
  return { args: found, passed, held: missing };
}

function byObject(
  names: readonly string[],
  { parameters: [first, ...rest] }: FunctionInfo,
): readonly Argument[] | undefined {
  if (first === undefined || rest.some((p) => !p.optional)) return undefined;
  // Code that dscore generates is called as f(inputs, into).
  const isOurs = first.name === "inputs" && first.fields === undefined && rest.at(0)?.name === "into";
  if (isOurs) return [{ kind: "object", typed: true, names: new Map(names.map((name) => [name, name])) }];
  if (first.fields === undefined) return undefined;
  const matched = first.fields.flatMap((field) => {
    const name = named(field, names);
    return name === undefined ? [] : [[field, name] as const];
  });
  return [{ kind: "object", typed: false, names: new Map(matched) }];
}

/** Optional parameters that are no inputs keep their defaults, if only such follow. */
function byName(names: readonly string[], parameters: readonly Parameter[]): readonly Argument[] | undefined {
  const args: Argument[] = [];
  const used = new Set<string>();
  let skipped = false;
  for (const { name: parameter, optional } of parameters) {
    const name = named(
      parameter,
      names.filter((n) => !used.has(n)),
    );
    if (name === undefined && !optional) return undefined;
    if (name === undefined) skipped = true;
    else if (skipped) continue;
    else {
      used.add(name);
      args.push({ kind: "input", name, keyword: parameter });
    }
  }
  return args.length === 0 ? undefined : args;
}

function byCustom(
  names: readonly string[],
  parameters: readonly Parameter[],
): readonly Argument[] | undefined {
  const required = parameters.filter((p) => !p.optional);
  if (required.length < 3 || required.length > customary.length) return undefined;
  const order = customary.slice(0, required.length);
  if (!order.every((name) => names.includes(name))) return undefined;
  return required.map((p, n) => ({ kind: "input", name: order[n]!, keyword: p.name }));
}

function named(parameter: string, names: readonly string[]): string | undefined {
  const exact = names.find((name) => name === parameter);
  if (exact !== undefined) return exact;
  const alike = names.filter((name) => name.toLowerCase() === parameter.toLowerCase());
  if (alike.length === 1) return alike[0];
  const meanings = synonyms.find((list) => list.includes(parameter.toLowerCase()));
  const same = names.filter((name) => meanings?.includes(name.toLowerCase()) === true);
  return same.length === 1 ? same[0] : undefined;
}

function mismatch(program: Program, { name, parameters }: FunctionInfo, names: readonly string[]): UserError {
  const takes = parameters.map((p) => p.name).join(", ");
  return new UserError(
    `${shorten(name)}(${shorten(takes)}) does not take the inputs of the loss, ${names.join(", ")}`,
    {
      fix: `name its parameters after them: ${shorten(name)}(${program.inputs.map((i) => i.name).join(", ")})`,
    },
  );
}
