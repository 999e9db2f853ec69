/**
 * Why there is no right gradient where the value jumps, and why that of the rules is not right where kinks meet:
 * which choice turns at the point, from what to what.
 */
import { localModelOf, type Obstacle } from "./gates.ts";
import type { Judged, Verdict } from "./judge.ts";
import { guardOf } from "./label.ts";
import { jump } from "./sampled.ts";
import { contenders, openTests } from "./ties.ts";
import type { Trace } from "./trace.ts";

/** So many choices are named; that there are more is said. */
const mostNamed = 3;

/** The reason of a verdict on the whole, with the choices that it rests on. */
export function explained(
  verdict: Verdict,
  reason: string | undefined,
  judged: readonly Judged[],
  traced: Trace,
): string | undefined {
  const turning = [...new Set(localModelOf(traced).obstacles.flatMap((o) => turns(traced, o) ?? []))];
  if (verdict === "inconclusive" && turning.length > 0 && judged.some((j) => j.reason === jump))
    return `${jump}: ${listed(turning)}; rules keep each choice as it is at the point, which is a convention and no slope`;
  if (verdict !== "artefact") return reason;
  if (turning.length > 0)
    return `${listed(turning)}; rules keep each choice as it is at the point, and what they give so is the slope of no side of it`;
  const guards = meeting(judged, traced);
  const where = guards.length === 0 ? "" : ` (${listed(guards)})`;
  return `kinks meet here${where}: rules choose at each by itself, and together their choices are the slope of no side of the point, nor between such slopes`;
}

/** The guards that are 0 where a wrong gradient was claimed. */
function meeting(judged: readonly Judged[], traced: Trace): readonly string[] {
  const nodes = judged.flatMap(({ verdict, set }) => (verdict === "artefact" && set ? set.nodes : []));
  const all = nodes.length > 0 ? nodes : localModelOf(traced).gates.flatMap((gate) => gate.nodes);
  const guards = new Set([...new Set(all)].map((node) => guardOf(traced, node).guard));
  return [...guards].filter((guard) => guard !== "?").map((guard) => `${guard} = 0`);
}

/** `where x[0] - x[1] = 0, the winner turns from 0 to 1`; undefined where it is not a single choice. */
function turns(traced: Trace, { node }: Obstacle): string | undefined {
  const { tape, origins } = traced;
  const at = (choice: number, what: string, from: number, to: number): string =>
    `where ${guardOf(traced, choice).guard} = 0, ${what} turns from ${shown(from)} to ${shown(to)}`;
  const test = (): number | undefined =>
    [...openTests(tape, tape.operand(node, 0))].find((t) => origins.has(t));
  switch (tape.op[node]) {
    case "sign":
      return at(node, "the sign", -1, 1);
    case "argmax":
    case "argmin": {
      const [first, second] = contenders(tape, node);
      const positions = origins.get(node)?.positions;
      if (second === undefined || positions === undefined) return undefined;
      return at(node, `the ${tape.op[node]}`, positions[first!]!, positions[second]!);
    }
    case "iverson": {
      const choice = test();
      return choice === undefined ? undefined : at(choice, "a condition", 0, 1);
    }
    case "select": {
      const choice = test();
      const side = (n: number): number => tape.value[tape.operand(node, n)]!;
      return choice === undefined ? undefined : at(choice, "a choice", side(2), side(1));
    }
    default:
      return undefined;
  }
}

const shown = (x: number): string => String(Number(x.toPrecision(6)));

const listed = (parts: readonly string[]): string => {
  const named = parts.slice(0, mostNamed);
  const more = parts.length - named.length;
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(" and ");
};
