/** What a check reports. */
import type { Verdict } from "./judge.ts";

export interface Report {
  readonly verdict: Verdict;
  /** Why, when the verdict does not speak for itself; always there for `inconclusive`. */
  readonly reason?: string;
  /** The output at the point; for a layer Σ d<out>·out. */
  readonly value: number;
  readonly gradients: ReadonlyMap<string, GradientReport>;
  readonly directional?: DirectionalReport;
  /** The guards that the point has visited, and on which side. */
  readonly guards: readonly GuardCoverage[];
  readonly cost: Cost;
  readonly seed: number;
  /** For sampled checks: the chance to meet a wrong coordinate when m of n are wrong is 1 − (1 − m/n)^k. */
  readonly detection?: { readonly coordinates: number; readonly of: number };
  /** Whether high precision confirmed the slopes where they decide; absent when it was not asked. */
  readonly witness?: WitnessReport;
}

export interface Cost {
  /** Evaluations for difference quotients; each runs only what depends on the coordinates that move. */
  readonly evaluations: number;
  /** Evaluations with many digits. */
  readonly precise: number;
  readonly milliseconds: number;
}

export interface GradientReport {
  readonly verdict: Verdict;
  readonly shape: readonly number[];
  readonly coordinates: readonly CoordinateReport[];
}

export interface CoordinateReport {
  /** The position, one number an axis. */
  readonly at: readonly number[];
  readonly verdict: Verdict;
  readonly reason?: string;
  /** The value claimed. */
  readonly analytic: number;
  /** The values that would be right: one (twice), or the ends of a range. */
  readonly expected: readonly [number, number];
  /** How far from them a correct program may be by rounding. */
  readonly slack: number;
  /** By a central difference that crosses no kink; on a kink, across that one kink. Absent when it was not computed. */
  readonly numeric?: number;
  /** A bound of the error of `numeric`: rounding, and an estimate of truncation. */
  readonly error?: number;
  readonly step?: number;
  readonly kink?: KinkReport;
  readonly plain?: PlainReport;
}

/** A guard on its kink, or the nearest one. */
export interface KinkReport {
  /** In the user's notation: 0 where the kink is. */
  readonly guard: string;
  readonly value: number;
  /** How far along this coordinate the guard is 0, to first order. */
  readonly distance: number;
  /** The slope to the left of the kink and to the right of it. */
  readonly left: number;
  readonly right: number;
  /** How many guards are on their kink here, this one included. */
  readonly guards: number;
}

/** What a difference with a fixed step says, and why it disagrees when it does. */
export interface PlainReport {
  readonly step: number;
  readonly numeric: number;
  readonly label?: "straddle" | "round-off" | "truncation";
  /** The guards that change sides within the step. */
  readonly straddled?: readonly {
    readonly guard: string;
    readonly value: number;
    readonly distance: number;
  }[];
}

export interface DirectionalReport {
  readonly analytic: number;
  readonly numeric: number;
  readonly error: number;
  readonly step: number;
  readonly agrees: boolean;
}

/** How often the points have been on each side of a guard. */
export interface GuardCoverage {
  readonly guard: string;
  readonly sides: readonly { readonly side: string; readonly visits: number }[];
  /** Visits on the kink, within rounding. */
  readonly ties: number;
}

export interface WitnessReport {
  readonly agrees: boolean;
  readonly compared: number;
  /** The number type: exact rationals, or decimals of many digits. */
  readonly by: string;
  readonly worst: number;
}
