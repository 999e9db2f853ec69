import { assert } from "chai";
import fc from "fast-check";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import type { Values } from "../zoo.ts";
import { agrees, inputsOf } from "./agrees.ts";

const text = (bag: string): string => `h[i,d] = ${bag}; loss = mean(i, sum(d, (h[i,d] - T[i,d])^2))`;

/** Means of rows of E that words choose. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly text: string }[] = [
  { title: "a mean of rows",                     text: text("mean(t, E[w[i,t],d])") },
  { title: "a weighted sum of rows",             text: text("sum(t, p[i,t] * E[w[i,t],d])") },
  { title: "a mean of some rows",                text: text("sum(t, [p[i,t] > 0] * E[w[i,t],d]) / (1 + sum(t, [p[i,t] > 0]))") },
  { title: "a sum of rows of two words",         text: text("sum(t, E[w[i,t],d] - E[u[i,t],d])") },
  { title: "one bag of words",                   text: "h[d] = mean(t, E[v[t],d]); loss = sum(d, (h[d] - T[0,d])^2)" },
  { title: "an index of the same name outside",  text: "h[t,d] = mean(s, E[w[t,s],d]); loss = sum(t, sum(d, h[t,d]^2)) + sum(d, E[0,d])" },
];

const [rows, words, columns, known] = [3, 4, 2, 5];

const reals = (...shape: number[]) =>
  fc
    .array(fc.integer({ min: -64, max: 64 }), {
      minLength: shape.reduce((a, b) => a * b),
      maxLength: shape.reduce((a, b) => a * b),
    })
    .map((all) => ({ shape, data: all.map((n) => n / 16) }));

const labels = (...shape: number[]) =>
  reals(...shape).map(({ data }) => ({ shape, data: data.map((x) => Math.abs(Math.round(x * 16)) % known) }));

const inputs: fc.Arbitrary<Values> = fc.record({
  E: reals(known, columns),
  T: reals(rows, columns),
  p: reals(rows, words),
  w: labels(rows, words),
  u: labels(rows, words),
  v: labels(words),
});

describe("gradients with respect to rows that words choose", () => {
  for (const { title, text } of cases)
    for (const style of ["loops", "fused"] as const)
      it(`${title} looks for no word: ${style}`, () => {
        const derivation = differentiate(parse(text.replaceAll("; ", "\n")), { wrt: ["E"] });
        const nest = lowerDerivation(derivation, { style });
        const searches = printStatements(nest.body).filter((line) => /eq\(\w+, [wuv]\[/u.test(line));
        assert.deepEqual(searches, []);
        agrees(nest, derivation, inputsOf(derivation, inputs), { seed: 3, numRuns: 20 });
      });
});
