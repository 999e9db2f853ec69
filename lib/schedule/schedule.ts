/**
 * Schedules: the same nest in an order that the machine likes.
 *
 * Each pass makes a nest of a nest and keeps every value, up to the order in which sums are
 * added up; that order depends on the sizes only.
 */
import { Names } from "../loop/identifier.ts";
import type { Nest } from "../loop/nest.ts";
import { verify } from "../loop/verify.ts";
import { rename } from "../loop/rename.ts";
import { apart } from "./apart.ts";
import { effectsOf } from "./effects.ts";
import { computeFactors } from "./factors.ts";
import { gather } from "./gather.ts";
import { mergeLoops } from "./merge.ts";
import { blockRows } from "./rows.ts";
import { sinkFills } from "./sink.ts";
import { skipZeroRows } from "./skip.ts";
import { runAlong } from "./running.ts";
import { Scratch } from "./scratch.ts";
import { computeTotals } from "./totals.ts";
import { windowSizes } from "./window-sizes.ts";
import type { Windows } from "./windows.ts";
import { contractWithin } from "./within.ts";

export interface ScheduleOptions {
  /** How many rows a block has. */
  readonly rows?: number;
  /** Names of the program's own definitions: what the derivation adds are adjoints, whose zero rows are worth looking for. */
  readonly given?: ReadonlySet<string>;
}

export function scheduleNest(nest: Nest, { rows = 32, given }: ScheduleOptions = {}): Nest {
  const whole = [...nest.sizes, ...nest.parameters, ...nest.buffers].map(({ name }) => name);
  const names = new Names();
  for (const name of [...whole, ...effectsOf(nest.door).defines]) names.fresh(name);
  const { body: toldApart, indices } = apart(nest.body, names);
  const scratch = new Set(nest.buffers.flatMap(({ name, role }) => (role === "scratch" ? [name] : [])));
  const body = sinkFills(toldApart, scratch);
  const windows: Windows = {
    sizes: windowSizes(nest),
    place: (around) => names.index("k", new Set([...indices, ...around])),
  };
  const kept = new Scratch(nest);
  const running = { ...nest, body: runAlong(body, names, kept), buffers: kept.buffers };
  const summed = computeTotals(running, names, windows);
  const computed = computeFactors(summed, names);
  const merged = { ...computed, body: gather(mergeLoops(computed.body), names) };
  const blocked = skipZeroRows(
    blockRows(merged, names, rows, windows),
    names,
    (of) => given?.has(of) !== true,
  );
  const { statements, renamed } = rename(
    contractWithin(blocked.body, windows, names),
    names.stems(),
    names.fixed([...blocked.buffers.map((b) => b.name), ...whole, ...indices]),
  );
  const results = nest.results.map((r) => ({
    ...r,
    name: r.scalar ? (renamed.get(r.name) ?? r.name) : r.name,
  }));
  const scheduled = { ...blocked, body: statements, results };
  verify(scheduled);
  return scheduled;
}
