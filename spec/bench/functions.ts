/**
 * The functions that kernels call: how far they are off, in ulp against many bits, and how long a number takes, in ns.
 * `npx tsx spec/bench/functions.ts [POINTS]`: the platform's and what js kernels make of it, in doubles; ours in
 * WebAssembly, in doubles and in singles. Times are medians of interleaved turns; the loops read arrays and write one.
 */
import { Random } from "../../lib/check/random.ts";
import { ops } from "../../lib/expr/ops.ts";
import { double as inDoubles } from "../../lib/number/double.ts";
import { get, i32, op, opWith } from "../../lib/wasm/code.ts";
import { engine, type Memory } from "../../lib/wasm/engine.ts";
import { functions, inline, type VectorFunction, type VectorOp } from "../../lib/wasm/functions/functions.ts";
import { double, single, type Format } from "../../lib/wasm/functions/lanes.ts";
import { ModuleBuilder } from "../../lib/wasm/module.ts";
import { errorOf } from "../wasm/functions/error.ts";
import { lanesOf } from "../wasm/functions/points.ts";
import { truth } from "../wasm/functions/truth.ts";

const points = Number(process.argv[2] ?? 20_000);
const turns = 61;
const signed = (random: Random, size: number): number => size * (2 * random.uniform() - 1);
const spread = (random: Random): number => 10 ** (20 * random.uniform() - 15);

/** Where each function is tried: the arguments for a format. */
// prettier-ignore
const rows = {
  exp:      (r: Random, { bias }: Format) => [signed(r, 0.68 * bias)],
  expm1:    (r: Random) => [r.uniform() < 0.5 ? signed(r, 1.5) : signed(r, 30)],
  log:      (r: Random) => [r.uniform() < 0.5 ? 2 ** signed(r, 1) : spread(r)],
  log1p:    (r: Random) => [r.uniform() < 0.5 ? signed(r, 0.9) : spread(r)],
  sigmoid:  (r: Random) => [signed(r, 30)],
  softplus: (r: Random) => [signed(r, 30)],
  tanh:     (r: Random) => [r.uniform() < 0.5 ? signed(r, 1) : signed(r, 8)],
  log2:     (r: Random) => [r.uniform() < 0.5 ? 2 ** signed(r, 1) : spread(r)],
  log10:    (r: Random) => [r.uniform() < 0.5 ? 2 ** signed(r, 1) : spread(r)],
  erf:      (r: Random) => [signed(r, 4)],
  erfc:     (r: Random) => [signed(r, 6)],
  pow:      (r: Random) => [r.uniform(), 5 * r.uniform()],
  expsum:   (r: Random) => { const x = 1000 * r.normal(); return [x, signed(r, 30) - x]; },
  sqrt:     (r: Random) => [spread(r)],
  sinh:     (r: Random) => [signed(r, 20)],
  cosh:     (r: Random) => [signed(r, 20)],
} satisfies Partial<Record<keyof typeof ops, (random: Random, format: Format) => number[]>>;

type Name = keyof typeof rows;
type Draw = (random: Random, format: Format) => number[];

const vectorOp = (name: Name): VectorOp | undefined =>
  Object.hasOwn(functions, name) ? (name as VectorOp) : undefined;

/** The value of a function as js kernels have it, or as ours describes it: lane by lane, as WebAssembly does. */
function valueOf(name: Name, whose: "js" | Format): ((...args: number[]) => number) | undefined {
  if (whose === "js") return inDoubles.functions[name];
  const own = vectorOp(name);
  if (own === undefined) return undefined;
  const row: VectorFunction = functions[own];
  return (...args) => row.describe(lanesOf(whose), ...args);
}

