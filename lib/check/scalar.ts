/** The scalar that a gradient is of, in any number type: the loss, or Σ upstream·out of a layer. */
import { evaluate, inputTables, type Table } from "../eval.ts";
import { anywhere } from "../expr/parts.ts";
import { output } from "../expr/program.ts";
import type { Field } from "../number/field.ts";
import type { Point } from "./point.ts";

/** What names mean inside `stop(…)` for a program that has any: their values with some inputs replaced. */
export function stoppedValues<T>(
  { program, binding }: Point,
  instead: ReadonlyMap<string, Table<T>>,
  field: Field<T>,
): ReadonlyMap<string, Table<T>> {
  const stops = program.definitions.some(({ body }) =>
    anywhere(body, (e) => e.kind === "apply" && e.op === "stop"),
  );
  const values = stops ? evaluate(program.definitions, binding, field, { instead }) : [];
  return new Map([...inputTables(binding, field), ...instead, ...values]);
}

/** With some inputs replaced; `stopped` is what names mean where no derivative flows. */
export function checkedScalar<T>(
  { program, binding, upstream }: Point,
  instead: ReadonlyMap<string, Table<T>>,
  stopped: ReadonlyMap<string, Table<T>>,
  field: Field<T>,
): T {
  const out = evaluate(program.definitions, binding, field, { instead, stopped }).get(output(program).name)!;
  if (upstream === undefined) return out.data[0]!;
  const { add, mul } = field.functions;
  return out.data.reduce(
    (sum, x, n) => add(sum, mul(x, field.fromNumber(upstream.data[n]!))),
    field.fromNumber(0),
  );
}
