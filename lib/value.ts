/** The value of a program at a point, by its definition, in doubles. */
import { expectArgument } from "./argument.ts";
import { bind, type BindOptions, type Given } from "./bind.ts";
import { evaluate, type Table } from "./eval.ts";
import { output, type Program } from "./expr/program.ts";
import { double } from "./number/double.ts";

/** The output: a number when its shape is `[]`, otherwise a layer's array. */
export function value(program: Program, given: Given, options: BindOptions = {}): Table<number> {
  expectArgument("value", "program", program);
  expectArgument("value", "inputs", given);
  const values = evaluate(program.definitions, bind(program, given, options), double);
  return values.get(output(program).name)!;
}
