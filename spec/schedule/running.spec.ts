import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { bodiesOf, type Statement } from "../../lib/loop/nest.ts";
import { parse } from "../../lib/parse.ts";
import { scheduleNest } from "../../lib/schedule/schedule.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { compile } from "../../lib/compile.ts";
import { randomGiven } from "../diff/points.ts";
import { assertClose, reference } from "../reference.ts";

/** How many loops are around each other, at most. */
const depth = (statements: readonly Statement[]): number =>
  Math.max(0, ...statements.map((s) => Number(s.kind === "for") + depth(bodiesOf(s))));

/** Reductions over all that came before, or comes after, and how deep the loops of their kernels are. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly text: string; readonly loops: number }[] = [
  { title: "a running sum",                       text: "out[i,t] = sum(k <= t, x[i,k])",               loops: 2 },
  { title: "one of all before",                   text: "out[i,t] = sum(k < t, x[i,k]^2)",              loops: 2 },
  { title: "one from the end",                    text: "out[i,t] = sum(k >= t, x[i,k])",               loops: 2 },
  { title: "one of all after",                    text: "out[i,t] = exp(sum(k > t, x[i,k]))",           loops: 2 },
  { title: "a running maximum",                   text: "out[i,t] = max(k <= t, x[i,k])",               loops: 2 },
  { title: "a running mean, compensated",         text: "out[t] = mean(k <= t, v[k])",                  loops: 1 },
  { title: "a running product",                   text: "out[t] = prod(k <= t, 1 + v[k]^2)",            loops: 2 },
  { title: "one along the rows",                  text: "out[t,i] = sum(k <= t, x[k,i])",               loops: 2 },
  { title: "one of sums",                         text: "out[t] = sum(k <= t, sum(d, x[k,d]))",         loops: 2 },
  { title: "one both ways",                       text: "out[t] = sum(k <= t, v[k]) * sum(k > t, v[k])", loops: 1 },
  { title: "one of as many terms as there are",   text: "c[t] = sum(k <= t, v[k]); S = sum(t, (c[t] - w[t])^2)", loops: 1 },
  { title: "one of those before them",            text: "c[t] = sum(k < t, v[k]); S = sum(t, (c[t] - w[t])^2)",  loops: 1 },
  { title: "one of the rest of them",             text: "S = sum(t, (sum(k >= t, v[k]) - w[t])^2)",    loops: 1 },
  { title: "one of those after them, rows",       text: "out[i,t] = w[t] * sum(k > t, x[i,k])",        loops: 2 },
  { title: "two ways to one number",              text: "S = sum(t, (sum(k <= t, v[k]) + sum(k >= t, v[k]*w[k]))^2)", loops: 1 },
  { title: "two ways, with as many as there are", text: "S = sum(t, (sum(k < t, v[k]) * sum(k >= t, v[k]^2) - w[t])^2)", loops: 1 },
  { title: "a running log-sum-exp",               text: "out[t] = logsumexp(k <= t, v[k])",             loops: 1 },
  { title: "one of all before, in rows",          text: "out[i,t] = logsumexp(k < t, x[i,k])",          loops: 2 },
  { title: "one from the end, along the rows",    text: "out[t,i] = logsumexp(k >= t, x[k,i])",         loops: 2 },
  { title: "one less a member: partial likelihood", text: "S = sum(i, w[i]*(logsumexp(k >= i, v[k]) - v[i]))", loops: 1 },
  { title: "sums of weighted exponentials",       text: "S = sum(t, sum(k <= t, w[k]*exp(v[k] - v[t]))^2)", loops: 1 },
  { title: "one whose exponents are masked",      text: "S = sum(t, w[t]*logsumexp(k <= t, v[k] > 0 ? 900*v[k] : -∞))", loops: 1 },
  { title: "one whose members are chosen",        text: "S = sum(t, w[t]*sum(k, k <= t and v[k] < 1, exp(900*v[k] - 900*v[t])*w[k]))", loops: 2 },
  { title: "shares of which some weigh nothing",  text: "out[t] = sum(k <= t, relu(w[k])*exp(9*v[k] - logsumexp(l <= t, 9*v[l])))", loops: 1 },
  { title: "shares in shares, and their adjoints", text: "out[t] = sum(k <= t, exp(v[k] - logsumexp(l <= t, v[l]))*w[k])", loops: 1 },
  { title: "one of exponents that change both ways", text: "out[t] = logsumexp(k <= t, v[k]*w[t])",     loops: 2 },
  { title: "one whose terms change",              text: "out[i,t] = sum(k <= t, tanh(x[i,k] - x[i,t]))", loops: 3 },
  { title: "one of the rest of a sum",            text: "S = sum(t, exp(sum(k <= t, v[k])))",           loops: 1 },
];

describe("reductions over all that came before", () => {
  for (const { title, text, loops } of cases) {
    const derivation = differentiate(parse(text));
    it(`${title} has loops ${loops} deep`, () => {
      const nest = scheduleNest(lowerDerivation(stabilise(derivation), { style: "fused" }));
      assert.equal(depth(nest.body), loops);
    });
    for (const target of ["js", "wasm"] as const)
      it(`${title} is what the reference says: ${target}`, () => {
        const kernel = compile(derivation, { target, style: "fused" });
        for (const seed of [1, 2]) {
          const given = randomGiven(derivation, seed, {
            sizes: { "x.0": 3 + seed, "x.1": 70 * (seed - 1) + 3, "v.0": 67 * seed, "w.0": 90 },
          });
          const { value, gradients } = kernel(given);
          const expected = reference(derivation, given);
          assertClose(value, expected.get("value")!, "value");
          for (const [name, gradient] of Object.entries(gradients))
            assertClose(gradient, expected.get(name)!, name);
        }
      });
  }
});
