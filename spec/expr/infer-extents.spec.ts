import { assert } from "chai";
import fc from "fast-check";
import { sizeOf, type Sizes } from "../../lib/expr/extent.ts";
import { children, type Expr, type Index } from "../../lib/expr/node.ts";
import type { Program } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";

type Dimensions = Readonly<Record<string, number | readonly number[]>>;

const sizes = (dimensions: Dimensions): Sizes => ({
  axis: (array, axis) => [dimensions[array]!].flat()[axis]!,
  scalar: (name) => [dimensions[name]!].flat()[0]!,
});

function allIndices(program: Program): readonly Index[] {
  const bound = (e: Expr): readonly Index[] => [
    ...(e.kind === "reduce" ? [e.over] : []),
    ...children(e).flatMap(bound),
  ];
  return program.definitions.flatMap((d) => [...d.indices, ...bound(d.body)]);
}

/** `i=3 j=2`: what each index runs over when arrays have these dimensions. */
function extents(text: string, dimensions: Dimensions): string {
  const at = sizes(dimensions);
  const found = new Map(allIndices(parse(text)).map((i) => [i.name, sizeOf(i.extent, at)]));
  return [...found].map(([name, size]) => `${name}=${size}`).join(" ");
}

/** `X=4,5 y=4`: the shapes that inputs must have when their first axes have these dimensions. */
const shapes = (text: string, dimensions: Dimensions): string =>
  parse(text)
    .inputs.filter((input) => input.shape.length > 0)
    .map((input) => `${input.name}=${input.shape.map((e) => sizeOf(e, sizes(dimensions))).join()}`)
    .join(" ");

const same1 = "o[p] = sum(r, 0 <= p + r - 1 < extent(X,0), X[p+r-1] * K[r])";
const strided = "o[p] = sum(r, 0 <= 2*p + r - 1 < extent(X,0), X[2*p+r-1] * K[r])";
const full = "o[t] = sum(r, 0 <= t - r < extent(X,0), X[t-r] * K[r])";

