/** The log of a campaign: a line of JSON for each block of seeds of one loss, so that a campaign can stop and go on. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { order } from "../../lib/check/judge.ts";
import { together, type Tally } from "../../lib/check/campaign.ts";
import type { Part } from "./campaign-worker.ts";

/** What a line holds: a block, and what was counted there. */
export interface Line extends Part {
  readonly tally: Tally;
}

const keyOf = ({ name, wrt, points, seed }: Part): string => JSON.stringify([name, wrt ?? [], points, seed]);

/**
 * A log in a file, or in memory alone. A line that was cut off while it was written is left out and run again.
 * It holds for the code that wrote it: another version of dscore wants another file.
 */
export class Log {
  readonly #path: string | undefined;
  readonly #tallies = new Map<string, Tally>();

  constructor(path: string | undefined) {
    this.#path = path;
    if (path === undefined || !existsSync(path)) return;
    const text = readFileSync(path, "utf8");
    for (const line of text.split("\n")) {
      const { tally, ...part } = read(line) ?? {};
      if (tally !== undefined) this.#tallies.set(keyOf(part as Part), tally);
    }
    if (text !== "" && !text.endsWith("\n")) appendFileSync(path, "\n");
  }

  tallyOf(part: Part): Tally | undefined {
    return this.#tallies.get(keyOf(part));
  }

  add(part: Part, tally: Tally): void {
    this.#tallies.set(keyOf(part), tally);
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify({ ...part, tally })}\n`);
  }
}

function read(line: string): Partial<Line> | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}

/** Points whose gradient the checker called wrong, or that it says has a value where ours has none. */
export const falseAlarms = ({ verdicts, notFinite }: Tally): number =>
  verdicts.bug + verdicts.artefact + notFinite;

/** The counts of each loss as a table in Markdown, with their sums. */
export function table(results: ReadonlyMap<string, Tally>): string {
  const rows = [...results].map(([name, tally]) => row(name, tally));
  if (results.size > 1) rows.push(row("all", together([...results.values()])));
  const ruler = head.map((_, n) => (n === 0 ? "---" : "--:"));
  return [head, ruler, ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

const head = ["loss", "points", ...order, "not finite", "false alarms", "nearest to one", "ms each"];

const row = (name: string, t: Tally): string[] => [
  name,
  String(t.points),
  ...order.map((v) => String(t.verdicts[v])),
  String(t.notFinite),
  String(falseAlarms(t)),
  `${t.nearest.share.toPrecision(2)} (seed ${t.nearest.seed})`,
  (t.milliseconds / t.points).toFixed(2),
];
