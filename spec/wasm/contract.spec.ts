import { expect } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import type { Precision } from "../../lib/emit/options.ts";
import { parse } from "../../lib/parse.ts";
import { asIs } from "../reference.ts";

/** Eighths, the same for the same seed: their products and sums are exact in both precisions. */
const eighths = (length: number, seed: number): number[] =>
  Array.from({ length }, (_, n) => (((n * 7919 + seed * 104729) % 65) - 32) / 8);

/** A product for each way that neighbours may lie: along k, along a, along neither, and along k in both. */
// prettier-ignore
const products: readonly { readonly title: string; readonly text: string; readonly shapes: (a: number, b: number, k: number) => Record<string, number[]> }[] = [
  { title: "rows by a matrix",         text: "O[a,b] = sum(k, A[a,k]*B[k,b])", shapes: (a, b, k) => ({ A: [a, k], B: [k, b] }) },
  { title: "columns by a matrix",      text: "O[a,b] = sum(k, A[k,a]*B[k,b])", shapes: (a, b, k) => ({ A: [k, a], B: [k, b] }) },
  { title: "rows by rows",             text: "O[a,b] = sum(k, A[a,k]*B[b,k])", shapes: (a, b, k) => ({ A: [a, k], B: [b, k] }) },
  { title: "columns by rows",          text: "O[a,b] = sum(k, A[k,a]*B[b,k])", shapes: (a, b, k) => ({ A: [k, a], B: [b, k] }) },
  { title: "neither neighbours",       text: "O[a,b] = sum(k, A[a,k,1]*B[k,b])", shapes: (a, b, k) => ({ A: [a, k, 2], B: [k, b] }) },
  { title: "every second column",      text: "O[a,b] = sum(k, A[a,k]*B[k,2*b])", shapes: (a, b, k) => ({ A: [a, k], B: [k, 2 * b] }) },
  { title: "nothing beside another",   text: "O[a,b] = sum(k, A[a,k,1]*B[b,k,1])", shapes: (a, b, k) => ({ A: [a, k, 2], B: [b, k, 2] }) },
  { title: "a batch of matrices",      text: "O[n,a,b] = sum(k, A[n,a,k]*B[n,k,b])", shapes: (a, b, k) => ({ A: [2, a, k], B: [2, k, b] }) },
];

/** Around the tiles of 4, panels of up to five vectors, and blocks of 64. */
// prettier-ignore
const sizes: readonly (readonly [a: number, b: number, k: number])[] = [
  [0, 3, 3], [3, 0, 3], [3, 3, 0], [1, 1, 1], [1, 9, 5], [4, 2, 4], [5, 3, 7], [3, 5, 8], [6, 7, 2], [7, 10, 9], [9, 11, 3],
  [2, 21, 6], [33, 19, 5], [10, 13, 65], [66, 4, 129], [130, 3, 12],
];

const flat = ({ value, gradients }: ReturnType<ReturnType<typeof compile>>): readonly number[][] =>
  [value, gradients.X, gradients.K].map((o) => Array.from((o as { data: ArrayLike<number> }).data));

describe("a contraction in WebAssembly", () => {
  for (const { title, text, shapes } of products)
    for (const precision of ["float64", "float32"] as const satisfies readonly Precision[])
      it(`is exact on exact numbers, at sizes of all kinds: ${title}, ${precision}`, () => {
        const derivation = asIs(parse(text));
        const ours = compile(derivation, { target: "wasm", precision });
        const plain = compile(derivation, { style: "loops" });
        for (const [a, b, k] of sizes) {
          const given = Object.fromEntries(
            Object.entries(shapes(a, b, k)).map(([name, shape], n) => {
              const length = shape.reduce((product, size) => product * size, 1);
              return [name, { shape, data: eighths(length, n) }];
            }),
          );
          const [got, expected] = [ours(given).value, plain(given).value] as { data: ArrayLike<number> }[];
          expect(Array.from(got!.data), `${a} × ${b} × ${k}`).to.deep.equal(Array.from(expected!.data));
        }
      });

  it("copies what lies apart, and adds to what lies apart, block after block", () => {
    // Every second place, so that X, its gradient and that of K have no neighbours; more than a block of each index.
    const [F, C, R, P] = [5, 67, 2, 71];
    const derivation = differentiate(parse("out[f,p] = sum(c, r, X[c,2*p + r]*K[f,c,r])"), {
      wrt: ["X", "K"],
    });
    const given = {
      X: { shape: [C, 2 * P], data: eighths(2 * C * P, 1) },
      K: { shape: [F, C, R], data: eighths(F * C * R, 2) },
      dout: { shape: [F, P], data: eighths(F * P, 3) },
    };
    const expected = flat(compile(derivation, { style: "loops" })(given));
    for (const precision of ["float64", "float32"] as const)
      expect(flat(compile(derivation, { target: "wasm", precision })(given)), precision).to.deep.equal(
        expected,
      );
  });

  it("copies rows that would be in each other's way, and takes the rows of a list", () => {
    // Rows of 512 doubles lie 4096 bytes apart; every third row has no violated margin.
    const [N, D, C] = [41, 512, 67];
    const text =
      "s[i,j] = sum(d, X[i,d]*W[d,j]); loss = sum(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + t[i])))";
    const derivation = differentiate(parse(text), { wrt: ["W"] });
    const given = {
      X: { shape: [N, D], data: eighths(N * D, 1) },
      W: { shape: [D, C], data: eighths(D * C, 2) },
      t: { shape: [N], data: Array.from({ length: N }, (_, i) => (i % 3 === 0 ? -1e6 : 1)) },
      y: { shape: [N], data: Array.from({ length: N }, (_, i) => (i * 5) % C) },
    };
    const expected = compile(derivation)(given);
    for (const precision of ["float64", "float32"] as const) {
      const got = compile(derivation, { target: "wasm", precision })(given);
      // The value is a sum of many terms, which floats round.
      expect(got.value, precision).to.be.closeTo(expected.value as number, precision === "float64" ? 0 : 4);
      const [a, b] = [got, expected].map((r) =>
        Array.from((r.gradients.W as { data: ArrayLike<number> }).data),
      );
      expect(a, precision).to.deep.equal(b);
    }
  });
});
