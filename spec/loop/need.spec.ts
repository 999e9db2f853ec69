import { assert } from "chai";
import fc from "fast-check";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import { asIs } from "../reference.ts";
import type { Values } from "../zoo.ts";
import { agrees, inputsOf } from "./agrees.ts";

/** What is printed for a text, in order, and how often it has a loop over j. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly text: string; readonly order: RegExp; readonly loops: number }[] = [
  { title: "a sum that one branch alone needs is computed in it, however often it stands there",
    text: "loss = sum(i, w[i] > 0 ? log1p(sum(j, x[i,j]^2)) * sum(j, x[i,j]^2) : w[i])", order: /if gt[^]*for j/u, loops: 1 },
  { title: "a sum that both branches need is computed before them",
    text: "loss = sum(i, w[i] > 0 ? log1p(sum(j, x[i,j]^2)) : w[i] * sum(j, x[i,j]^2))", order: /^(?:(?!if)[^])*for j/u, loops: 1 },
  { title: "a sum in a branch in a loop that it does not need is computed before the loop",
    text: "loss = sum(i, max(k, x[i,k] > 0 ? log1p(sum(j, x[i,j]^2)) : x[i,k]))", order: /for j[^]*for k/u, loops: 1 },
  { title: "a choice with a loop in it that two sums need is made once",
    text: "loss = sum(i, exp(w[i] > 0 ? sum(j, x[i,j]^2) : w[i])) * sum(i, cos(w[i] > 0 ? sum(j, x[i,j]^2) : w[i]))", order: /if gt[^]*for j/u, loops: 1 },
  { title: "a value that two loops in a branch need is computed in that branch",
    text: "loss = sum(i, w[i] > 0 ? sum(j, exp(x[i,j])) * max(j, exp(x[i,j])) : w[i])", order: /^(?:(?!exp)[^])*if gt/u, loops: 4 },
  { title: "a sum in a branch of a sum that leaves the loop around it stays in that branch",
    text: "out[i,k] = x[i,k] * sum(l, x[i,l] > 0 ? x[i,l] * sum(j != l, x[i,j]^2) : w[i])", order: /for l[^]*if gt[^]*for j[^]*for k/u, loops: 1 },
  { title: "elements that need a loop of their own are put right after the others",
    text: "g[i,k] = x[i,k] > 0 ? sum(j, x[i,j] * x[i,k]^2) : x[i,k]; loss = sum(i, max(k, g[i,k]) * g[i,0])", order: /for k[^]*for k[^]*if gt[^]*for j/u, loops: 1 },
  { title: "a choice that all elements share and that needs a loop is made before theirs",
    text: "g[i,k] = (w[i] > 0 ? sum(j, x[i,j]) * x[i,k] : x[i,k]) / 2; loss = sum(i, max(k, g[i,k]) * g[i,0])", order: /if gt[^]*for j[^]*for k/u, loops: 1 },
];

const numbers = (length: number) =>
  fc.array(fc.constantFrom(-2, -0.5, 0, 0.25, 1), { minLength: length, maxLength: length });

const inputs: fc.Arbitrary<Values> = fc
  .record({ N: fc.integer({ min: 1, max: 3 }), C: fc.integer({ min: 1, max: 4 }) })
  .chain(({ N, C }) =>
    fc.record({
      x: numbers(N * C).map((data) => ({ shape: [N, C], data })),
      w: numbers(N).map((data) => ({ shape: [N], data })),
    }),
  );

describe("where values are computed", () => {
  for (const { title, text, order, loops } of cases) {
    const derivation = asIs(parse(text));
    const nest = lowerDerivation(derivation, { style: "fused" });

    it(title, () => {
      const lines = printStatements(nest.body).join("\n");
      assert.match(lines, order);
      assert.equal([...lines.matchAll(/for j/gu)].length, loops, lines);
    });

    it(`${title}: the value stays what it is`, () => {
      agrees(nest, derivation, inputsOf(derivation, inputs), { seed: 5, numRuns: 30 });
    });
  }
});
