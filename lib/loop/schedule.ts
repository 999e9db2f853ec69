/**
 * When each stage is computed.
 *
 * Time is counted in halves of passes: at odd times a pass over the rows runs, at
 * even times whole stages are computed between two passes. A row of a stage can be
 * read in the pass that computes it, by the same row; everything else waits for
 * the end of that pass. Each stage runs as late as its readers allow, so that
 * stages meet in one pass and rows need not be stored.
 */
import { children, type Expr, type Index } from "../expr/node.ts";
import type { Stage } from "./stage.ts";

export interface Schedule {
  /** The stages of each time, in order of computation. */
  readonly times: readonly (readonly Stage[])[];
  /** Row stages that are read by another row or in a later pass: they are stored whole. */
  readonly stored: ReadonlySet<string>;
}

/** A stage reads `name`: the same row of it only (`aligned`), or any part. */
interface Use {
  readonly name: string;
  readonly aligned: boolean;
}

export function schedule(stages: readonly Stage[], row: Index | undefined): Schedule {
  const byName = new Map(stages.map((s) => [s.name, s]));
  const uses = new Map(stages.map((s) => [s, usesOf(s, byName, row)]));
  const earliest = new Map<Stage, number>();
  for (const stage of stages)
    earliest.set(
      stage,
      uses.get(stage)!.reduce(
        (time, use) => {
          const used = byName.get(use.name)!;
          return onTime(stage, Math.max(time, earliest.get(used)! + wait(used, use)), 1);
        },
        onTime(stage, 0, 1),
      ),
    );
  // An even time after the last pass, so that what only finishes a sum does not force an earlier one.
  const last = Math.ceil(Math.max(0, ...earliest.values()) / 2) * 2;
  const time = new Map<Stage, number>(stages.map((s) => [s, onTime(s, last, -1)]));
  for (const stage of stages.toReversed())
    for (const use of uses.get(stage)!) {
      const used = byName.get(use.name)!;
      time.set(used, Math.min(time.get(used)!, onTime(used, time.get(stage)! - wait(used, use), -1)));
    }
  const stored = new Set<string>();
  for (const stage of stages)
    for (const { name, aligned } of uses.get(stage)!) {
      const used = byName.get(name)!;
      if (used.role === "row" && (!aligned || time.get(used) !== time.get(stage))) stored.add(name);
    }
  const times = Array.from({ length: last + 1 }, (_, t) => stages.filter((s) => time.get(s) === t));
  return { times, stored };
}

/** The first time from `time` on, in steps of `direction`, at which the stage can run: odd for passes, even for the rest. */
function onTime(stage: Stage, time: number, direction: 1 | -1): number {
  const odd = stage.role === "whole" ? 0 : 1;
  return Math.abs(time % 2) === odd ? time : time + direction;
}

/** How long a reader must wait for what it reads. */
const wait = (used: Stage, use: Use): number =>
  used.role === "whole" || (used.role === "row" && use.aligned) ? 0 : 1;

function usesOf(stage: Stage, byName: ReadonlyMap<string, Stage>, row: Index | undefined): readonly Use[] {
  const inPass = stage.role !== "whole";
  const found = new Map<string, Use>();
  const seen = [new Set<Expr>(), new Set<Expr>()] as const;
  const visit = (e: Expr, shadowed: boolean): void => {
    const known = seen[shadowed ? 1 : 0];
    if (known.has(e)) return;
    known.add(e);
    if (e.kind === "read") {
      const used = byName.get(e.name);
      if (used !== undefined) {
        const subscript = used.role === "row" ? e.at[used.axis] : undefined;
        const aligned = inPass && !shadowed && subscript?.kind === "index" && subscript.index === row;
        found.set(`${e.name} ${aligned}`, { name: e.name, aligned });
      }
    }
    const inside = shadowed || (e.kind === "reduce" && e.over === row);
    for (const child of children(e)) visit(child, inside);
  };
  visit(stage.body, false);
  if (stage.role === "accumulate" && stage.guard) visit(stage.guard, false);
  return [...found.values()];
}
