/**
 * Loops whose steps may run side by side, one in each lane, with the loops inside them as they are: rows of a few
 * values each, where a vector of a row's values would often be half empty, and what a row does once costs as much as
 * the rest.
 */
import { mentionsAny } from "../../loop/mentioned.ts";
import type { Nest, Scalar, Statement } from "../../loop/nest.ts";
import { effectsOf, type Access } from "../../schedule/effects.ts";
import { along, equal, polynomial, ratio, type Polynomial, type Term } from "../../schedule/polynomial.ts";
import { volume } from "../../schedule/volume.ts";
import type { Lanes } from "../lanes.ts";
import { accumulations, visit, type Accumulation } from "./accumulation.ts";

export type Loop = Extract<Statement, { kind: "for" }>;

export interface RowLoop {
  /** What runs in lanes. */
  readonly together: readonly Statement[];
  /** What is then run for one step after the other. */
  readonly after: readonly Statement[];
  readonly accumulations: ReadonlyMap<string, Accumulation>;
  /** Scratch of which each lane has its own. */
  readonly own: ReadonlySet<string>;
  /** How many vectors of rows a step takes. */
  readonly groups: number;
}

/** A row of few loops is a long chain of operations that wait for one another: two at a time fill the gaps. */
const groupsOf = (together: readonly Statement[]): number => (loopsIn(together).length > mostOfTwo ? 1 : 2);

/** Of more loops than these, most are for rows that are out of the ordinary. */
const mostOfTwo = 8;

/** How many rows a step takes. */
export const rowsAtOnce = ({ count }: Lanes, { groups }: RowLoop): number => groups * count;

/** The loops of a nest that can run so, by their bodies. */
export function rowLoops(nest: Nest): ReadonlyMap<readonly Statement[], RowLoop> {
  const found = new Map<readonly Statement[], RowLoop>();
  visit(nest.body, (s) => {
    if (s.kind !== "for" || s.step !== undefined) return;
    const rows = rowLoop(nest, s);
    if (rows !== undefined) found.set(s.body, rows);
  });
  return found;
}

function rowLoop(nest: Nest, loop: Loop): RowLoop | undefined {
  const { body } = loop;
  if (!body.some(isOnce) || !body.some((s) => s.kind === "for")) return undefined;
  for (let length = lengthUnset(body); length > 0; length--) {
    const [together, after] = [body.slice(0, length), body.slice(length)];
    if (!together.some((s) => s.kind === "for")) return undefined;
    const found = accumulations(together);
    if (found === undefined) continue;
    const own = ownScratch(nest, loop.index, body, together);
    if (own !== undefined && follows(after, together, found, own))
      return { together, after, accumulations: found, own, groups: groupsOf(together) };
  }
  return undefined;
}

/** How many statements there are before one that sets a variable from before the loop, which lanes cannot. */
function lengthUnset(body: readonly Statement[]): number {
  const own = new Set<string>();
  let sets = false;
  for (const [n, s] of body.entries()) {
    visit([s], (t) => {
      if (t.kind === "let") own.add(t.name);
      sets ||= t.kind === "assign" && t.by === "set" && !own.has(t.name);
    });
    if (sets) return n;
  }
  return body.length;
}

/** What a row does once, however many values it has. */
const isOnce = (s: Statement): boolean => s.kind === "let" || s.kind === "assign" || s.kind === "store";

/**
 * The buffers that each lane needs for itself; undefined where a step may see another one: each other buffer
 * that is written must be written in the step's own row, or only be added to.
 */
