/**
 * Rewrites of expressions for floating point, one row each. Every row is an identity over
 * the reals where it holds; the spec compares both sides with 64 digits at the counterexample
 * and around it. Where the better form depends on the point, the right side branches.
 *
 * Rows are tried in order, at every expression, its parts first.
 */
import { besideExponentialRows } from "./beside-exponential.ts";
import { choiceRows } from "./choices.ts";
import { commonDivisorRows } from "./common-divisor.ts";
import { complementRows } from "./complements.ts";
import { distanceRows } from "./distances.ts";
import { exponentRows } from "./exponents.ts";
import { halfRows } from "./half.ts";
import { hyperbolicRows } from "./hyperbolic.ts";
import { labelsFirstRows } from "./labels-first.ts";
import { logTangentRows } from "./log-tangent.ts";
import { logisticRows } from "./logistic.ts";
import { logisticOfSumsRows } from "./logistic-of-sums.ts";
import { logsApartRows } from "./logs-apart.ts";
import { logsInsideRows } from "./logs-inside.ts";
import { meanRows } from "./means.ts";
import { meetingRows } from "./meeting.ts";
import { nearOneRows } from "./near-one.ts";
import { normalRows } from "./normal.ts";
import { oneExponentialRows } from "./one-exponential.ts";
import { ratioRows } from "./ratios.ts";
import { rootRows } from "./roots.ts";
import type { Row } from "./row.ts";
import { sigmoidDifferenceRows } from "./sigmoid-difference.ts";
import { softplusDifferenceRows } from "./softplus-difference.ts";
import { squareRows } from "./squares.ts";
import { tangentRows } from "./tangents.ts";

export const rows: readonly Row[] = [
  ...tangentRows,
  ...logTangentRows,
  ...nearOneRows,
  ...commonDivisorRows,
  ...sigmoidDifferenceRows,
  ...softplusDifferenceRows,
  ...logsApartRows,
  ...logsInsideRows,
  ...halfRows,
  ...logisticOfSumsRows,
  ...logisticRows,
  ...choiceRows,
  ...meetingRows,
  ...complementRows,
  ...normalRows,
  ...oneExponentialRows,
  ...rootRows,
  ...hyperbolicRows,
  ...exponentRows,
  ...squareRows,
  ...distanceRows,
  ...labelsFirstRows,
  ...ratioRows,
  ...besideExponentialRows,
  ...meanRows,
];
