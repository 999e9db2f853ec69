/** The algebra systems that are asked for derivatives, each behind one function. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { derivative, parse } from "mathjs";

/** The value of a formula, by mathjs. */
export const valueOf = (text: string, values: Readonly<Record<string, number>>): number =>
  Number(parse(text).evaluate({ ...values }));

/** The derivative's value by mathjs's rules, as its parser reads the formula. */
export function byMathjs(text: string, symbol: string, values: Readonly<Record<string, number>>): number {
  return Number(derivative(parse(text), symbol, { simplify: false }).evaluate({ ...values }));
}

interface Algebrite {
  run(text: string): string;
}
const algebrite = createRequire(import.meta.url)("algebrite") as Algebrite; // it has no types

/** The derivative as Algebrite writes it; it tells of errors by a text with "Stop" in it. */
export function derivativeByAlgebrite(text: string, symbol: string): string {
  const result = algebrite.run(`d(${text},${symbol})`);
  if (result.includes("Stop")) throw new Error(`algebrite: ${result}`);
  return result;
}

export interface Question {
  readonly text: string;
  readonly symbol: string;
}

/** How nerdamer reads a formula, and what it takes for the derivative. */
export interface Answer {
  readonly parsed: string;
  readonly derivative: string;
}

const script = `
  const nerdamer = require("nerdamer");
  require("nerdamer/Calculus");
  for (const { text, symbol } of JSON.parse(require("node:fs").readFileSync(0, "utf8")))
    console.log(JSON.stringify({ parsed: nerdamer(text).toString(), derivative: nerdamer.diff(text, symbol).toString() }));
`;

/** Nerdamer may take for ever, so it works elsewhere and is stopped; the answers until then count. */
export function askNerdamer(questions: readonly Question[], milliseconds = 10_000): readonly Answer[] {
  const { stdout } = spawnSync(process.execPath, ["--input-type=commonjs", "-e", script], {
    input: JSON.stringify(questions),
    timeout: milliseconds,
    encoding: "utf8",
    cwd: import.meta.dirname,
  });
  return stdout
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as Answer);
}
