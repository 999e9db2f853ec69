import { assert } from "chai";
import fc from "fast-check";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import type { Nest } from "../../lib/loop/nest.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { agrees } from "./agrees.ts";

const reals = (...shape: number[]) => {
  const length = shape.reduce((a, b) => a * b);
  return fc
    .array(fc.integer({ min: -64, max: 64 }), { minLength: length, maxLength: length })
    .map((all) => ({ shape, data: all.map((n) => n / 16) }));
};

const vertices = (edges: number) =>
  reals(edges).map(({ shape, data }) => ({ shape, data: data.map((x) => Math.abs(Math.round(x)) % 4) }));

const scratches = (nest: Nest): readonly string[] =>
  nest.buffers.filter((b) => b.role === "scratch").map((b) => b.name);

describe("sums that are computed before what reads them", () => {
  it("are scattered where their terms say which element they belong to, whatever is made of them", () => {
    const text =
      "h[v,f] = sum(d, X[v,d]*W[d,f])\nout[f] = sum(e, relu(h[src[e],f] - h[dst[e],f])*relu(h[src[e],f]))";
    const derivation = differentiate(parse(text), { wrt: ["X", "W"] });
    const nest = lowerDerivation(derivation, { style: "fused" });
    const searches = printStatements(nest.body).filter((line) => /eq\(v, (src|dst)/u.test(line));
    assert.deepEqual(searches, []);
    const inputs = fc.record({
      X: reals(4, 2),
      W: reals(2, 3),
      src: vertices(5),
      dst: vertices(5),
    });
    agrees(nest, derivation, inputs, { seed: 5, numRuns: 20 });
  });

  it("are variables where one element needs them, for its value and for the question whether they overflow", () => {
    const text = "m[n,c] = mean(p, x[n,c,p])\nloss = sum(n, c, p, (x[n,c,p] - m[n,c])^3)";
    const derivation = stabilise(differentiate(parse(text), { wrt: ["x"] }));
    const nest = lowerDerivation(derivation, { style: "fused" });
    assert.notInclude(scratches(nest), "sum");
    assert.include(scratches(nest), "m");
    agrees(nest, derivation, fc.record({ x: reals(2, 3, 4) }), { seed: 5, numRuns: 20 });
  });
});

describe("powers in fast code", () => {
  for (const [style, pattern] of [
    ["fused", /mul\(\w+, sqrt\(\w+\)\)/u],
    ["loops", /pow\(add\(.*\), 1\.5\)/u],
  ] as const)
    it(`of one and a half are ${style === "fused" ? "products with a root" : "as written on paper"}`, () => {
      const derivation = differentiate(parse("out[i] = (x[i] + 1)^1.5"), { wrt: ["x"] });
      const nest = lowerDerivation(derivation, { style });
      assert.match(printStatements(nest.body).join("\n"), pattern);
    });
});
