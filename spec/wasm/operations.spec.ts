import { expect } from "chai";
import { compile } from "../../lib/compile.ts";
import { functions } from "../../lib/expr/functions.ts";
import { ops } from "../../lib/expr/ops.ts";
import { parse } from "../../lib/parse.ts";
import { asIs } from "../reference.ts";

/** Both kinds of code are used: lanes for pairs, one value at a time for the last. */
const points = [-2.5, -1, -0.75, -0, 0, 0.3, 0.9999, 1, 1.5, 3, 20, NaN, Infinity, -Infinity, 1e-310];

describe("operations in WebAssembly", () => {
  for (const [name, op] of functions)
    it(`${name} is that of JavaScript, up to a unit in the last place or two`, () => {
      const more = ops[op].arity[0] === 1 ? "" : ", y[i]";
      const derivation = asIs(parse(`f[i] = 1 * ${name}(x[i]${more})`));
      const [ours, floats, js] = [
        compile(derivation, { target: "wasm" }),
        compile(derivation, { target: "wasm", precision: "float32" }),
        compile(derivation, { style: "loops" }),
      ];
      const y = points.map((_, n) => points[(n * 4) % points.length]!);
      const given = { x: points, ...(more === "" ? {} : { y }) };
      const single = { x: points.map(Math.fround), ...(more === "" ? {} : { y: y.map(Math.fround) }) };
      compare(ours(given).value, js(given).value, 4e-16);
      // Where f is steep, the rounding of x is more than that of f.
      compare(floats(single).value, js(single).value, 3e-7);
    });
});

function compare(got: unknown, expected: unknown, relative: number): void {
  const [a, b] = [got, expected].map((r) => Array.from((r as { readonly data: ArrayLike<number> }).data));
  for (const [n, x] of b!.entries()) {
    const same = Object.is(a![n]! + 0, x + 0) || Math.abs(a![n]! - x) <= relative * Math.abs(x);
    // Beyond the floats there is nothing but 0 and infinity.
    const beyond = relative > 1e-10 && (Math.abs(x) > 3e38 || Math.abs(x) < 2e-38);
    if (!same && !beyond) expect(a![n], `at ${points[n]}`).to.equal(x);
  }
}
