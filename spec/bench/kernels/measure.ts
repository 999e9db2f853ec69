/**
 * One case: candidates are compared with a reference, and those that are right are timed in turns.
 *
 * A turn is a few calls of one candidate, then of the next, and so on, again and again: what
 * the machine does meanwhile meets all of them. Times are medians over turns.
 */
import type { Candidate } from "./candidate.ts";
import { tolerance } from "./candidate.ts";
import { writeArrays } from "./serve.ts";
import { Absent } from "./host.ts";
import type { Arrays, ProblemName } from "./problem.ts";
import type { Runner } from "./runner.ts";
import { inFolder } from "./temporary.ts";

export interface Effort {
  /** Seconds that a turn of one candidate is to last. */
  readonly turn: number;
  /** Seconds for one candidate in all. */
  readonly budget: number;
  readonly leastTurns: number;
}

export type Outcome =
  | {
      /** `wrong` when the error is beyond what its precision explains: the time is of no use then. */
      readonly kind: "measured" | "wrong";
      readonly error: number;
      readonly seconds: number;
      readonly turns: readonly number[];
    }
  | { readonly kind: "absent" | "failed"; readonly reason: string };

export interface Measured {
  readonly candidate: Candidate;
  readonly outcome: Outcome;
}

export type Competitor = { readonly candidate: Candidate; readonly runner: Runner };

/** The worst relative Frobenius error of the value and the gradients; infinite where something is missing or NaN. */
export function errorOf(results: Arrays, reference: Arrays): number {
  let worst = 0;
  for (const [name, { data: wanted }] of reference) {
    const data = results.get(name)?.data;
    if (data === undefined || data.length !== wanted.length) return Infinity;
    let [difference, size] = [0, 0];
    for (let n = 0; n < wanted.length; n++) {
      difference += (data[n]! - wanted[n]!) ** 2;
      size += wanted[n]! ** 2;
    }
    const error = Math.sqrt(difference / size);
    worst = difference === 0 ? worst : Number.isFinite(error) ? Math.max(worst, error) : Infinity;
  }
  return worst;
}

export async function measure(
  problem: ProblemName,
  inputs: Arrays,
  reference: Arrays,
  competitors: readonly Competitor[],
  effort: Effort,
): Promise<readonly Measured[]> {
  return inFolder(async (folder) => {
    writeArrays(folder, inputs);
    const outcomes = new Map<Competitor, Outcome>();
    const entered: Entered[] = [];
    for (const competitor of competitors) {
      const { runner } = competitor;
      await attempt(competitor, outcomes, async () => {
        await runner.prepare(problem, folder);
        entered.push(await warm(competitor, errorOf(await runner.results(), reference), effort));
      });
    }
    await takeTurns(entered, outcomes, effort);
    for (const competitor of competitors) await competitor.runner.drop().catch(() => {});
    return competitors.map((c) => ({ candidate: c.candidate, outcome: outcomes.get(c)! }));
  });
}

interface Entered {
  readonly competitor: Competitor;
  readonly error: number;
  readonly calls: number;
  /** Seconds a call, by turn. */
  readonly turns: number[];
  spent: number;
}

/** What goes wrong is that competitor's outcome, and not the end of the others. */
async function attempt(
  competitor: Competitor,
  outcomes: Map<Competitor, Outcome>,
  action: () => Promise<void>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    outcomes.set(competitor, { kind: error instanceof Absent ? "absent" : "failed", reason });
  }
}

/** Calls it until it has run for a turn, compilers included, and settles how many calls a turn has. */
async function warm(competitor: Competitor, error: number, { turn }: Effort): Promise<Entered> {
  let [calls, seconds, spent] = [1, 0, 0];
  do {
    seconds = (await competitor.runner.time(calls)) / calls;
    spent += seconds * calls;
    calls = Math.max(1, Math.min(2 * calls, Math.round(turn / Math.max(seconds, 1e-9))));
  } while (spent < turn);
  return {
    competitor,
    error,
    calls: Math.max(1, Math.round(turn / Math.max(seconds, 1e-9))),
    turns: [],
    spent: 0,
  };
}

async function takeTurns(
  entered: readonly Entered[],
  outcomes: Map<Competitor, Outcome>,
  { budget, leastTurns }: Effort,
): Promise<void> {
  // The slow ones have fewer turns than the least, rather than hold up the others.
  const done = ({ spent, turns }: Entered): boolean =>
    spent >= budget && (turns.length >= leastTurns || spent >= 4 * budget);
  let playing = entered;
  while (playing.length > 0) {
    for (const player of playing)
      await attempt(player.competitor, outcomes, async () => {
        const seconds = await player.competitor.runner.time(player.calls);
        player.turns.push(seconds / player.calls);
        player.spent += seconds;
      });
    playing = playing.filter((p) => !outcomes.has(p.competitor) && !done(p));
  }
  for (const { competitor, error, turns } of entered)
    if (!outcomes.has(competitor))
      outcomes.set(competitor, {
        kind: error <= tolerance[competitor.candidate.precision] ? "measured" : "wrong",
        error,
        seconds: median(turns),
        turns,
      });
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** How many times as long it takes; undefined unless both are right. */
export function ratio(of: Outcome, to: Outcome): number | undefined {
  if (of.kind !== "measured" || to.kind !== "measured") return undefined;
  return of.seconds / to.seconds;
}