/** Worst and 99th percentile. */
function errors(name: Name, whose: "js" | Format): string {
  const f = valueOf(name, whose);
  if (f === undefined) return "";
  const format = whose === "js" ? double : whose;
  const draw: Draw = rows[name];
  const random = new Random(3);
  const count = name === "erf" || name === "erfc" ? points / 10 : points; // their truth takes long
  const found = Array.from({ length: count }, () => {
    const args = draw(random, format).map(lanesOf(format).constant);
    return errorOf(f(...args), truth(name, args, format), format);
  }).toSorted((a, b) => a - b);
  return `${found.at(-1)!.toFixed(2)} ${found[Math.floor(count * 0.99)]!.toFixed(2)}`;
}

const length = 4096;

/** A loop of its own for each function, so that the engine sees one callee. */
function platformLoop(name: Name, columns: readonly (readonly number[])[]): () => void {
  const make = new Function(
    "f",
    "x",
    "y",
    "target",
    `return () => { for (let i = 0; i < x.length; i++) target[i] = f(x[i]${columns.length > 1 ? ", y[i]" : ""}); }`,
  ) as (...given: unknown[]) => () => void;
  const [x, y] = columns.map((c) => Float64Array.from(c));
  return make(inDoubles.functions[name], x, y, new Float64Array(length));
}

/** The arguments' columns lie one after another in memory, the results after them. */
function vectorLoop(name: VectorOp, format: Format, columns: readonly (readonly number[])[]): () => void {
  const module = new ModuleBuilder();
  const bytes = (length * format.size) / 8;
  module.memory("memory", { pages: 2 });
  const run = module.function("run", [], "none");
  const at = run.local("i32");
  run.loop((again) => {
    const args = columns.map((_, n) => run.keep(opWith("v128.load", { offset: n * bytes }, get(at))));
    const value = inline(run, name, format === double ? "f64x2" : "f32x4", args);
    run.emit(opWith("v128.store", { offset: columns.length * bytes }, get(at), value));
    run.set(at, op("i32.add", get(at), i32(16)));
    run.branchIf(again, op("i32.lt_u", get(at), i32(bytes)));
  });
  module.export("run", run);
  const { exports } = new engine.Instance(new engine.Module(module.bytes()));
  const { buffer } = exports["memory"] as unknown as Memory; // of exports it is only said that they are functions
  const memory = format === double ? new Float64Array(buffer) : new Float32Array(buffer);
  for (const [n, column] of columns.entries()) memory.set(column, n * length);
  return () => exports["run"]!();
}

/** Nanoseconds a number, for the platform's and ours, turn by turn. */
function times(name: Name): readonly string[] {
  const random = new Random(5);
  const draw: Draw = rows[name];
  const inputs = Array.from({ length }, () => draw(random, single));
  const columns = inputs[0]!.map((_, n) => inputs.map((args) => args[n]!));
  const own = vectorOp(name);
  const ours = own === undefined ? [] : [double, single].map((format) => vectorLoop(own, format, columns));
  const candidates = [platformLoop(name, columns), ...ours];
  const taken = candidates.map((): number[] => []);
  for (let turn = 0; turn < 2 * turns; turn++)
    for (const [n, run] of candidates.entries()) {
      const start = performance.now();
      for (let again = 0; again < 4; again++) run();
      if (turn >= turns) taken[n]!.push(((performance.now() - start) / (4 * length)) * 1e6);
    }
  return taken.map((ns) => ns.toSorted((a, b) => a - b)[turns >> 1]!.toFixed(1));
}

const line = (cells: readonly string[]): void =>
  console.log(cells.map((c, n) => c.padEnd(n % 2 === 0 ? 10 : 14)).join(""));

console.log(`${process.version}, ${points} points: worst and 99th percentile in ulp, then ns a number`);
line(["function", "platform", "", "f64x2", "", "f32x4", ""]);
for (const name of Object.keys(rows) as Name[]) {
  const ns = times(name);
  line([
    name,
    ...(["js", double, single] as const).flatMap((whose, n) => [errors(name, whose), ns[n] ?? ""]),
  ]);
}
