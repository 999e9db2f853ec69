import { assert } from "chai";
import fc from "fast-check";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { agrees } from "./agrees.ts";

/** Gradients with respect to what windows slide over; whether windows add to their places. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly text: string; readonly adds: boolean }[] = [
  { title: "means of windows side by side",  text: "out[n,p,q] = mean(r < 2, s < 2, X[n,2*p + r,2*q + s])",       adds: true },
  { title: "sums of windows that overlap",   text: "out[n,p,q] = sum(r < 3, s < 3, X[n,2*p + r,2*q + s])",        adds: true },
  { title: "windows that leave places out",  text: "out[n,p,q] = sum(r < 2, X[n,3*p + r,q])",                     adds: true },
  { title: "a mean that a loss reads",       text: "loss = sum(n, p, q, (sum(r < 2, s < 2, X[n,2*p + r,2*q + s])/4)^2)", adds: true },
  { title: "windows beyond the edge",        text: "out[n,p] = sum(r < 3, 2*p + r - 1 >= 0 and 2*p + r - 1 < extent(X,1), X[n,2*p + r - 1,0])", adds: false },
  { title: "windows that move by one",       text: "out[n,p,q] = sum(r < 2, s < 2, X[n,p + r,q + s])",            adds: false },
];

const inputs = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 4, max: 7 }), fc.integer({ min: 4, max: 6 }))
  .chain(([n, h, w]) =>
    fc
      .array(fc.integer({ min: -64, max: 64 }), { minLength: n * h * w, maxLength: n * h * w })
      .map((all) => ({
        X: { shape: [n, h, w], data: all.map((x) => x / 16) },
      })),
  );

describe("sums over the windows that reach a place", () => {
  for (const { title, text, adds } of cases)
    it(`${title}: ${adds ? "windows add to their places" : "are added up place by place"}`, () => {
      const derivation = stabilise(differentiate(parse(text)));
      const nest = lowerDerivation(derivation, { style: "fused" });
      const body = printStatements(nest.body).join("\n");
      if (adds) {
        assert.notMatch(body, /quotient/u);
        assert.match(body, /dX\[.*\] \+=/u);
      } else assert.notMatch(body, /dX\[.*\] \+=/u);
      agrees(nest, derivation, inputs, { seed: 7, numRuns: 30 });
    });
});
