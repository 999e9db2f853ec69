/** 2^(n/64) for 0 ≤ n < 128: two octaves, so that what is left of a power of 2 is a square. */
import type { Table } from "./lanes.ts";

/** How many numbers an octave has. */
export const steps = 64;

/** Binary digits after the point of what follows. */
const digits = 160n;

export const roots: Table = { at: 128, pairs: powers() };

/** Heads and tails: a number rounded, and what it lacks, rounded. */
function powers(): Table["pairs"] {
  let step = 2n << digits;
  for (let octave = steps; octave > 1; octave /= 2) step = squareRoot(step << digits);
  const pairs: (readonly [number, number])[] = [];
  for (let n = 0, power = 1n << digits; n < 2 * steps; n++, power = (power * step) >> digits) {
    const head = Number(power) / 2 ** Number(digits);
    pairs.push([head, Number(power - BigInt(head * 2 ** Number(digits))) / 2 ** Number(digits)]);
  }
  return pairs;
}

/** ⌊√n⌋, by Newton's way from above. */
function squareRoot(n: bigint): bigint {
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
