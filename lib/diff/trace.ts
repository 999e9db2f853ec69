/** The steps of a derivation as they are taken, and as they are shown. */
import { children, type Expr } from "../expr/node.ts";
import type { Algebra, Facts } from "../simplify/algebra.ts";
import { present } from "../simplify/present/present.ts";
import { algebra } from "../simplify/simplify.ts";
import type { Step } from "./derivation.ts";

/** One simplifier for a whole derivation, which tells every rule that it applies to the definition being worked on. */
export interface Trace {
  /** The simplifier, working on the definition of this name from now on; what it does for none is not told. */
  readonly algebraFor: (definition: string | undefined) => Algebra;
  readonly step: (step: Step) => void;
  /** What was told, each once, in the language that people read: made when it is first asked for. */
  readonly shown: () => readonly Step[];
}

export function trace(facts: Facts): Trace {
  const steps: Step[] = [];
  let current: string | undefined;
  let shown: readonly Step[] | undefined;
  const s = algebra(facts, (rule, before, after) => {
    if (current !== undefined) steps.push({ definition: current, rule, before, after });
  });
  return {
    algebraFor: (definition) => {
      current = definition;
      return s;
    },
    step: (step) => steps.push(step),
    shown: () => {
      current = undefined;
      shown ??= dedupe(steps.map((step) => show(step, s))).filter((step) => step.before !== step.after);
      return shown;
    },
  };
}

/** Both sides as one would write them, with deltas and indicators as the factors that the rules are about. */
function show(step: Step, s: Algebra): Step {
  const write = (e: Expr): Expr => present(e, s, { indicators: "factors" });
  const shown = { ...step, before: write(step.before), after: write(step.after) };
  if (!step.by) return shown;
  const by = write(step.by);
  // 1 + x under a logarithm is written log1p(x): then there is no 1 + x to point at.
  return contains(shown.before, by) ? { ...shown, by } : step;
}

function contains(e: Expr, part: Expr): boolean {
  return e === part || children(e).some((child) => contains(child, part));
}

/** A rule may fire at the same place more than once; a reader needs to see it once. */
function dedupe(steps: readonly Step[]): readonly Step[] {
  const seen = new Set<string>();
  return steps.filter(({ definition, before, after, by }) => {
    const key = `${definition} ${before.id} ${after.id} ${by?.id ?? ""}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
