import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

// prettier-ignore
const rows: readonly (readonly [text: string, value: number, slope: number])[] = [
  ["loss = 1e300 * x * 1e-300",          3,            1],
  ["loss = x^2 * 1e-200 * 1e200",        9,            6],
  ["loss = (1e200 * x) * (1e-200 * x)",  9,            6],
  ["loss = x * 1e50 / 1e49",             30,           10],
  ["loss = exp(x) * 1e-60 * 1e60",       Math.exp(3),  Math.exp(3)],
  ["loss = 1e-50 * x + x",               3,            1],
  ["loss = 1e-45 * x * 1e45 * x",        9,            6],
  ["loss = x / 1e300",                   0,            0],
];

describe("constants beyond single precision", () => {
  for (const [text, value, slope] of rows)
    it(`meet in doubles first: ${text}`, () => {
      const kernel = compile(differentiate(parse(text)), { target: "wasm", precision: "float32" });
      const got = kernel({ x: 3 });
      assert.closeTo(got.value as number, value, 2e-7 * value);
      assert.closeTo(got.gradients["x"] as number, slope, 2e-7 * slope);
    });
});
