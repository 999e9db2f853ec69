/** Where functions are tried: special values, every exponent, ordinary numbers, random bits, both sides of every seam. */
import { Random } from "../../../lib/check/random.ts";
import { single, type Format } from "../../../lib/wasm/functions/lanes.ts";
import { doubles, singles, type Numbers } from "../../../lib/wasm/functions/numbers.ts";

export const special = [0, -0, Infinity, -Infinity, NaN] as const;

/** Where results overflow, underflow, become 1, and where the descriptions change their way. */
// prettier-ignore
const seams: Readonly<Record<Format["name"], readonly number[]>> = {
  double: [1024 * Math.LN2, -1075 * Math.LN2, -1074 * Math.LN2, -1022 * Math.LN2, 708, 710, -746, 1416, 40, 53 * Math.LN2, 26.5 * Math.LN2,
    Math.LN2 / 2, 1.5 * Math.LN2, Math.LN2, Math.SQRT1_2, Math.SQRT2, Math.SQRT1_2 - 1, Math.SQRT2 - 1, 0.5, 1, 2, 1e-17, 2 ** -53, 2 ** -54, 1 - 2 ** -53,
    2 ** -1022, 2 ** -1074, Number.MAX_VALUE],
  single: [128 * Math.LN2, -150 * Math.LN2, -149 * Math.LN2, -126 * Math.LN2, 87, 89, -104, 174, 40, 24 * Math.LN2, 12 * Math.LN2,
    Math.LN2 / 2, 1.5 * Math.LN2, Math.LN2, Math.SQRT1_2, Math.SQRT2, Math.SQRT1_2 - 1, Math.SQRT2 - 1, 0.5, 1, 2, 1e-8, 2 ** -24, 2 ** -25, 1 - 2 ** -24,
    2 ** -126, 2 ** -149, single.largest],
};

export const lanesOf = (format: Format): Numbers => (format === single ? singles : doubles);

/** The numbers beside x, and x, with both signs. */
function around(x: number, { bits, float, constant }: Numbers): number[] {
  const n = bits(constant(x));
  const beside = [-2n, -1n, 0n, 1n, 2n].filter((by) => n + by >= 0n).map((by) => float(n + by));
  return beside.flatMap((value) => [value, -value]);
}

/** Arguments for functions of one number, no infinities or NaN among them. */
export function ordinary(format: Format, count: number): readonly number[] {
  const random = new Random(11);
  const lanes = lanesOf(format);
  const { constant, float } = lanes;
  const signed = (size: number): number => constant(size * (2 * random.uniform() - 1));
  const [least, most] = [Math.log2(format.normal) - format.precision + 1, format.bias];
  const exponents = Array.from({ length: most - least + 1 }, (_, n) => {
    const size = 2 ** (least + n) * (1 + random.uniform());
    return [Math.min(size, format.largest), -Math.min(size, format.largest)].map(constant);
  }).flat();
  const sizes = [1, 4, 30, 1.1 * Math.log(format.largest)];
  const usual = Array.from({ length: count }, (_, n) => signed(sizes[n % sizes.length]!));
  const near1 = Array.from({ length: count >> 2 }, () => constant(2 ** (2 * random.uniform() - 1)));
  const half = format.size / 2;
  const bits = Array.from({ length: count >> 2 }, () => {
    const [upper, lower] = [random.uniform(), random.uniform()].map((u) => BigInt(Math.floor(u * 2 ** half)));
    return float((upper! << BigInt(half)) + lower!);
  });
  const all = [
    ...seams[format.name].flatMap((x) => around(x, lanes)),
    ...exponents,
    ...usual,
    ...near1,
    ...bits,
  ];
  return all.filter(Number.isFinite);
}

/** Arguments for functions of two to four: sums that cancel, as in a shifted softmax, and sums that do not. */
export function sums(format: Format, arity: number, count: number): readonly (readonly number[])[] {
  const random = new Random(13);
  const { constant } = lanesOf(format);
  const scales = [1e-3, 1, 30, 1000, 30_000];
  return Array.from({ length: count }, (_, n) => {
    const scale = scales[n % scales.length]!;
    const args = Array.from({ length: arity - 1 }, () => constant(scale * random.normal()));
    const aim = (n % 3 === 0 ? 60 : 3) * random.normal();
    return [...args, constant(aim - args.reduce((sum, x) => sum + x, 0))];
  });
}

/** Bases and exponents whose powers are of all sizes, subnormal ones among them. */
export function powers(format: Format, count: number): readonly (readonly number[])[] {
  const random = new Random(17);
  const { constant } = lanesOf(format);
  const most = Math.log(format.largest) * 1.05;
  const bases = [
    () => random.uniform(),
    () => 2 ** (40 * random.uniform() - 20),
    () => 0.95 + 0.1 * random.uniform(),
  ];
  return Array.from({ length: count }, (_, n) => {
    const x = constant(bases[n % bases.length]!());
    const y = n % 2 === 0 ? 5 * random.uniform() : (most / Math.log(x)) * (2 * random.uniform() - 1);
    const whole = n % 7 === 0;
    return [whole ? -x : x, constant(whole ? Math.round(y) : y)];
  });
}

/** Beside infinities, NaN and zeros: where a power changes its meaning. */
export const ofPowers = [1, -1, 2, -2, 3, 0.5, -1.5, 2 ** 53, 2 ** 52 + 1] as const;
