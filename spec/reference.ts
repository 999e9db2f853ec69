/** What results must be: by the reference evaluator. */
import { assert } from "chai";
import { bind } from "../lib/bind.ts";
import type { Output } from "../lib/compile.ts";
import type { Derivation } from "../lib/diff/derivation.ts";
import { UserError } from "../lib/errors.ts";
import type { Program } from "../lib/expr/program.ts";
import { evaluate, type Table } from "../lib/eval.ts";
import { double } from "../lib/number/double.ts";
import type { Values } from "./zoo.ts";

/** The results that the reference gives: the value and each gradient. */
export function reference(derivation: Derivation, inputs: Values): ReadonlyMap<string, Table<number>> {
  const tables = evaluate(derivation.definitions, bind(derivation, inputs), double);
  const named = [["value", derivation.value] as const, ...derivation.gradients];
  return new Map(named.map(([of, name]) => [of, tables.get(name)!]));
}

/** Equal up to the rounding of sums in another order. */
export function assertClose(got: Output, expected: Table<number>, what: string): void {
  const data = typeof got === "number" ? [got] : [...got.data];
  assert.deepEqual(typeof got === "number" ? [] : [...got.shape], [...expected.shape], `shape of ${what}`);
  const scale = Math.max(1, ...expected.data.map(Math.abs).filter(Number.isFinite));
  for (const [n, x] of expected.data.entries()) {
    const same = Object.is(data[n]! + 0, x + 0) || Math.abs(data[n]! - x) <= 1e-12 * scale;
    assert.isTrue(same, `${what} at ${n} is ${data[n]}, the reference says ${x}`);
  }
}

/** The inputs, and for a layer an upstream gradient of the output's shape. */
export function withUpstream(derivation: Derivation, inputs: Values): Values {
  const name = `d${derivation.value}`;
  if (!derivation.inputs.some((i) => i.name === name)) return inputs;
  const { program } = derivation;
  const { shape } = evaluate(program.definitions, bind(program, inputs), double).get(derivation.value)!;
  const length = shape.reduce((n, size) => n * size, 1);
  const data = Array.from({ length }, (_, n) => (((n * 7 + 3) % 11) - 5) / 4);
  return { ...inputs, [name]: { shape: [...shape], data } };
}

/** Whether the program can be run at these inputs. */
export const valid = ({ program }: Derivation, inputs: Values): boolean => {
  try {
    bind(program, inputs);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
};

/** A derivation without gradients: the program as it stands, its last definition the value. */
export function asIs(program: Program): Derivation {
  const { inputs, bounds, definitions } = program;
  const value = definitions.at(-1)!.name;
  return { program, wrt: [], inputs, bounds, definitions, value, gradients: new Map(), steps: [] };
}
