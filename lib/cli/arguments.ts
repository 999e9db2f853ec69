/** Arguments to a call: every flag known, every value there, nothing left over. */
import { parseArgs } from "node:util";
import { UserError } from "../errors.ts";
import { shorten } from "../text/names.ts";
import { remedy } from "./nearest.ts";
import { common, type Call, type Flag, type Flags, type Verb } from "./verb.ts";

/** Throws a `UserError` that says what the verb does not take. */
export function readArguments(verb: Verb, argv: readonly string[]): Call {
  const flags: Flags = { ...verb.flags, ...common };
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  // Names may follow `--wrt W b`, once the loss is known.
  let listing: string | undefined;
  for (const token of tokensOf(flags, argv)) {
    if (token.kind === "option-terminator") listing = undefined;
    else if (token.kind === "positional") {
      const settled = operands.length + (given.has("expression") ? 1 : 0) >= verb.operands;
      if (listing !== undefined && settled) given.get(listing)!.push(token.value);
      else operands.push(token.value);
    } else {
      const flag = flagOf(token.name, token.rawName, flags, verb);
      const known = given.get(token.name) ?? [];
      if (known.length > 0 && flag.many !== true) throw new UserError(`${token.rawName} is given twice`);
      given.set(token.name, [...known, valueOf(token.rawName, token.value, flag, flags)]);
      listing = flag.many === true ? token.name : undefined;
    }
  }
  if (!given.has("help")) checkOperands(verb, operands);
  return {
    operands,
    has: (flag) => given.has(flag),
    value: (flag) => given.get(flag)?.[0],
    values: (flag) =>
      (given.get(flag) ?? []).flatMap((value) =>
        value
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== ""),
      ),
  };
}

// Strict parsing has words of its own for what is wrong; the checks are made here instead.
function tokensOf(flags: Flags, argv: readonly string[]) {
  const options = Object.entries(flags).map(([name, { short, value }]) => [
    name,
    {
      type: value === undefined ? ("boolean" as const) : ("string" as const),
      ...(short === undefined ? {} : { short }),
    },
  ]);
  return parseArgs({
    args: [...argv],
    options: Object.fromEntries(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

function flagOf(name: string, written: string, flags: Flags, verb: Verb): Flag {
  if (Object.hasOwn(flags, name)) return flags[name]!;
  const all = Object.keys(flags);
  throw new UserError(`dscore ${verb.name} has no ${shorten(written)}`, {
    fix: name.length === 1 ? `see dscore ${verb.name} --help` : remedy(name, all, (c) => `--${c}`),
  });
}

function valueOf(written: string, value: string | undefined, flag: Flag, flags: Flags): string {
  if (flag.value === undefined) {
    if (value !== undefined) throw new UserError(`${written} takes no value`);
    return "";
  }
  if (value === undefined || isFlag(value, flags))
    throw new UserError(`${written} wants a value`, { fix: `${written} ${flag.value}` });
  if (flag.among !== undefined && !flag.among.includes(value))
    throw new UserError(`${written} cannot be "${shorten(value)}"`, {
      fix: `choose among ${flag.among.join(", ")}`,
    });
  return value;
}

/** A loss may begin with a minus; a flag's name does not follow it. */
const isFlag = (value: string, flags: Flags): boolean =>
  value.startsWith("--") && Object.hasOwn(flags, value.slice(2).split("=")[0]!);

function checkOperands(verb: Verb, operands: readonly string[]): void {
  if (operands.length <= verb.operands) return;
  const extra = shorten(operands[verb.operands]!);
  throw new UserError(`dscore ${verb.name} does not know what to do with "${extra}"`, {
    fix: `dscore ${verb.name} ${verb.usage}`.trimEnd(),
  });
}
