/** The error of the platform's functions that kernels call, in ulp against 320 bits. `npx tsx spec/bench/functions.ts`. */
import { Random } from "../../lib/check/random.ts";
import { double } from "../../lib/number/double.ts";
import { ulps } from "../../lib/number/ulp.ts";
import { wide } from "../../lib/number/wide.ts";

const field = wide(320);
const points = Number(process.argv[2] ?? 20_000);
const signed = (random: Random, size: number): number => size * (2 * random.uniform() - 1);
const spread = (random: Random): number => 10 ** (20 * random.uniform() - 15);

/** Where each function is tried. */
// prettier-ignore
const functions: readonly [op: "exp" | "expm1" | "log" | "log1p" | "sqrt" | "tanh" | "sigmoid" | "softplus" | "sinh" | "cosh" | "erf" | "erfc", draw: (random: Random) => number][] = [
  ["exp",      (r) => signed(r, 700)],
  ["expm1",    (r) => signed(r, 1) * spread(r) % 700],
  ["log",      (r) => spread(r)],
  ["log1p",    (r) => spread(r)],
  ["sqrt",     (r) => spread(r)],
  ["tanh",     (r) => signed(r, 20)],
  ["sinh",     (r) => signed(r, 20)],
  ["cosh",     (r) => signed(r, 20)],
  ["sigmoid",  (r) => signed(r, 40)],
  ["softplus", (r) => signed(r, 40)],
  ["erf",      (r) => signed(r, 6)],
  ["erfc",     (r) => signed(r, 26)],
];

console.log(`${process.version}, ${points} points each: worst and 99th percentile in ulp`);
for (const [op, draw] of functions) {
  const random = new Random(3);
  const errors = Array.from({ length: points }, () => {
    const x = draw(random);
    return ulps(double.functions[op](x), field.functions[op](field.fromNumber(x)), field);
  }).toSorted((a, b) => a - b);
  console.log(
    `${op.padEnd(9)} ${errors.at(-1)!.toFixed(2)}  ${errors[Math.floor(points * 0.99)]!.toFixed(2)}`,
  );
}