// prettier-ignore
const rows: readonly (readonly [what: string, text: string, dimensions: Dimensions, expected: string])[] = [
  ["arrays",                       "s[i,j] = sum(d, X[i,d] * W[d,j])",                    { X: [4, 5], W: [5, 3] },   "i=4 j=3 d=5"],
  ["a use elsewhere",              "a[i,j] = x[i] + 1\nb = sum(i, j, a[i,j] * z[j])",      { x: 4, z: 3 },             "i=4 j=3"],
  ["the diagonal",                 "sum(i, S[i,i])",                                      { S: [4, 4] },              "i=4"],
  ["a label's own array",          "sum(i, s[i,y[i]])",                                   { s: [4, 5], y: 4 },        "i=4"],
  ["nested labels",                "sum(i, s[i,y[p[i]]])",                                { s: [4, 5], y: 9, p: 4 },  "i=4"],
  ["a constant guard",             "sum(r < 3, r)",                                       {},                         "r=3"],
  ["a bound on the left",          "z[i < 3] = i\nb = sum(i, z[i])",                          {},                         "i=3"],
  ["a closed bound on the left",   "z[i <= K] = i\nb = sum(i, z[i])",                         { K: 4 },                   "i=5"],
  ["sizes on the left",            "z[i < extent(x,0) + extent(w,0) - 1] = i\nb = sum(k, z[k] * x[0] * w[0])", { x: 4, w: 3 }, "i=6 k=6"],
  ["a bound for part of an array", "z[i < 3] = x[i]\nb = sum(k, z[k])",                       { x: 5 },                   "i=3 k=3"],
  ["a bound by its own array",     "z[i < extent(x,0)] = 1\nb = sum(k, z[k] * x[k])",         { x: 5 },                   "i=5 k=5"],
  ["a bound before a guard",       "z[i < 2] = sum(j < 3, [i < 5] * j)\nb = sum(k, z[k])",    {},                         "i=2 j=3 k=2"],
  ["the longer of two windows",    "sum(p, sum(r < 2, x7[p+r]) * sum(s < 3, x7[p+s]))",    { x7: 7 },                  "p=5 r=2 s=3"],
  ["a closed constant guard",      "sum(r <= 3, r)",                                      {},                         "r=4"],
  ["a guard the other way round",  "sum(r, 3 > r, r)",                                    {},                         "r=3"],
  ["a multiple in a guard",        "sum(r, 2*r < 7, r)",                                  {},                         "r=4"],
  ["the else of a guard",          "sum(r, not (r >= 3), r)",                             {},                         "r=3"],
  ["a chain",                      "sum(0 <= r < 3, r)",                                  {},                         "r=3"],
  ["a conjunction",                "sum(r < 3 and r > 0, r)",                             {},                         "r=3"],
  ["the least constant first",     "sum(r, r < K and r < 3, r)",                          { K: 7 },                   "r=3"],
  ["an integer input",             "sum(r < K, r)",                                       { K: 7 },                   "r=7"],
  ["an integer input, closed",     "sum(r <= K + 1, r)",                                  { K: 7 },                   "r=9"],
  ["a negative integer input",     "sum(r < K, r)",                                       { K: -2 },                  "r=0"],
  ["the extent of an array",       "sum(i, xe[i]) * sum(r < extent(xe,0), r)",              { xe: 5 },                  "i=5 r=5"],
  ["less than an extent",          "sum(i, xe[i]) * sum(r < extent(xe,0) - 2, r)",          { xe: 5 },                  "i=5 r=3"],
  ["two extents",                  "sum(i, j, S[i,j]) * sum(r < extent(S,0) + extent(S,1), r)", { S: [5, 4] },        "i=5 j=4 r=9"],
  ["another index",                "sum(i, x[i] * sum(r <= i, r))",                       { x: 5 },                   "i=5 r=5"],
  ["a cumulative sum",             "c[t] = sum(s <= t, x[s])",                            { x: 5 },                   "t=5 s=5"],
  ["an array before a guard",      "sum(j < 3, x[j])",                                    { x: 5 },                   "j=5"],
  ["a valid convolution",          "o[p] = sum(r, X[p+r] * K[r])",                        { X: 7, K: 3 },             "p=5 r=3"],
  ["a kernel too large",           "o[p] = sum(r, X[p+r] * K[r])",                        { X: 2, K: 3 },             "p=0 r=3"],
  ["an empty kernel",              "o[p] = sum(r, X[p+r] * K[r])",                        { X: 2, K: 0 },             "p=0 r=0"],
  ["strides",                      "o[p] = sum(r, X[2*p+r] * K[r])",                      { X: 8, K: 3 },             "p=3 r=3"],
  ["dilation",                     "o[p] = sum(r, X[p+2*r] * K[r])",                      { X: 8, K: 3 },             "p=4 r=3"],
  ["'same' padding",               same1,                                                 { X: 7, K: 3 },             "p=7 r=3"],
  ["padding with a stride",        strided,                                               { X: 5, K: 3 },             "p=3 r=3"],
  ["padding with a stride, even",  strided,                                               { X: 6, K: 3 },             "p=3 r=3"],
  ["padding written as p + r <= H",  "o[p] = sum(r, p + r >= 1 and p + r <= extent(X,0), X[p+r-1] * K[r])", { X: 7, K: 3 }, "p=7 r=3"],
  ["padding in a condition",       "o[p] = sum(r, (0 <= p+r-1 and p+r-1 < extent(X,0) ? X[p+r-1] : 0) * K[r])", { X: 7, K: 3 }, "p=7 r=3"],
  ["padding in an else",           "o[p] = sum(r, (p+r < 1 or p+r-1 >= extent(X,0) ? 0 : X[p+r-1]) * K[r])", { X: 7, K: 3 }, "p=7 r=3"],
  ["padding by an integer input",  "o[p] = sum(r, 0 <= p + r - P < extent(X,0), X[p+r-P] * K[r])", { X: 7, K: 5, P: 2 }, "p=7 r=5"],
  ["an upper guard alone",         "o[p] = max(r < 2, 2*p + r < extent(X,0), X[2*p+r])",  { X: 7 },                   "p=3 r=2"],
  ["an upper guard alone, overhanging below", "o[p] = sum(r, r < 3 and p + r - 1 < extent(X,0), X[p+r-1])", { X: 7 }, "p=6 r=3"],
  ["what one place left out leaves", "sum(i != 3, x[2*i])",                              { x: 9 },                   "i=5"],
  ["a condition after its guard",  "sum(i, i + 1 < extent(x,0) and x[i+1] > x[i], x[i])", { x: 5 },                   "i=5"],
  ["zero padding by itself",       "o[p] = 0 <= p - 2 < extent(X,0) ? X[p-2] : 0",        { X: 4 },                   "p=8"],
  ["a causal filter",              "o[t] = sum(r, t - r >= 0, X[t-r] * K[r])",            { X: 7, K: 3 },             "t=7 r=3"],
  ["a full convolution",           full,                                                  { X: 7, K: 3 },             "t=9 r=3"],
  ["a full convolution, dilated",  "o[t] = sum(r, 0 <= t - 2*r < extent(X,0), X[t-2*r] * K[r])", { X: 7, K: 3 },     "t=11 r=3"],
  ["max-pooling",                  "o[p,q] = max(r < 2, s < 2, X[2*p+r, 2*q+s])",         { X: [6, 5] },              "p=3 q=2 r=2 s=2"],
  ["total variation",              "sum(i, abs(x[i+1] - x[i]))",                          { x: 5 },                   "i=4"],
  ["total variation in 2-D",       "sum(i, j, (u[i+1,j] - u[i,j])^2 + (u[i,j+1] - u[i,j])^2)", { u: [5, 4] },         "i=4 j=3"],
  ["total variation of a stage",   "z[k] = 2 * x[k]\nb = sum(i, abs(z[i+1] - z[i]))",      { x: 5 },                   "k=5 i=4"],
  ["second differences",           "sum(i, (x[i+2] - 2*x[i+1] + x[i])^2)",                { x: 5 },                   "i=3"],
  ["weighted variation",           "sum(i, w[i] * abs(x[i+1] - x[i]))",                   { x: 5, w: 4 },             "i=4"],
  ["a guarded difference",         "sum(i, i + 1 < extent(x,0) ? x[i+1] - x[i] : 0)",     { x: 5 },                   "i=5"],
  ["a guarded difference before",  "sum(i, i > 0, x[i] - x[i-1])",                        { x: 5 },                   "i=5"],
  ["a window beside its array",    "c[p] = x[p+1] - x[p]\ne[q] = c[q] + x[q]",             { x: 5 },                   "p=4 q=4"],
  ["a window beside its array, turned", "c[p] = x[p+1] - x[p]\ne[q] = x[q] + c[q]",        { x: 5 },                   "p=4 q=4"],
  ["a residual",                   `${same1}\ne[q] = o[q] + X[q]`,                          { X: 5, K: 3 },             "p=5 r=3 q=5"],
  ["a window over a window",       "c[p] = sum(r < 3, x[p+r])\ne[q] = max(s < 2, c[2*q+s])", { x: 8 },                "p=6 r=3 q=3 s=2"],
  ["even places",                  "sum(k, x[2*k])",                                      { x: 5 },                   "k=3"],
  ["a row that is turned",         "o[k] = x[extent(x,0) - 1 - k]",                       { x: 5 },                   "k=5"],
  ["down from a constant",         "sum(k, x[3 - k])",                                    { x: 5 },                   "k=4"],
  ["a concatenation",              "o[p] = p < extent(A,0) ? A[p] : B[p - extent(A,0)]",  { A: 3, B: 4 },             "p=7"],
  ["an edge that is repeated",     "o[p] = p >= 1 ? x[p-1] : x[p]",                       { x: 4 },                   "p=4"],
  ["autocorrelation",              "sum(k < 3, sum(i, x[i] * x[i+k]))", { x: 5 },       "k=3 i=3"],
];

