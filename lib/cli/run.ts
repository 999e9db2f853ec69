/** The command line as a function: arguments in, an exit code out. */
import { UserError } from "../errors.ts";
import { shorten } from "../text/names.ts";
import { readArguments } from "./arguments.ts";
import { commandHelp, verbHelp } from "./help.ts";
import { ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { remedy } from "./nearest.ts";
import type { Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";
import { version } from "./version.ts";

/**
 * Runs one command. The exit code is 0; 1 where a check fails; 2 for what the user
 * can mend, told on standard error; 3 for a fault of ours.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    const [message, code] = explain(error);
    io.err(`${ink(io.colour.err).bad("error:")} ${message}\n`);
    return code;
  }
}

async function dispatch([first, ...rest]: readonly string[], io: Io): Promise<number> {
  if (first === undefined || first === "--help" || first === "-h") return help(rest[0], io);
  if (first === "help") return help(rest[0], io);
  if (first === "--version" || first === "-V") {
    io.out(`${version()}\n`);
    return 0;
  }
  const verb = await load(first);
  const call = readArguments(verb, rest);
  if (call.has("help")) {
    io.out(verbHelp(verb, io));
    return 0;
  }
  return verb.run(call, io);
}

async function help(name: string | undefined, io: Io): Promise<number> {
  io.out(name === undefined ? commandHelp(io) : verbHelp(await load(name), io));
  return 0;
}

async function load(name: string): Promise<Verb> {
  if (Object.hasOwn(verbs, name)) return (await verbs[name]!.load()).verb;
  const what = name.startsWith("-") ? "the command line begins with a verb, not" : "there is no verb";
  const { entry } = await import("../catalogue.ts");
  const fix =
    entry(name) === undefined
      ? remedy(name, Object.keys(verbs))
      : `a verb comes first: dscore derive ${name}`;
  throw new UserError(`${what} "${shorten(name)}"`, { fix });
}

/** What to tell, and the exit code. A stack is never shown. */
function explain(error: unknown): readonly [message: string, code: number] {
  // By name, as a loader may give a verb, which is imported late, modules of its own.
  if (error instanceof Error && error.name === "UserError") return [error.message, 2];
  const what = error instanceof Error ? error.message : String(error);
  const report = "this is a fault of dscore, not yours; please report it with the command that you ran";
  return [`internal: ${what.split("\n")[0]}\n  ${report}`, 3];
}
