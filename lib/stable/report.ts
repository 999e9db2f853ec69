/** What the stage did to a derivation, for a page that shows the stable form beside the textbook form. */
import type { Derivation } from "../diff/derivation.ts";
import type { Definition } from "../expr/program.ts";
import { reasons } from "./softmax/reasons.ts";
import type { Row } from "./row.ts";
import { rows } from "./rows.ts";
import { deviationsReason } from "./deviations.ts";
import { sumsMeetReason } from "./sums-meet.ts";
import { oppositeExponentialsReason } from "./opposite-exponentials.ts";
import { productsReason } from "./products.ts";
import { complementOfMeanReason } from "./complement-of-mean.ts";
import { zerosReason } from "./zeros.ts";
import { vectorReasons } from "./vectors.ts";
import { besideOneReasons } from "./beside-one.ts";
import { firstOutReasons } from "./first-out.ts";
import { mixtureReasons } from "./mixtures/reasons.ts";
import { scaleReason } from "./scale.ts";
import { measured, stabilise, type Rewrite } from "./stabilise.ts";

export interface Report {
  /** The definitions that differ from those of the closed form, in order of computation. */
  readonly definitions: readonly Definition[];
  readonly rewrites: readonly (Rewrite & {
    /** Why: the row, with where it holds and the counterexample. */
    readonly reason: Omit<Row, "rewrite">;
  })[];
}

export function report(derivation: Derivation): Report {
  const { definitions, rewrites, shared } = stabilise(derivation);
  const textbook = new Map(derivation.definitions.map((d) => [d.name, d.body]));
  const all: readonly Omit<Row, "rewrite">[] = [
    ...reasons,
    ...besideOneReasons,
    ...firstOutReasons,
    deviationsReason,
    zerosReason,
    sumsMeetReason,
    oppositeExponentialsReason,
    productsReason,
    complementOfMeanReason,
    ...mixtureReasons,
    ...vectorReasons,
    scaleReason,
    ...rows,
  ];
  return {
    definitions: definitions.filter((d) => textbook.get(d.name) !== d.body),
    rewrites: rewrites.map((r) => ({
      ...measured(r, shared),
      reason: all.find((row) => row.name === r.row)!,
    })),
  };
}

/** What a rewrite gains at a sampled point, `220 ulp → 0.6 ulp`; undefined where they do not show it. */
export function gained({ gain }: Rewrite): string | undefined {
  const most = gain?.most;
  return most && most.after < most.before ? `${ulp(most.before)} → ${ulp(most.after)}` : undefined;
}

const ulp = (error: number): string =>
  error === Infinity ? "lost altogether" : `${error < 100 ? error.toFixed(1) : error.toExponential(0)} ulp`;
