import { expect } from "chai";
import { entry, names } from "../../lib/catalogue.ts";
import { Random } from "../../lib/check/random.ts";
import { randomPoint, regimes } from "../../lib/check/points.ts";
import { compile, type KernelResult, type Output } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { output } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";
import { wasmKernel } from "../../lib/wasm/kernel.ts";
import { generate } from "../../lib/generate.ts";
import { disassemble } from "./wabt.ts";

/** Numbers of special kinds, put in the place of some inputs. */
const special = [NaN, Infinity, -Infinity, -0, 5e-324, 1e-310, 1e300];

/** Where roundings are all that is left: the gradient of the cosine of short parallel vectors, times 1 / length. */
const left: ReadonlySet<string> = new Set(["cosine tiny", "cosine small"]);

describe("the catalogue in WebAssembly", () => {
  for (const name of names())
    it(`${name} gives what JavaScript gives, on numbers of all kinds`, async () => {
      const { text, wrt } = entry(name)!;
      const derivation = differentiate(parse(text), wrt === undefined ? {} : { wrt });
      const ours = compile(derivation, { target: "wasm" });
      const js = compile(derivation, { style: "fused" });
      const paper = compile(derivation, { style: "loops" });
      for (const [n, regime] of regimes.filter((r) => !left.has(`${name} ${r}`)).entries())
        for (let seed = 0; seed < 6; seed++) {
          const { binding, upstream } = randomPoint(derivation.program, new Random(100 * n + seed), {
            regime,
            most: 6,
          });
          const more =
            upstream === undefined ? [] : [[`d${output(derivation.program).name}`, upstream] as const];
          const given = Object.fromEntries(
            [...binding.arrays, ...more].map(([of, { shape, data }]) => {
              const copy = data.slice();
              const place = (seed * 7) % copy.length;
              // The first seeds keep the point as it is.
              if (seed > 2 && copy instanceof Float64Array && copy.length > 0)
                copy[place] = special[(seed + n) % special.length]!;
              return [of, shape.length === 0 ? copy[0]! : { shape, data: copy }];
            }),
          );
          compare(ours.run(given), js.run(given), paper.run(given), `${regime}, seed ${seed}`);
        }
      const { nest } = generate(derivation, { target: "wasm" });
      for (const options of [
        { precision: "float32" },
        { threads: true },
        { precision: "float32", threads: true },
      ] as const) {
        const { bytes, relaxed } = wasmKernel(nest, options);
        await disassemble(bytes);
        if (relaxed !== undefined) await disassemble(relaxed);
      }
    });
});

const numbers = (r: Output): readonly number[] => (typeof r === "number" ? [r] : [...r.data]);

const largest = (of: readonly number[]): number =>
  of.reduce((most, v) => (Math.abs(v) < Infinity ? Math.max(most, Math.abs(v)) : most), 0);

const named = (r: KernelResult): Readonly<Record<string, Output>> => ({ value: r.value, ...r.gradients });

/**
 * Results that are equal up to rounding, and up to what the roundings of the closed form as it stands come to, where
 * terms cancel; where one is not a number or infinite, so is the other.
 */
function compare(got: KernelResult, expected: KernelResult, paper: KernelResult, where: string): void {
  const all = Object.values(named(expected)).flatMap(numbers);
  // A gradient that is 0 because its terms cancel is what their roundings leave: terms as large as the value, or ones.
  const whole = Math.max(largest(all), all.every(Number.isFinite) ? 0 : 1);
  for (const [name, result] of Object.entries(named(expected))) {
    const [x, y, z] = [named(got)[name]!, result, named(paper)[name]!].map(numbers) as [
      number[],
      number[],
      number[],
    ];
    const rounding = largest(y.map((v, n) => v - z[n]!));
    const tolerance = 1e-12 * largest(y) + 1e-15 * whole + 8 * rounding;
    for (const [n, v] of y.entries()) {
      const same = Object.is(x[n]! + 0, v + 0) || Math.abs(x[n]! - v) <= tolerance;
      if (!same) expect(x[n], `${name} at ${n}, ${where}`).to.equal(v);
    }
  }
}
