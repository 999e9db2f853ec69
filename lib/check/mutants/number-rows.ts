/** Mistakes in the numbers: one value, one column, the layout, the precision. */
import type { Claim } from "../check.ts";
import type { NumberRow } from "./mutant.ts";

const each = ({ data }: Claim, f: (x: number, n: number) => number): number[] => Array.from(data, f);

/** The value furthest from 0. */
const largest = ({ data }: Claim): number =>
  each({ shape: [], data }, Math.abs).reduce((best, x, n, all) => (x > all[best]! ? n : best), 0);

const columns = ({ shape }: Claim): number => shape.at(-1) ?? 1;

/** The column of the value furthest from 0. */
const inColumn = (gradient: Claim, n: number): boolean =>
  n % columns(gradient) === largest(gradient) % columns(gradient);

function transposed({ shape: [rows = 1, count = 1], data }: Claim): number[] {
  return Array.from({ length: data.length }, (_, n) => data[(n % rows) * count + Math.floor(n / rows)]!);
}

const isTable = ({ shape }: Claim): boolean => shape.length === 2 && shape.every((size) => size > 1);

const all =
  (f: (x: number) => number) =>
  (g: Claim): ArrayLike<number> =>
    each(g, f);

/** Of an array with axes: each value, with whether it is meant. */
const some =
  (meant: (g: Claim, n: number) => boolean, f: (x: number) => number) =>
  (g: Claim): ArrayLike<number> | undefined =>
    g.shape.length === 0 ? undefined : each(g, (x, n) => (meant(g, n) ? f(x) : x));

const inFirstRow = ({ shape, data }: Claim, n: number): boolean => n < data.length / (shape[0] ?? 1);

// prettier-ignore
export const numberRows: readonly NumberRow[] = [
  { name: "wrong sign",             kind: "logic",    when: () => "the whole gradient has the wrong sign", apply: all((x) => -x) },
  { name: "doubled",                kind: "logic",    when: () => "the whole gradient is doubled",         apply: all((x) => 2 * x) },
  { name: "halved",                 kind: "logic",    when: () => "the whole gradient is halved",          apply: all((x) => x / 2) },
  { name: "transposed",             kind: "logic",    when: (name) => `the values of d${name} are laid out as those of its transpose`, apply: (g) => (isTable(g) ? transposed(g) : undefined) },
  { name: "one column missing",     kind: "logic",    when: () => "one column is missing",                 apply: some(inColumn, () => 0) },
  { name: "first row missing",      kind: "logic",    when: () => "the first row is missing",              apply: some(inFirstRow, () => 0) },
  { name: "one column off by 1e-3", kind: "logic",    when: () => "one column is off by 1e-3 of itself",   apply: some(inColumn, (x) => x * 1.001) },
  { name: "one value off by 1e-3",  kind: "logic",    when: () => "one value is off by 1e-3 of itself",    apply: (g) => each(g, (x, n) => (n === largest(g) ? x * 1.001 : x)) },
  { name: "all values off by 1e-5", kind: "rounding", when: () => "all values are off by 1e-5 of themselves", apply: all((x) => x * 1.00001) },
  { name: "rounded to float32",     kind: "rounding", when: () => "the values are rounded to float32",     apply: all(Math.fround) },
];
