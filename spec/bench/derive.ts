/**
 * How long a derivation takes: every entry of the catalogue, a cold command, and growth with the definition.
 *
 *   node --import tsx spec/bench/derive.ts [--turns N] [--json FILE] [NAME…]
 *
 * A definition is derived again and again, each time with other names for its arrays, so that nothing
 * that is remembered of the last time helps; `again` is what the very same text takes. The library is
 * measured as it is built, where it is (`npm run build`): from its sources all takes about a third longer.
 */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./kernels/measure.ts";
import { columns } from "./kernels/report.ts";

const built = "../../dist/lib/";
const isBuilt = existsSync(new URL(`${built}parse.js`, import.meta.url));
const part = (name: string): string => (isBuilt ? `${built}${name}.js` : `../../lib/${name}.ts`);
// The types of the sources: an import by a name that is computed has none.
const { catalogue } = (await import(part("catalogue"))) as typeof import("../../lib/catalogue.ts");
const { differentiate } = (await import(
  part("diff/differentiate")
)) as typeof import("../../lib/diff/differentiate.ts");
const { generate } = (await import(part("generate"))) as typeof import("../../lib/generate.ts");
const { parse } = (await import(part("parse"))) as typeof import("../../lib/parse.ts");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { turns: { type: "string", default: "15" }, json: { type: "string" } },
});
const turns = Number(values.turns);

/** What any entry may take from text to code, in milliseconds, and a cold command. */
const [mostWarm, mostCold] = [30, 300];

interface Definition {
  readonly text: string;
  readonly wrt?: readonly string[] | undefined;
}

/** Milliseconds of each stage. */
interface Times {
  readonly parse: number;
  readonly derive: number;
  /** As on paper. */
  readonly loops: number;
  /** Rewritten for floating point, scheduled. */
  readonly fused: number;
  /** The same as a module of WebAssembly. */
  readonly wasm: number;
  /** From text to fused code, and to bytes of WebAssembly, each from a text of its own. */
  readonly toJs: number;
  readonly toWasm: number;
}

const stages = ["parse", "derive", "loops", "fused", "wasm"] as const;

function timed<T>(action: () => T): readonly [result: T, milliseconds: number] {
  const from = performance.now();
  return [action(), performance.now() - from];
}

function derived({ text, wrt }: Definition) {
  const [program, parsing] = timed(() => parse(text));
  const [derivation, deriving] = timed(() => differentiate(program, { wrt }));
  return { derivation, parsing, deriving };
}

/** Two texts, as what is remembered of a derivation would help the second target. */
function once(forJs: Definition, forWasm: Definition): Times {
  const { derivation, parsing, deriving } = derived(forJs);
  const [, fused] = timed(() => generate(derivation, { target: "js", style: "fused" }));
  const [, loops] = timed(() => generate(derivation, { target: "js", style: "loops" }));
  const other = derived(forWasm);
  const [, wasm] = timed(() => generate(other.derivation, { target: "wasm" }));
  return {
    parse: parsing,
    derive: deriving,
    loops,
    fused,
    wasm,
    toJs: parsing + deriving + fused,
    toWasm: other.parsing + other.deriving + wasm,
  };
}

