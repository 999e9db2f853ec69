/** Whether a loop's body is so short that the steps of a round are worth being written one by one. */
import { parts, scalarsOf, type Scalar, type Statement } from "../../loop/nest.ts";
import { visit } from "./accumulation.ts";
import { isCheap } from "./expression.ts";

/** Not where functions, or loops inside, take most of the time: what steps could share is little beside them. */
export function isLight(body: readonly Statement[]): boolean {
  let light = true;
  visit(body, (s) => {
    if (s.kind === "for" || !scalarsOf(s).every(isShort)) light = false;
  });
  return light;
}

const isShort = (s: Scalar): boolean => (s.kind !== "apply" || isCheap(s.op)) && parts(s).every(isShort);
