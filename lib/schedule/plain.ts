/** Contractions as loops, the innermost along neighbours where there are any. */
import { call } from "../loop/integer.ts";
import type { Range, Scalar, Statement } from "../loop/nest.ts";
import { surroundedAll } from "./around.ts";
import { isOne, isZero, strideOf } from "./polynomial.ts";

type Contract = Extract<Statement, { kind: "contract" }>;

/** Loops that add term after term where it belongs: right for every target. */
export function plain(s: Contract): readonly Statement[] {
  const { buffer, offset, factors } = s;
  const value = factors.length === 1 ? factors[0]! : call("mul", ...factors);
  const add: Statement = { kind: "store", buffer, offset, by: "add", value };
  return surroundedAll([add], ordered(s));
}

/** The loops as they are where the last one goes along neighbours, else with one that does moved to the end. */
function ordered(s: Contract): readonly Range[] {
  const ranges = [...s.frees, ...s.sums];
  const last = ranges.at(-1);
  if (last === undefined || isBeside(s, last)) return ranges;
  const inner =
    s.sums.find((r) => isBeside(s, r)) ??
    s.frees.find((r) => isBeside(s, r) && isOne(strideOf(s.offset, r.index)));
  return inner === undefined ? ranges : [...ranges.filter((r) => r !== inner), inner];
}

/** Whether a step of an index leaves out no value of a factor, and goes on to the next of some. */
export function isBeside({ factors }: Contract, { index }: Pick<Range, "index">): boolean {
  const loads = factors.flatMap((f) => (f.kind === "load" ? [f.offset] : []));
  return loads.every((o) => isStep(o, index)) && loads.some((o) => isOne(strideOf(o, index)));
}

/** Whether a step of the index goes to the next value, or stays. */
function isStep(offset: Scalar, index: string): boolean {
  const stride = strideOf(offset, index);
  return stride !== undefined && (isZero(stride) || isOne(stride));
}
