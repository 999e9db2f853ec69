/** Errors of doubles against 64 digits, for the specs of rewrites. */
import { bind, type Given } from "../../lib/bind.ts";
import { evaluate } from "../../lib/eval.ts";
import { output, type Definition, type Program } from "../../lib/expr/program.ts";
import type { Decimal } from "../../lib/number/decimal.ts";
import { double } from "../../lib/number/double.ts";
import type { Field } from "../../lib/number/field.ts";
import { ulps } from "../../lib/number/ulp.ts";

/** The value of the last of some definitions of a program, in a field. */
export function valueIn<T>(
  field: Field<T>,
  program: Program,
  definitions: readonly Definition[],
  given: Given,
): T {
  return evaluate(definitions, bind(program, given), field).get(output(program).name)!.data[0]!;
}

/** How many ulp definitions are off, computed in doubles, from the program's value at many digits. */
export function errorOf(
  program: Program,
  definitions: readonly Definition[],
  given: Given,
  exact: Field<Decimal>,
): number {
  const got = valueIn(double, program, definitions, given);
  return ulps(got, valueIn(exact, program, program.definitions, given), exact);
}
