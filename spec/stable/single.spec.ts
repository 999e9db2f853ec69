import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { num } from "../../lib/expr/node.ts";
import { partsOf } from "../../lib/expr/parts.ts";
import { parse } from "../../lib/parse.ts";
import { inSinglePrecision } from "../../lib/stable/single.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";

// What rows bring to size, each in another way.
// prettier-ignore
const losses: readonly (readonly [title: string, text: string])[] = [
  ["a length",                 "loss = sqrt(sum(d, a[d]^2)) + 0 * sum(d, b[d])"],
  ["a distance",               "loss = sqrt(sum(d, (a[d] - b[d])^2))"],
  ["lengths of rows",          "loss = sum(i < 2, sqrt(sum(d, (i*a[d] + (1 - i)*b[d])^2)))"],
  ["a difference of lengths",  "loss = sqrt(sum(d, a[d]^2)) - sqrt(sum(d, b[d]^2))"],
  ["a hypotenuse",             "loss = sum(d, sqrt(a[d]^2 + b[d]^2))"],
];

/** Vectors of which squares are 0, subnormal, ordinary and infinite in single precision. */
const sizes = [0, 1e-30, 1e-19, 1, 1e18, 1e30] as const;

const wrt = ["a", "b"] as const;

describe("bounds and units in single precision", () => {
  for (const [title, text] of losses)
    for (const [n, m] of sizes.flatMap((n) => [[n, n] as const, [n, 2] as const]))
      it(`${title}, of vectors of size ${n} and ${m}, is as doubles have it`, () => {
        const derivation = differentiate(parse(text), { wrt: [...wrt] });
        // Of halves and quarters, so that rounding leaves a zero of each difference.
        const given = { a: [3 * n, -4 * n, 0], b: [3 * m, -4 * m, 0] };
        const inSingle = { a: [...new Float32Array(given.a)], b: [...new Float32Array(given.b)] };
        const want = compile(derivation, { style: "fused" })(inSingle);
        const got = compile(derivation, { target: "wasm", precision: "float32" })(inSingle);
        assert.closeTo(got.value as number, want.value as number, 1e-6 * 5 * Math.max(n, m));
        for (const name of wrt) {
          const [g, w] = [got.gradients[name]!, want.gradients[name]!];
          assert(typeof g !== "number" && typeof w !== "number");
          for (const [k, x] of w.data.entries()) assert.closeTo(g.data[k]!, x, 2e-6, `d${name}[${k}]`);
        }
      });

  it("rows of which all is homogeneous are brought to size, too", () => {
    const text =
      "dot[i] = sum(d, a[i,d]*b[i,d]); na[i] = sum(d, a[i,d]^2); nb[i] = sum(d, b[i,d]^2); loss = sum(i, na[i]*nb[i] > 0 ? dot[i] / sqrt(na[i]*nb[i]) : 0)";
    const derivation = differentiate(parse(text), { wrt: ["a"] });
    const kernel = compile(derivation, { target: "wasm", precision: "float32" });
    const rows = [0, 1e-30, 1, 1e30].map((n) => [3 * n, 4 * n]);
    const { value, gradients } = kernel({ a: rows, b: rows.map(() => [4, 3]) });
    assert.closeTo(value as number, 3 * 0.96, 1e-6);
    const da = gradients["a"]!;
    assert(typeof da !== "number");
    assert.isFalse([...da.data].some(Number.isNaN), String(da.data));
  });

  it("what the loss itself is made of stays as it is written", () => {
    const derivation = differentiate(parse("loss = sqrt(sum(d, x[d]^2)) + 1e-300"), { wrt: ["x"] });
    const constants = partsOf(
      ...inSinglePrecision(derivation, stabilise(derivation)).definitions.map((d) => d.body),
    );
    assert.isTrue(constants.has(num(1e-300, "real")));
    assert.isTrue(constants.has(num(2 ** 75, "real")));
    assert.isFalse(constants.has(num(2 ** 600, "real")));
  });
});
