import { assert } from "chai";
import fc from "fast-check";
import { bind } from "../lib/bind.ts";
import { compile, type Output } from "../lib/compile.ts";
import { differentiate } from "../lib/diff/differentiate.ts";
import type { Derivation } from "../lib/diff/derivation.ts";
import { UserError } from "../lib/errors.ts";
import { evaluate, type Table } from "../lib/eval.ts";
import { double } from "../lib/number/double.ts";
import { parse } from "../lib/parse.ts";
import { inputsArbitrary, zoo, type Values } from "./zoo.ts";

/** The results that the reference gives: the value and each gradient. */
function reference(derivation: Derivation, inputs: Values): ReadonlyMap<string, Table<number>> {
  const tables = evaluate(derivation.definitions, bind(derivation, inputs), double);
  const named = [["value", derivation.value] as const, ...derivation.gradients];
  return new Map(named.map(([of, name]) => [of, tables.get(name)!]));
}

/** Equal up to the rounding of sums in another order. */
function assertClose(got: Output, expected: Table<number>, what: string): void {
  const data = typeof got === "number" ? [got] : [...got.data];
  assert.deepEqual(typeof got === "number" ? [] : [...got.shape], [...expected.shape], `shape of ${what}`);
  const scale = Math.max(1, ...expected.data.map(Math.abs).filter(Number.isFinite));
  for (const [n, x] of expected.data.entries()) {
    const same = Object.is(data[n]! + 0, x + 0) || Math.abs(data[n]! - x) <= 1e-12 * scale;
    assert.isTrue(same, `${what} at ${n} is ${data[n]}, the reference says ${x}`);
  }
}

/** The inputs, and for a layer an upstream gradient of the output's shape. */
function withUpstream(derivation: Derivation, inputs: Values): Values {
  const name = `d${derivation.value}`;
  if (!derivation.inputs.some((i) => i.name === name)) return inputs;
  const { program } = derivation;
  const { shape } = evaluate(program.definitions, bind(program, inputs), double).get(derivation.value)!;
  const length = shape.reduce((n, size) => n * size, 1);
  const data = Array.from({ length }, (_, n) => (((n * 7 + 3) % 11) - 5) / 4);
  return { ...inputs, [name]: { shape: [...shape], data } };
}

const valid = ({ program }: Derivation, inputs: Values): boolean => {
  try {
    bind(program, inputs);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
};

describe("a kernel", () => {
  for (const specimen of zoo)
    for (const style of ["loops", "fused"]) {
      it(`agrees with the reference: ${specimen.title}, ${style}`, () => {
        const derivation = differentiate(parse(specimen.text));
        const kernel = compile(derivation, { style });
        let compared = 0;
        fc.assert(
          fc.property(inputsArbitrary(specimen), (given) => {
            fc.pre(valid(derivation, given));
            const inputs = withUpstream(derivation, given);
            compared++;
            const { value, gradients } = kernel(inputs);
            for (const [of, expected] of reference(derivation, inputs))
              assertClose(of === "value" ? value : gradients[of]!, expected, of);
          }),
          { seed: 20_240_607, numRuns: 40 },
        );
        assert.isAtLeast(compared, 20);
      });
    }
});
