import { assert } from "chai";
import fc from "fast-check";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

const kernels = (text: string, target: "js" | "wasm") =>
  compile(differentiate(parse(text), { wrt: ["s"] }), { target, style: "fused" });

/** Numbers that add up to exactly what `terms` add up to, of which none overlap: the last is the sum rounded. */
function expansion(terms: readonly number[]): readonly number[] {
  const parts: number[] = [];
  for (const term of terms) {
    let [sum, n] = [term, 0];
    for (const part of parts) {
      const [large, small] = Math.abs(sum) < Math.abs(part) ? [part, sum] : [sum, part];
      const high = large + small;
      const low = small - (high - large);
      if (low !== 0) parts[n++] = low;
      sum = high;
    }
    parts.length = n;
    parts.push(sum);
  }
  return parts;
}

const total = (terms: readonly number[]): number => expansion(terms).reduce((a, b) => a + b, 0);

/** The distance of the next larger double. */
function ulp(x: number): number {
  const bits = new BigInt64Array(Float64Array.of(Math.abs(x)).buffer);
  bits[0]! += 1n;
  return new Float64Array(bits.buffer)[0]! - Math.abs(x);
}

const errorInUlp = (value: number, terms: readonly number[]): number =>
  Math.abs(total([...terms, -value])) / ulp(total(terms));

/** A double of ordinary size, and others that nearly cancel it. */
const nearly = (x: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: -8, max: 8 }).map((n) => x + n * ulp(x)),
    fc.integer({ min: -8, max: 8 }).map((n) => x / 2 + n * ulp(x / 2)),
    fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
  );
const ordinary = fc.oneof(
  fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
  fc.integer({ min: -20, max: 20 }).map((n) => 2 ** n),
);
const margins = ordinary
  .chain((own) => fc.tuple(fc.constant(own), nearly(own), fc.oneof(ordinary, nearly(own))))
  .chain(([own, other, delta]) =>
    fc.tuple(fc.constant(own), fc.oneof(fc.constant(other), nearly(own - delta)), fc.constant(delta)),
  );

describe("a sum of three numbers, two of which are the same in all of a loop", () => {
  const text = "loss = sum(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + Delta)))";
  for (const target of ["js", "wasm"] as const) {
    const kernel = kernels(text, target);
    const margin = (own: number, other: number, delta: number) => {
      const { value, gradients } = kernel.run({
        s: { shape: [1, 2], data: Float64Array.of(other, own) },
        y: { shape: [1], data: Int32Array.of(1) },
        Delta: delta,
      });
      return { value: value as number, positive: (gradients["s"] as { data: Float64Array }).data[0]! > 0 };
    };

    it(`has the right sign and is within 1.01 ulp, ${target}`, () =>
      fc.assert(
        fc.property(margins, ([own, other, delta]) => {
          const truth = [other, -own, delta];
          const { value, positive } = margin(own, other, delta);
          assert.equal(positive, total(truth) > 0);
          if (positive) assert.isAtMost(errorInUlp(value, truth), 1.01);
          else assert.equal(value, 0);
        }),
        { seed: 7, numRuns: 3000 },
      ));

    // prettier-ignore
    const special: readonly (readonly [title: string, own: number, other: number, delta: number, value: number])[] = [
      ["is infinite where a term is",                Infinity * -1,    1,                1,  Infinity],
      ["is infinite where its one inner term is",    1,                Infinity,         1,  Infinity],
      ["is below 0 where the inner term is −∞",      1,                -Infinity,        1,  0],
      ["is no number where infinite terms cancel",   Infinity,         Infinity,         1,  NaN],
      ["is no number where a term is none",          NaN,              1,                1,  NaN],
      ["overflows where it is too large",            -Number.MAX_VALUE, Number.MAX_VALUE, 1, Infinity],
      ["does not lose what its outer terms overflow by no more", Number.MAX_VALUE, Number.MAX_VALUE, 1, 1],
    ];
    for (const [title, own, other, delta, value] of special)
      it(`${title}, ${target}`, () => assert.deepEqual(margin(own, other, delta).value, value));
  }
});

describe("a compensated sum of terms that are never negative", () => {
  const growing = fc
    .array(fc.tuple(fc.double({ noNaN: true, min: 1, max: 2 }), fc.integer({ min: -3, max: 60 })), {
      minLength: 1,
      maxLength: 200,
    })
    .chain((terms) =>
      fc.constantFrom(
        terms.map(([m, e]) => m * 2 ** e),
        terms.map(([m], n) => m * 2 ** n),
        terms.map(([m]) => m),
      ),
    );
  for (const target of ["js", "wasm"] as const) {
    const kernel = kernels("loss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]])))", target);
    it(`is within 1.5 ulp, however its terms grow, ${target}`, () =>
      fc.assert(
        fc.property(growing, (terms) => {
          const { value } = kernel.run({
            s: { shape: [1, terms.length + 1], data: Float64Array.of(0, ...terms) },
            y: { shape: [1], data: Int32Array.of(0) },
          });
          assert.isAtMost(errorInUlp(value as number, terms), 1.5);
        }),
        { seed: 11, numRuns: 1000 },
      ));
  }
});