/** The same definition with other names for its inputs and definitions. */
function renamed({ text, wrt }: Definition, turn: number): Definition {
  const { inputs, definitions } = parse(text);
  const names = new Set([...inputs, ...definitions].map(({ name }) => name));
  const rename = (name: string): string => (names.has(name) ? `${name}${turn}` : name);
  const body = text.replaceAll(/#.*$/gmu, "");
  return { text: body.replaceAll(/[\p{L}_][\p{L}\p{N}_]*/gu, rename), wrt: wrt?.map(rename) };
}

const medians = (runs: readonly Times[]): Times => ({
  parse: median(runs.map((t) => t.parse)),
  derive: median(runs.map((t) => t.derive)),
  loops: median(runs.map((t) => t.loops)),
  fused: median(runs.map((t) => t.fused)),
  wasm: median(runs.map((t) => t.wasm)),
  toJs: median(runs.map((t) => t.toJs)),
  toWasm: median(runs.map((t) => t.toWasm)),
});

const counted = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

interface Warm {
  readonly name: string;
  readonly times: Times;
  readonly again: number;
}

/** Entry after entry in each turn, the first ones only so that the compiler of JavaScript has seen all of our code. */
function warm(): readonly Warm[] {
  const entries = catalogue().filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const runs = entries.map((): Times[] => []);
  for (let turn = -3; turn < turns; turn++)
    for (const [n, entry] of entries.entries()) {
      const times = once(renamed(entry, 1000 + turn), renamed(entry, 2000 + turn));
      if (turn >= 0) runs[n]!.push(times);
    }
  return entries.map((entry, n) => {
    const again = median(counted(turns).map(() => once(entry, entry).toJs));
    return { name: entry.name, times: medians(runs[n]!), again };
  });
}

/** Milliseconds of a command from its start to its end. */
const command = (argv: readonly string[]): number =>
  timed(() => spawnSync(process.execPath, argv, { stdio: "ignore" }))[1];

interface Cold {
  /** Medians, in milliseconds. */
  readonly hinge: number;
  readonly node: number;
  readonly least: number;
}

function cold(): Cold | undefined {
  const main = fileURLToPath(new URL("../../dist/lib/cli/main.js", import.meta.url));
  if (!existsSync(main)) return undefined;
  const runs = counted(11).map(() => [command([main, "derive", "hinge"]), command(["-e", "0"])] as const);
  const hinge = runs.map(([a]) => a);
  return { hinge: median(hinge), least: Math.min(...hinge), node: median(runs.map(([, b]) => b)) };
}

/** Definitions of any size n, with all of the sizes that are tried. */
// prettier-ignore
const families: Readonly<Record<string, (n: number) => string>> = {
  "a chain of n definitions":   (n) => `h0[i] = x[i]\n${counted(n).map((k) => `h${k + 1}[i] = tanh(c${k} * h${k}[i])`).join("\n")}\nloss = sum(i, h${n}[i])`,
  "a chain of n layers":        (n) => `h0[i] = x[i]\n${counted(n).map((k) => `h${k + 1}[i] = relu(sum(j, A${k}[i,j] * h${k}[j]))`).join("\n")}\nloss = sum(i, h${n}[i]^2)`,
  "a sum of n terms":           (n) => `loss = sum(i, ${counted(n).map((k) => `a${k} * sin(${k + 1} * x[i])`).join(" + ")})`,
  "n losses, added":            (n) => `${counted(n).map((k) => `s${k} = mean(i, max(0, x[i] - t${k}))`).join("\n")}\nloss = ${counted(n).map((k) => `s${k}`).join(" + ")}`,
};
const sizes = [5, 10, 20, 40, 80];

interface Growth {
  readonly family: string;
  /** Milliseconds from text to fused code, by size. */
  readonly milliseconds: readonly number[];
  /** The powers of n that the larger sizes grow with, by least squares of the logarithms. */
  readonly exponents: { readonly whole: number; readonly derive: number; readonly fused: number };
}

function growth(): readonly Growth[] {
  return Object.entries(families).map(([family, of]) => {
    const times = sizes.map((n) => {
      const definition = { text: of(n), wrt: ["x"] };
      const runs = counted(Math.min(turns, 5)).map((turn) =>
        once(renamed(definition, 100_000 + turn), renamed(definition, 200_000 + turn)),
      );
      return medians(runs);
    });
    const exponent = (stage: (t: Times) => number): number =>
      slope(sizes.slice(-3), times.slice(-3).map(stage));
    return {
      family,
      milliseconds: times.map((t) => t.toJs),
      exponents: {
        whole: exponent((t) => t.toJs),
        derive: exponent((t) => t.derive),
        fused: exponent((t) => t.fused),
      },
    };
  });
}

const mean = (v: readonly number[]): number => v.reduce((sum, a) => sum + a, 0) / v.length;

function slope(x: readonly number[], y: readonly number[]): number {
  const [logX, logY] = [x.map(Math.log), y.map(Math.log)];
  const [centreX, centreY] = [mean(logX), mean(logY)];
  const along = logX.reduce((sum, a, n) => sum + (a - centreX) * (logY[n]! - centreY), 0);
  return along / logX.reduce((sum, a) => sum + (a - centreX) ** 2, 0);
}

const milliseconds = (x: number): string => (x < 10 ? x.toFixed(1) : x.toFixed(0));

const verdict = (met: boolean): string => (met ? "met" : "MISSED");

// Beside other work, all of it takes longer by about as much as there is more of it than processors.
const [load] = loadavg();
const warmed = warm();
const isFast = ({ toJs, toWasm }: Times): boolean => toJs < mostWarm && toWasm < mostWarm;
const rows = warmed.map(({ name, times, again }) => [
  name,
  ...stages.map((stage) => milliseconds(times[stage])),
  milliseconds(times.toJs),
  milliseconds(times.toWasm),
  verdict(isFast(times)),
  milliseconds(again),
]);
console.log(
  `the library ${isBuilt ? "as built" : "from its sources"}; load ${load!.toFixed(1)} on ${availableParallelism()} processors`,
);
console.log(`milliseconds, medians of ${turns}; from text to code by parse, derive, and fused or wasm\n`);
console.log(columns([["", ...stages, "to js", "to wasm", `< ${mostWarm}`, "js again"], ...rows]));
const slow = warmed.filter(({ times }) => !isFast(times)).map(({ name }) => name);
console.log(`\n${mostWarm} ms or more: ${slow.length === 0 ? "none" : slow.join(", ")}\n`);

const started = cold();
console.log(
  started === undefined
    ? "a cold `dscore derive hinge` is left out: run npm run build\n"
    : `a cold \`dscore derive hinge\`: ${started.hinge.toFixed(0)} ms (at best ${started.least.toFixed(0)} ms), of which Node alone ${started.node.toFixed(0)} ms; < ${mostCold} ms: ${verdict(started.hinge < mostCold)}\n`,
);

const grown = growth();
const power = (exponent: number): string => `n^${exponent.toFixed(2)}`;
console.log(
  columns([
    ["text to code, by n", ...sizes.map(String), "grows as", "derive", "fused"],
    ...grown.map(({ family, milliseconds: all, exponents: e }) => [
      family,
      ...all.map(milliseconds),
      ...[e.whole, e.derive, e.fused].map(power),
    ]),
  ]),
);
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ warm: warmed, cold: started, growth: grown }, null, 1)}\n`);
