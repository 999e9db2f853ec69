import { expect } from "chai";
import { compile, type RawInputs } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { parse } from "../../lib/parse.ts";

const shapes: Readonly<Record<string, readonly number[]>> = {
  A: [5, 7],
  B: [7, 9],
  C: [5, 4],
  D: [4, 9],
  E: [5, 7],
  F: [7, 9],
  T: [9, 7, 4],
  u: [9],
  dout: [5, 9],
  square: [7, 7],
};

/** Definitions, and how many contractions their values and gradients are. */
// prettier-ignore
const rows: readonly { readonly title: string; readonly text: string; readonly dout?: string; readonly wrt?: string; readonly contractions: number }[] = [
  { title: "two sums added to each other",           text: "out[i,j] = sum(k, A[i,k]*B[k,j]) + sum(l, C[i,l]*D[l,j])",                 contractions: 3 },
  { title: "a function of two sums and more",        text: "out[i,j] = abs(sum(k, A[i,k]*B[k,j]) + sum(l, C[i,l]*D[l,j]) + u[j])^2",     contractions: 3 },
  { title: "a sum of two products",                  text: "out[i,j] = sum(k, A[i,k]*B[k,j] + E[i,k]*F[k,j])",                         contractions: 3 },
  { title: "two sums in one loop",                   text: "out[j,k] = sum(i, A[i,j]*A[i,k])", dout: "square",                        contractions: 3 },
  { title: "a mean of products",                     text: "out[i,j] = mean(k, A[i,k]*B[k,j])",                                       contractions: 2 },
  { title: "a difference of two sums",               text: "out[i,j] = sum(k, A[i,k]*B[k,j]) - sum(l, C[i,l]*D[l,j])",                 contractions: 3 },
  { title: "a product of two sums",                  text: "out[i,j] = sum(k, A[i,k]*B[k,j]) * sum(l, C[i,l]*D[l,j])",                 contractions: 3 },
  { title: "a form in two vectors of a row",         text: "out[i,j] = sum(k, l, A[i,k]*T[j,k,l]*C[i,l])",                             contractions: 3 },
  { title: "a product of three arrays",              text: "out[i,j] = sum(k, l, T[j,k,l]*A[i,k]*C[i,l])", wrt: "T",                   contractions: 3 },
  { title: "a product of matrices and its gradient", text: "out[i,j] = sum(k, A[i,k]*B[k,j]) - u[j]",                                  contractions: 2 },
];

/** Small integers: every order of sums is exact. */
const integers = (shape: readonly number[], seed: number) => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, n) => ((n * seed) % 7) - 3),
});

const flat = ({ value, gradients }: ReturnType<ReturnType<typeof compile>>): unknown =>
  [value, ...Object.values(gradients)].map((o) => (typeof o === "number" ? o : [...(o?.data ?? [])]));

describe("contractions are recognised", () => {
  for (const { title, text, dout = "dout", wrt = "A", contractions } of rows)
    it(`in ${title}`, () => {
      const derivation = differentiate(parse(text), { wrt: [wrt] });
      const { code } = generate(derivation, { target: "js", style: "fused" });
      const [kernel = ""] = code.split("function contract(");
      const calls = kernel.split("\n").filter((line) => /^ +contract\(/u.test(line));
      expect(calls.length).to.equal(contractions);
      const names = [...new Set(text.match(/\b[A-FTu]\b/gu))];
      const given = [
        ...names.map((name) => [name, shapes[name]!] as const),
        ["dout", shapes[dout]!] as const,
      ];
      const inputs: RawInputs = Object.fromEntries(
        given.map(([name, shape], n) => [name, integers(shape, n + 2)]),
      );
      const expected = flat(compile(derivation, { style: "loops" })(inputs));
      expect(flat(compile(derivation, { style: "fused" })(inputs))).to.deep.equal(expected);
      expect(flat(compile(derivation, { target: "wasm" })(inputs))).to.deep.equal(expected);
    });
});
