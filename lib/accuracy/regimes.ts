/** Points at which accuracy is measured: one sample at a time, by regimes in which the usual forms fail in different ways. */
import { volume } from "../binding.ts";
import type { Random } from "../check/random.ts";

/** What a regime says about one row of scores; `right` is the position of the right one, where there is a label. */
export interface Regime {
  readonly name: string;
  readonly about: string;
  readonly row: (length: number, right: number, random: Random) => number[];
}

const scaled = (name: string, scale: number): Regime => ({
  name,
  about: `scores of scale ${name}`,
  row: (length, _, random) => Array.from({ length }, () => scale * random.normal()),
});

const between = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform();

/** Normal scores, one of them ahead of all others by a gap. */
function ahead(length: number, position: number, gap: number, random: Random): number[] {
  const row = Array.from({ length }, () => random.normal());
  row[position] = Math.max(...row) + gap;
  return row;
}

export const regimes: readonly Regime[] = [
  scaled("1e-300", 1e-300),
  scaled("1e-8", 1e-8),
  scaled("1", 1),
  scaled("30", 30),
  scaled("1e3", 1e3),
  scaled("1e300", 1e300),
  {
    name: "equal",
    about: "all scores of a row are equal",
    row: (length, _, random) => {
      const value = random.normal() * 10 ** between(random, -3, 3);
      return Array.from({ length }, () => value);
    },
  },
  {
    name: "dominant",
    about: "any one score is ahead of the others by 20 to 700",
    row: (length, _, random) => ahead(length, random.int(0, length - 1), between(random, 20, 700), random),
  },
  {
    name: "certain",
    about: "the right score is ahead by 5 to 740: p of the right class goes to 1",
    row: (length, right, random) =>
      ahead(length, Math.min(right, length - 1), between(random, 5, 740), random),
  },
];

/** An array of this shape, row by row along its last axis; a row of one number goes either way. */
export function drawArray(
  regime: Regime,
  shape: readonly number[],
  right: number,
  random: Random,
): { readonly shape: readonly number[]; readonly data: readonly number[] } {
  const length = shape.at(-1) ?? 1;
  const rows = length === 0 ? 0 : volume(shape) / length;
  const data = Array.from({ length: rows }, () => {
    const row = regime.row(length, right, random);
    const sign = regime.name === "certain" ? (right === 1 ? 1 : -1) : random.pick([1, -1]);
    return length === 1 ? row.map((x) => x * sign) : row;
  });
  return { shape, data: data.flat() };
}
