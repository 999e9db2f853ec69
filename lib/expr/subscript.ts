/** Subscripts: an index, a label, an integer, or a sum of multiples of them. */
import { UserError } from "../errors.ts";
import { affine, isConstant, type Affine } from "./affine.ts";
import type { Types } from "./infer-types.ts";
import { seen } from "./place.ts";
import type { Term } from "./term.ts";

/** The affine form of a subscript. Throws for whatever cannot be a position. */
export function subscriptForm(t: Term, types: Types): Affine {
  const { place } = t;
  if (t.kind === "num" && !t.integer)
    throw new UserError(`a subscript is an integer, not ${t.value}`, { place });
  const type = types.typeOf(t);
  if (type === "real" && t.kind === "read")
    throw new UserError(`${t.name}${seen(types.placeOf(t.name))} is real and cannot be a subscript`, {
      place,
      fix: "labels are integer inputs, or definitions made of them",
    });
  const form = type === "int" ? affine(t, types) : undefined;
  if (form === undefined)
    throw new UserError(`a ${type === "bool" ? "condition" : "value like this"} cannot be a subscript`, {
      place,
      fix: "a subscript is an index, a label, an integer, or a sum of multiples of them: 2*p + r - 1",
    });
  if (isConstant(form) && form.constant < 0)
    throw new UserError(`there is no position ${form.constant}`, { place, fix: "subscripts count from 0" });
  return form;
}
