/**
 * The verdict on a claimed gradient, given what gradients are right at the point.
 */
import type { Local } from "./gates.ts";
import { membership, range, ruleSet, type ConvexSet, type Subdifferential } from "./subdifferential.ts";

/**
 * `correct-at-kink`: one of many right answers. `artefact`: what rules applied one by one
 * give where inner kinks cancel, and not a right answer. `inconclusive` always has a reason.
 */
export type Verdict = "correct" | "correct-at-kink" | "artefact" | "bug" | "inconclusive";

/** From the least to the most alarming: a whole is as good as the last of its parts in this order. */
export const order: readonly Verdict[] = ["correct", "correct-at-kink", "inconclusive", "artefact", "bug"];

export const worst = (verdicts: Iterable<Verdict>): Verdict => {
  let rank = 0;
  for (const verdict of verdicts) rank = Math.max(rank, order.indexOf(verdict));
  return order[rank]!;
};

export const passes = (verdict: Verdict): boolean => verdict === "correct" || verdict === "correct-at-kink";

/** Whether a mistake was found, which one may look for; of what is inconclusive nobody knows. */
export const isWrong = (verdict: Verdict): boolean => verdict === "artefact" || verdict === "bug";

export interface Judged {
  readonly verdict: Verdict;
  /** The values that this coordinate may have: one, or the ends of a range. */
  readonly expected: readonly [number, number];
  /** How far from them a value may be. */
  readonly slack: number;
  /** The set of gradients that it is a coordinate of, at a kink. */
  readonly set?: ConvexSet;
  readonly reason?: string;
}

/** The verdict on each coordinate. `gradient` has a value for each; `local` is asked when one is wrong. */
export function judge(right: Subdifferential, local: Local, gradient: Float64Array): Judged[] {
  const judged: Judged[] = Array.from(gradient, (claimed, c) => judgeUnique(right, claimed, c));
  for (const set of right.sets) {
    const verdict = judgeSet(set, right, gradient);
    for (const c of set.coordinates) judged[c] = judgeMember(set, right, gradient[c]!, c, verdict);
  }
  return local.gates.length > 0 ? withArtefacts(judged, local, gradient) : judged;
}

/** What is wrong, and yet what the rules give when they are applied one by one, is told from other mistakes. */
export function withArtefacts(judged: Judged[], local: Local, gradient: Float64Array): Judged[] {
  const wrong = new Set(judged.flatMap(({ verdict }, c) => (verdict === "bug" ? [c] : [])));
  if (wrong.size === 0 || !isRuleByRule(local, gradient, wrong)) return judged;
  return judged.map((j, c) => (wrong.has(c) ? { ...j, verdict: "artefact" } : j));
}

function judgeUnique({ slope, slack }: Subdifferential, claimed: number, c: number): Judged {
  const expected = [slope[c]!, slope[c]!] as const;
  const base = { expected, slack: slack[c]! };
  if (!Number.isFinite(slope[c]!) || !Number.isFinite(slack[c]!))
    return {
      ...base,
      verdict: "inconclusive",
      reason: "the true gradient is not finite here, or rounding leaves nothing of it",
    };
  const gap = Math.abs(claimed - slope[c]!);
  if (gap <= slack[c]!) return { ...base, verdict: "correct" };
  const lost = gap / Math.abs(slope[c]!);
  if (!(lost < lostDigits)) return { ...base, verdict: "bug" };
  const reason = `right to ${Math.floor(-Math.log10(lost))} digits only: more is lost than rounding explains, as single precision or cancellation would`;
  return { ...base, verdict: "bug", reason };
}

/** Below this relative error a wrong value looks like lost digits rather than like a wrong formula. */
const lostDigits = 1e-6;

function judgeSet(set: ConvexSet, right: Subdifferential, gradient: Float64Array): Verdict {
  const finite = set.coordinates.every(
    (c) => Number.isFinite(right.slope[c]!) && Number.isFinite(right.slack[c]!),
  );
  if (!finite) return "inconclusive";
  if (!set.coordinates.every((c) => Number.isFinite(gradient[c]!))) return "bug";
  const is = membership(set, right, gradient);
  return is === "inside" ? "correct-at-kink" : is === "outside" ? "bug" : "inconclusive";
}

function judgeMember(
  set: ConvexSet,
  right: Subdifferential,
  claimed: number,
  c: number,
  verdict: Verdict,
): Judged {
  const expected = range(set, right, c);
  const base = { verdict, expected, slack: right.slack[c]!, set };
  const [low, high] = expected;
  const alone = claimed >= low - base.slack && claimed <= high + base.slack;
  if (verdict === "inconclusive")
    return { ...base, reason: "too many nested ties to tell all limiting gradients" };
  if (verdict === "bug" && alone)
    return {
      ...base,
      reason:
        "inside the range of this coordinate, but the coordinates together are not in the subdifferential",
    };
  return base;
}

/** Whether a gradient is what some choice of branches, rule by rule, gives at the wrong coordinates. */
function isRuleByRule(local: Local, gradient: Float64Array, wrong: ReadonlySet<number>): boolean {
  const rules = ruleSet(local);
  if (local.obstacles.length > 0) return isAsChosen(rules, gradient, wrong);
  const left = new Set(wrong);
  for (const set of rules.sets) {
    if (!set.coordinates.some((c) => left.has(c))) continue;
    if (!set.coordinates.every((c) => Number.isFinite(gradient[c]!))) return false;
    if (membership(set, rules, gradient) !== "inside") return false;
    for (const c of set.coordinates) left.delete(c);
  }
  return [...left].every((c) => Math.abs(gradient[c]! - rules.slope[c]!) <= rules.slack[c]!);
}

/** Another program with the same choices is no further from the slope than this, by the greatest of the slopes. */
const sameChoices = 1e-9;

/** Whether a gradient is what the choices at the point give, as if none of them could turn: what rules do at a jump. */
function isAsChosen(
  { slope, sets }: Subdifferential,
  gradient: Float64Array,
  wrong: ReadonlySet<number>,
): boolean {
  const steepest = slope.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0);
  return [...wrong].every(
    (c) =>
      Math.abs(gradient[c]! - slope[c]!) <= sameChoices * steepest &&
      !sets.some((set) => set.coordinates.includes(c)),
  );
}
