/**
 * A program from its scores on: what the accuracy of a loss is measured at.
 *
 * Stages that have an adjoint of their own (`score` with `dscore`) become inputs, and terms of
 * the output that do not depend on them, such as a penalty on the weights, are left out.
 */
import type { Derivation } from "../diff/derivation.ts";
import { UserError } from "../errors.ts";
import { children, type Expr } from "../expr/node.ts";
import { output, type Definition, type Program } from "../expr/program.ts";
import { parse } from "../parse.ts";
import { signedTerms, sumOf } from "../stable/terms.ts";
import { printProgram } from "../text/print.ts";

export interface Cut {
  readonly program: Program;
  /** The names of the stages that are inputs now; none when the program has no such stage. */
  readonly stages: readonly string[];
}

export function cut({ program, definitions }: Derivation): Cut {
  const names = new Set(definitions.map((d) => d.name));
  const last = output(program);
  const stages = program.definitions
    .filter((d) => d !== last && names.has(d.name) && names.has(`d${d.name}`))
    .map((d) => d.name);
  const whole = { program, stages: [] };
  if (stages.length === 0) return whole;
  const dependent = dependentOn(program.definitions, stages);
  const body = sumOf(signedTerms(last.body).filter((t) => reads(t.of, dependent)));
  const rest = program.definitions
    .filter((d) => !stages.includes(d.name))
    .map((d) => (d === last ? { ...d, body } : d));
  const used = needed(rest);
  try {
    return {
      program: parse(printProgram(used, program)),
      stages: stages.filter((s) => used.some((d) => reads(d.body, new Set([s])))),
    };
  } catch (error) {
    // An extent that only the stage's own definition tells.
    if (error instanceof UserError) return whole;
    throw error;
  }
}

function dependentOn(definitions: readonly Definition[], stages: readonly string[]): ReadonlySet<string> {
  const found = new Set(stages);
  for (const d of definitions) if (reads(d.body, found)) found.add(d.name);
  return found;
}

/** The definitions that the last one depends on. */
function needed(definitions: readonly Definition[]): readonly Definition[] {
  const live = new Set<string>();
  const last = definitions.at(-1);
  return definitions
    .toReversed()
    .filter((d) => {
      if (d !== last && !live.has(d.name)) return false;
      collect(d.body, live);
      return true;
    })
    .toReversed();
}

function collect(e: Expr, into: Set<string>): void {
  if (e.kind === "read") into.add(e.name);
  for (const child of children(e)) collect(child, into);
}

function reads(e: Expr, names: ReadonlySet<string>): boolean {
  return (e.kind === "read" && names.has(e.name)) || children(e).some((child) => reads(child, names));
}
