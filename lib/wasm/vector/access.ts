/** Whether the steps of a loop may be taken side by side, as far as memory tells. */
import { parts, scalarsOf, type Scalar, type Statement } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";
import { isZero, strideOf } from "../../schedule/polynomial.ts";

import { visit } from "./accumulation.ts";

/** How far a step of the loop moves an offset. */
export type Stride = "none" | "one" | "other";

export function strideAlong(offset: Scalar, index: string, varying: (s: Scalar) => boolean): Stride {
  if (!varying(offset)) return "none";
  const stride = strideOf(offset, index);
  if (stride === undefined || varies(offset, index, varying)) return "other";
  if (isZero(stride)) return "none";
  const [term] = stride.values();
  return stride.size === 1 && term!.atoms.length === 0 && term!.coefficient === 1 ? "one" : "other";
}

/** Whether something in the offset other than the index itself varies along the loop. */
function varies(s: Scalar, index: string, varying: (s: Scalar) => boolean): boolean {
  if (s.kind === "name") return s.name !== index && varying(s);
  if (s.kind === "apply") return s.args.some((a) => varies(a, index, varying));
  return varying(s);
}

function note(all: Map<string, Set<string>>, buffer: string, offset: Scalar): void {
  all.set(buffer, (all.get(buffer) ?? new Set()).add(printScalar(offset)));
}

/** Whether each buffer that the loop writes is touched in one place a step only, so that no step sees another one. */
export function isApart(body: readonly Statement[]): boolean {
  const stores = new Map<string, Set<string>>();
  const loads = new Map<string, Set<string>>();
  const read = (s: Scalar): void => {
    if (s.kind === "load") note(loads, s.buffer, s.offset);
    for (const part of parts(s)) read(part);
  };
  let fine = true;
  visit(body, (s) => {
    if (s.kind === "for" || s.kind === "contract" || s.kind === "fill" || s.kind === "require") fine = false;
    if (s.kind === "store") note(stores, s.buffer, s.offset);
    for (const scalar of scalarsOf(s)) read(scalar);
  });
  return (
    fine &&
    [...stores].every(([buffer, offsets]) => new Set([...offsets, ...(loads.get(buffer) ?? [])]).size === 1)
  );
}
