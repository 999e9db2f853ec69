/**
 * Arrays that are filled on a condition, filled where that condition's readers stand: beside their loops,
 * with which those that fill then merge, and not at all where nobody reads them.
 */
import type { Scalar, Statement } from "../loop/nest.ts";
import { printScalar } from "../loop/print.ts";
import { withBody, withBranches } from "../loop/remade.ts";
import { effectsOf, type Access } from "./effects.ts";
import { conflict } from "./merge.ts";

type If = Extract<Statement, { kind: "if" }>;

/** `statements` with such choices put into later ones; `scratch` are the arrays that nobody else reads. */
export function sinkFills(
  statements: readonly Statement[],
  scratch: ReadonlySet<string>,
): readonly Statement[] {
  const all = effectsOf(statements).accesses;
  const inList = (list: readonly Statement[]): readonly Statement[] => {
    let now = list;
    for (let p = now.length - 2; p >= 0; p--) {
      const fill = now[p]!;
      const sunk = fill.kind === "if" ? sink(now, p, fill) : undefined;
      if (sunk !== undefined) now = sunk;
    }
    const inner = now.map(inside);
    return inner.some((s, n) => s !== list[n]) || inner.length !== list.length ? inner : list;
  };
  const inside = (s: Statement): Statement => {
    if (s.kind === "for") return withBody(s, inList(s.body));
    if (s.kind === "if") return withBranches(s, inList(s.yes), inList(s.no));
    return s;
  };
  /** The list with its p-th statement in the first that reads what it fills; undefined where that would change a value. */
  const sink = (list: readonly Statement[], p: number, fill: If): readonly Statement[] | undefined => {
    const { accesses, assigns } = effectsOf([fill]);
    const filled = new Set(accesses.filter((a) => a.kind !== "load").map((a) => a.buffer));
    if (assigns.size > 0 || filled.size === 0 || ![...filled].every((b) => scratch.has(b))) return undefined;
    const reads = (of: readonly Access[]): number =>
      of.filter((a) => a.kind === "load" && filled.has(a.buffer)).length;
    const isRead = (of: readonly Statement[]): boolean => reads(effectsOf(of).accesses) > 0;
    const later = list.slice(p + 1);
    const [first, ...others] = later.filter((s) => isRead([s]));
    const after = effectsOf(later).accesses;
    if (first?.kind !== "if" || reads(after) !== reads(all)) return undefined;
    if (after.some((a) => a.kind !== "load" && filled.has(a.buffer))) return undefined;
    const q = list.indexOf(first);
    const [wanted, given] = [conditions(fill), conditions(first)];
    const isFilledFor = (s: Statement): boolean =>
      s.kind === "if" && [...given].every((c) => conditions(s).has(c)) && !isRead(s.no) && !isRead([bare(s)]);
    if (
      ![...wanted].every((c) => given.has(c)) ||
      isRead([bare(first)]) ||
      (others.length > 0 && (isRead(first.no) || !others.every(isFilledFor))) ||
      list.slice(p + 1, q).some((s) => conflict(effectsOf([s]), effectsOf([fill])))
    )
      return undefined;
    const no = isRead(first.no) ? [fill, ...first.no] : first.no;
    return list.toSpliced(q, 1, withBranches(first, [...fill.yes, ...first.yes], no)).toSpliced(p, 1);
  };
  return inList(statements);
}

/** A choice without what it chooses from. */
const bare = (s: If): If => withBranches(s, [], []);

/** What holds where a choice takes its first side, in print. */
function conditions({ guard }: If): ReadonlySet<string> {
  const parts = (s: Scalar): readonly Scalar[] =>
    s.kind === "apply" && s.op === "and" ? s.args.flatMap(parts) : [s];
  return new Set(parts(guard).map(printScalar));
}