function ownScratch(
  nest: Nest,
  index: string,
  body: readonly Statement[],
  together: readonly Statement[],
): ReadonlySet<string> | undefined {
  const { accesses, defines, assigns } = effectsOf(together);
  const changing = new Set([...defines, ...assigns]);
  const everywhere = effectsOf(nest.body).accesses;
  const inBody = effectsOf(body).accesses;
  const own = new Set<string>();
  for (const name of new Set(accesses.map((a) => a.buffer))) {
    const of = (all: readonly Access[]) => all.filter((a) => a.buffer === name);
    const ours = of(accesses);
    if (ours.every((a) => a.kind === "load") || areByRow(nest, index, changing, name, of(inBody))) continue;
    if (ours.every((a) => a.kind === "store" && a.by === "add") && of(inBody).length === ours.length)
      continue;
    const [first] = ours;
    const isAnew = first!.kind === "fill" || (first!.kind === "store" && first!.by === "set");
    const isScratch = nest.buffers.find((b) => b.name === name)!.role === "scratch";
    const still = ours.every(
      (a) => a.kind === "fill" || along(polynomial(a.offset), index)?.stride.size === 0,
    );
    if (!isAnew || !isScratch || !still || of(everywhere).length !== ours.length) return undefined;
    own.add(name);
  }
  return own;
}

/** Whether all accesses are in the row that the index numbers, so that no two steps meet. */
function areByRow(
  nest: Nest,
  index: string,
  changing: { has(name: string): boolean },
  buffer: string,
  accesses: readonly Access[],
): boolean {
  const { shape } = nest.buffers.find((b) => b.name === buffer)!;
  const row = polynomial(volume(nest, shape.slice(1)));
  let first: Polynomial | undefined;
  return accesses.every((a) => {
    const parts = a.kind === "fill" ? undefined : along(polynomial(a.offset), index);
    if (parts === undefined || !equal(parts.stride, row)) return false;
    const moved = wholeRows(parts.rest, row);
    if (moved === undefined || [...moved.values()].some((t) => t.atoms.some((x) => mentionsAny(x, changing))))
      return false;
    first ??= moved;
    return equal(moved, first);
  });
}

/** The whole rows in an offset; undefined where a constant may be more than a part of a row. */
function wholeRows(rest: Polynomial, row: Polynomial): Polynomial | undefined {
  const size = row.size === 1 ? [...row.values()][0]! : undefined;
  const moved = new Map([...rest].filter(([key, term]) => isWhole(key, term, row)));
  const constant = rest.get("");
  if (size?.atoms.length !== 0 || constant === undefined || moved.has("")) return moved;
  return constant.coefficient > 0 && constant.coefficient < size.coefficient ? moved : undefined;
}

function isWhole(key: string, term: Term, row: Polynomial): boolean {
  const size = { ...term, coefficient: Math.abs(term.coefficient) };
  return ratio(new Map([[key, size]]), row) !== undefined;
}

/** Whether statements may wait until others have run for some more steps. */
function follows(
  after: readonly Statement[],
  together: readonly Statement[],
  found: ReadonlyMap<string, Accumulation>,
  own: ReadonlySet<string>,
): boolean {
  const [first, second] = [effectsOf(together), effectsOf(after)];
  const accumulators = new Set([...found.values()].flatMap((a) => [a.name, ...(a.lost ? [a.lost] : [])]));
  const stored = second.accesses.filter((a) => a.kind !== "load").map((a) => a.buffer);
  return (
    second.accesses.every((a) => !own.has(a.buffer)) &&
    [...second.reads, ...second.assigns].every((name) => !accumulators.has(name)) &&
    [...second.assigns].every((name) => !first.reads.has(name) && !first.assigns.has(name)) &&
    stored.every((buffer) => first.accesses.every((a) => a.buffer !== buffer))
  );
}

/** The loops inside, outermost first. */
export function loopsIn(statements: readonly Statement[]): readonly Loop[] {
  const found: Loop[] = [];
  visit(statements, (s) => {
    if (s.kind === "for") found.push(s);
  });
  return found;
}

/** The names that say where something is in memory. */
export function placesIn(statements: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  const all = (s: Scalar): void => {
    if (s.kind === "name") names.add(s.name);
    else if (s.kind === "apply") s.args.forEach(all);
  };
  for (const a of effectsOf(statements).accesses) if (a.kind !== "fill") all(a.offset);
  return names;
}
