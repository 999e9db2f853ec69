/** Help: for the command as a whole, and for each verb. */
import { ink, type Ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { common, type Flag, type Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

export function commandHelp(io: Io): string {
  const { heading, name, aside } = ink(io.colour.out);
  return [
    heading("dscore") + ": a loss as mathematics in; its gradient in closed form, code and evidence out",
    "",
    ...columns(
      Object.entries(verbs).map(([verb, { about }]) => [name(`dscore ${verb}`), `dscore ${verb}`, about]),
    ),
    "",
    `Try   dscore derive hinge --wrt W`,
    `      dscore derive -e 'mean(i, (x[i] - t[i])^2)'`,
    aside("Every verb has --help and --json."),
    "",
  ].join("\n");
}

export function verbHelp(verb: Verb, io: Io): string {
  const paint = ink(io.colour.out);
  const flags = Object.entries({ ...verb.flags, ...common });
  return [
    paint.heading(`dscore ${verb.name}`) + (verb.usage === "" ? "" : ` ${verb.usage}`),
    "",
    verb.about,
    "",
    ...columns(
      flags.map(([name, flag]) => [paint.name(spelled(name, flag)), spelled(name, flag), flag.about]),
    ),
    "",
    ...(verb.exits === undefined ? [] : [verb.exits, ""]),
    ...examples(verb.examples, paint),
    "",
  ].join("\n");
}

const examples = (lines: readonly string[], paint: Ink): readonly string[] =>
  lines.map((line, n) => (n === 0 ? "Try   " : "      ") + paint.aside(line));

const spelled = (name: string, { short, value }: Flag): string =>
  `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;

/** Rows of a text to show, the same text without colour, and what it means. */
function columns(
  rows: readonly (readonly [shown: string, plain: string, about: string])[],
): readonly string[] {
  const width = Math.max(...rows.map(([, plain]) => plain.length)) + 3;
  return rows.map(([shown, plain, about]) => `  ${shown}${" ".repeat(width - plain.length)}${about}`);
}