describe("inferExtents", () => {
  for (const [what, text, dimensions, expected] of rows)
    it(`takes an extent from ${what}: ${text.replaceAll("\n", "; ")}`, () =>
      assert.equal(extents(text, dimensions), expected));

  // prettier-ignore
  const agreeing: readonly (readonly [text: string, dimensions: Dimensions, expected: string])[] = [
    ["sum(i, x[i] * z[i])",                                  { x: 4 },         "x=4 z=4"],
    ["sum(i, S[i,i])",                                       { S: [4, 9] },    "S=4,4"],
    ["a[i] = x[i]; sum(j, z[j] * a[j])",   { x: 4 },         "x=4 z=4"],
    ["sum(i, s[i,y[i]] - s[i,z[i]])",                        { s: [4, 5] },    "s=4,5 y=4 z=4"],
    ["sum(n, p, t[n,p] > t[n,3], u[n,p])",                   { t: [4, 5] },    "t=4,5 u=4,5"],
    ["sum(i, x[i+1] * z[i])",                                { x: 4, z: 3 },   "x=4 z=3"],
  ];
  for (const [text, dimensions, expected] of agreeing)
    it(`makes axes agree in ${text}`, () => assert.equal(shapes(text, dimensions), expected));

  const small = fc.integer({ min: 1, max: 4 });
  const places = {
    step: small,
    dilation: small,
    offset: fc.nat(3),
    inputs: fc.nat(12),
    kernel: fc.integer({ min: 1, max: 4 }),
  };

  it("finds the largest window for which all reads are inside, as trying all does", () => {
    fc.assert(
      fc.property(fc.record(places), ({ step, dilation, offset, inputs, kernel }) => {
        const text = `o[p] = sum(r, X[${step}*p + ${dilation}*r + ${offset}] * K[r])`;
        const inside = (p: number): boolean => step * p + dilation * (kernel - 1) + offset < inputs;
        let expected = 0;
        while (inside(expected)) expected++;
        assert.equal(extents(text, { X: inputs, K: kernel }), `p=${expected} r=${kernel}`);
      }),
      { seed: 21, numRuns: 300 },
    );
  });

  it("gives a padded window the length of the unpadded one over an array with as much zero on either side", () => {
    fc.assert(
      fc.property(fc.record(places), ({ step, dilation, offset: padding, inputs, kernel }) => {
        const at = `${step}*p + ${dilation}*r - ${padding}`;
        const padded = `o[p] = sum(r, 0 <= ${at} < extent(X,0), X[${at}] * K[r])`;
        const plain = `o[p] = sum(r, X[${step}*p + ${dilation}*r] * K[r])`;
        assert.equal(
          extents(padded, { X: inputs, K: kernel }),
          extents(plain, { X: inputs + 2 * padding, K: kernel }),
        );
      }),
      { seed: 22, numRuns: 300 },
    );
  });
});
