/** Programs that nobody has written: every way to compile one computes the same. */
import { assert } from "chai";
import fc from "fast-check";
import { compile, type CompileOptions, type Kernel } from "../lib/compile.ts";
import { differentiate } from "../lib/diff/differentiate.ts";
import type { Derivation } from "../lib/diff/derivation.ts";
import { UserError } from "../lib/errors.ts";
import type { Program } from "../lib/expr/program.ts";
import { randomPoint } from "../lib/check/points.ts";
import { Random } from "../lib/check/random.ts";
import { parse } from "../lib/parse.ts";
import { printProgramSyntax } from "../lib/text/print.ts";
import { assertClose, reference } from "./reference.ts";
import { meaningfulProgram } from "./text/meaningful.ts";
import type { Values } from "./zoo.ts";

const ways: readonly CompileOptions[] = [
  { target: "js", style: "loops" },
  { target: "js", style: "fused" },
  { target: "wasm" },
];

/** What there is; undefined where the names make sense but the whole does not. */
function ifAny<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Integers between −2 and 2 at small sizes: guards tie, labels repeat, and sums are exact. */
function valuesOf(program: Program, seed: number): Values {
  const { binding } = randomPoint(program, new Random(seed), { regime: "grid", most: 4 });
  return Object.fromEntries(
    [...binding.arrays].map(([name, { shape, data }]) => [
      name,
      shape.length === 0 ? data[0]! : { shape: [...shape], data: Array.from(data) },
    ]),
  );
}

function assertAllAgree(derivation: Derivation, kernels: readonly Kernel[], seed: number) {
  const given = ifAny(() => valuesOf(derivation.program, seed));
  if (given === undefined) return;
  const expected = reference(derivation, given);
  // Beyond, an exponential of an exponential magnifies the last place of what it is of.
  const isTame = [...expected.values()].every(({ data }) =>
    data.every((x) => !(Math.abs(x) > 1e6) || !Number.isFinite(x)),
  );
  if (!isTame) return;
  for (const [n, kernel] of kernels.entries()) {
    const { value, gradients } = kernel(given);
    const way = Object.values(ways[n]!).join(" ");
    assertClose(value, expected.get("value")!, `the value of ${way}`);
    for (const [name, gradient] of Object.entries(gradients))
      assertClose(gradient, expected.get(name)!, `d${name} of ${way}`);
  }
}

describe("a program that nobody has written", function () {
  this.timeout(120_000);

  it("has the same value and gradients however it is compiled", () => {
    let compiled = 0;
    fc.assert(
      fc.property(meaningfulProgram, fc.integer({ min: 1, max: 1e6 }), (syntax, seed) => {
        const program = ifAny(() => parse(printProgramSyntax(syntax)));
        const wrt = program?.inputs.filter((i) => i.type === "real").map((i) => i.name) ?? [];
        if (program === undefined || wrt.length === 0) return;
        const derivation = differentiate(program, { wrt });
        const kernels = ways.map((way) => compile(derivation, way));
        compiled++;
        for (const n of [0, 1, 2]) assertAllAgree(derivation, kernels, seed + n);
      }),
      { seed: 21, numRuns: 40 },
    );
    assert.isAbove(compiled, 25);
  });
});
