/** Vectors of reals: their instructions by precision. */
import { f32, f32x4, f64, f64x2, op, type Code } from "./code.ts";
import type { Real } from "./storage.ts";

export interface Lanes {
  readonly real: Real;
  readonly shape: "f64x2" | "f32x4";
  /** Values in a vector. */
  readonly count: number;
  /** Bytes of a value, and their logarithm. */
  readonly bytes: number;
  readonly shift: number;
}

// prettier-ignore
const all: Readonly<Record<Real, Lanes>> = {
  f64: { real: "f64", shape: "f64x2", count: 2, bytes: 8, shift: 3 },
  f32: { real: "f32", shape: "f32x4", count: 4, bytes: 4, shift: 2 },
};

export const lanesOf = (real: Real): Lanes => all[real];

/** The same number in all lanes. */
export const everywhere = (lanes: Lanes, value: number): Code =>
  lanes.real === "f64" ? f64x2(value) : f32x4(value);

export const number = (lanes: Lanes, value: number): Code => (lanes.real === "f64" ? f64(value) : f32(value));

/** Sum of products: a · b + c, in one instruction where the module may use the relaxed one. */
export const multiplyAdd = (lanes: Lanes, a: Code, b: Code, c: Code, relaxed: boolean): Code =>
  relaxed
    ? op(`${lanes.shape}.relaxed_madd`, b, a, c)
    : op(`${lanes.shape}.add`, c, op(`${lanes.shape}.mul`, a, b));
