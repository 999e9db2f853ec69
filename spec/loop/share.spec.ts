import { assert } from "chai";
import fc from "fast-check";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import type { Nest } from "../../lib/loop/nest.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import { asIs } from "../reference.ts";
import type { Values } from "../zoo.ts";
import { agrees, inputsOf } from "./agrees.ts";

const nestOf = (text: string): Nest => lowerDerivation(asIs(parse(text)), { style: "fused" });
const textOf = (nest: Nest): string => printStatements(nest.body).join("\n");
const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length;

/** How often exp is written down, conditions are asked, and arrays for a row made; `y[i]` is a label. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly text: string; readonly exps: number; readonly ifs: number; readonly arrays: number }[] = [
  { title: "a value that two loops of a row need is computed once",
    text: "a[i] = sum(j, exp(x[i,j])*w[j]); b[i] = max(j, exp(x[i,j])); loss = sum(i, a[i]*b[i])", exps: 1, ifs: 0, arrays: 1 },
  { title: "the names of indices do not matter",
    text: "a[i] = sum(j, exp(x[i,j])*w[j]); b[n] = max(k, exp(x[n,k])); loss = sum(i, a[i]*b[i])", exps: 1, ifs: 0, arrays: 1 },
  { title: "what one loop alone needs stays in it",
    text: "a[i] = sum(j, exp(x[i,j])^2 + exp(x[i,j])); loss = sum(i, a[i]*w[0])", exps: 1, ifs: 0, arrays: 0 },
  { title: "what is cheap is computed again",
    text: "a[i] = sum(j, (x[i,j] + 1)*w[j]); b[i] = max(j, x[i,j] + 1); loss = sum(i, a[i]*b[i])", exps: 0, ifs: 0, arrays: 0 },
  { title: "what another pass needs as well is computed again",
    text: "m[j] = sum(i, exp(x[i,j])*w[j]); loss = sum(i, max(j, exp(x[i,j]) * m[j]))", exps: 2, ifs: 0, arrays: 0 },
  { title: "a place that no loop needs holds what makes its term 0",
    text: "a[i] = sum(j != y[i], max(0, exp(x[i,j]))); b[i] = sum(k != y[i], exp(x[i,k])^3); loss = sum(i, a[i]*b[i]*x[i,y[i]])", exps: 1, ifs: 0, arrays: 1 },
  { title: "such a place is left out where no value would do",
    text: "a[i] = sum(j != y[i], cos(exp(x[i,j]))); b[i] = sum(k != y[i], 1 / (1 + exp(x[i,k])^2)); loss = sum(i, a[i]*b[i]*x[i,y[i]])", exps: 1, ifs: 1, arrays: 1 },
  { title: "a place that one loop needs is as it is",
    text: "a[i] = sum(j != y[i], max(0, exp(x[i,j]))); b[i] = sum(k, exp(x[i,k])^3); loss = sum(i, a[i]*b[i]*w[0])", exps: 1, ifs: 1, arrays: 1 },
  { title: "a place that a sum over rows needs is as it is, too",
    text: "a[i] = sum(j != y[i], max(0, exp(x[i,j]))); b[j] = sum(i, exp(x[i,j])); c[i] = sum(k != y[i], exp(x[i,k])^3); loss = sum(i, a[i]*c[i]*x[i,y[i]]) + w[0]*max(j, b[j])", exps: 1, ifs: 2, arrays: 2 },
  { title: "a place that is another for each value of a third index is left out in its loop",
    text: "a[i] = sum(q, sum(j != z[q], max(0, exp(x[i,j])))); b[i] = sum(q, sum(j != z[q], exp(x[i,j]))^2); loss = sum(i, a[i]*b[i]*x[i,y[i]])", exps: 1, ifs: 2, arrays: 1 },
  { title: "other labels leave out other places",
    text: "a[i] = sum(j != y[i], max(0, exp(x[i,j]))); b[i] = sum(k != z[i], exp(x[i,k])^3); loss = sum(i, a[i]*b[i]*w[0])", exps: 1, ifs: 2, arrays: 1 },
];

/** An array whose values are among these. */
const array = (shape: readonly number[], ...values: readonly number[]) => {
  const length = shape.reduce((n, size) => n * size, 1);
  return fc
    .array(fc.constantFrom(...values), { minLength: length, maxLength: length })
    .map((data) => ({ shape: [...shape], data }));
};

const inputs: fc.Arbitrary<Values> = fc
  .record({ N: fc.nat(3), C: fc.integer({ min: 1, max: 4 }) })
  .chain(({ N, C }) =>
    fc.record({
      x: array([N, C], -2, -0.5, 0, 0.25, 1),
      w: array([C], -1, 0.5, 3),
      y: array([N], ...Array.from({ length: C }, (_, k) => k)),
      z: array([N], ...Array.from({ length: C }, (_, k) => k)),
    }),
  );

describe("sharing values among the loops of a row", () => {
  for (const { title, text, exps, ifs, arrays } of cases) {
    it(title, () => {
      const nest = nestOf(text);
      const lines = textOf(nest);
      assert.equal(count(lines, /\bexp\(/gu), exps, lines);
      assert.equal(count(lines, /\bif /gu), ifs, lines);
      assert.equal(
        nest.buffers.filter((b) => b.role === "scratch" && b.shape.length > 0).length,
        arrays + (text.startsWith("m[j]") ? 1 : 0),
        lines,
      );
    });

    it(`${title}: the value stays what it is`, () => {
      const derivation = asIs(parse(text));
      agrees(nestOf(text), derivation, inputsOf(derivation, inputs), { seed: 11, numRuns: 40 });
    });
  }
});

const printed = (text: string): string => textOf(nestOf(text));

describe("an element that is not like the others", () => {
  it("is put right after all have been computed alike", () => {
    assert.equal(
      printed("g[i,k] = (k == y[i] ? -1 : x[i,k]) / 2; loss = sum(i, max(k, g[i,k]) * x[i,y[i]])"),
      `
var loss: real = 0
let ratio: real = div(-1, 2)
for i from 0 to N
  for k from 0 to C
    g[k] = div(x[add(mul(i, C), k)], 2)
  g[y[i]] = ratio
  var largest: real = -Infinity
  for k from 0 to C
    largest max= g[k]
  loss += mul(largest, x[add(mul(i, C), y[i])])`.slice(1),
    );
  });

  it("is asked for where the others may not be computed in its place", () => {
    const text = printed("g[i,k] = k == 0 ? 0 : x[i,k - 1]; loss = sum(i, sum(k < 3, g[i,k]))");
    assert.match(text, /eq\(k, 0\)/u);
  });

  it("is asked for where its place is another for each index", () => {
    const text = printed("g[i,k,l] = k == l ? 0 : x[i,k]*x[i,l]; loss = sum(i, max(k, max(l, g[i,k,l])))");
    assert.match(text, /eq\(k, l\)/u);
  });
});
