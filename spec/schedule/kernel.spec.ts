import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { assertClose, reference } from "../reference.ts";

const score = "score[i,j] = sum(d, X[i,d]*W[d,j]); ";
const hinge = `${score}loss = sum(i, sum(j != y[i], max(0, score[i,j] - score[i,y[i]] + 1)))`;

// prettier-ignore
const programs: readonly { readonly title: string; readonly text: string; readonly wrt: readonly string[] }[] = [
  { title: "hinge loss", text: hinge, wrt: ["X", "W"] },
  { title: "softmax", text: `${score}loss = mean(i, logsumexp(j, score[i,j]) - score[i,y[i]])`, wrt: ["X", "W"] },
  { title: "two layers", wrt: ["W", "V"],
    text: "h[i,k] = relu(sum(d, X[i,d]*W[d,k])); score[i,j] = sum(k, h[i,k]*V[k,j]); loss = mean(i, logsumexp(j, score[i,j]) - score[i,y[i]])" },
];

/** Sizes around those of blocks and tiles. */
const sizes: readonly (readonly [N: number, D: number, C: number])[] = [
  [0, 3, 2],
  [1, 1, 1],
  [8, 4, 3],
  [31, 9, 10],
  [32, 8, 11],
  [33, 17, 13],
  [65, 2, 23],
  [40, 0, 3],
];

const values = (length: number, seed: number): number[] =>
  Array.from({ length }, (_, n) => Math.sin(seed + 1.7 * n * n));

function inputs(N: number, D: number, C: number) {
  const H = 6;
  return {
    X: { shape: [N, D], data: values(N * D, 1) },
    W: { shape: [D, C], data: values(D * C, 2) },
    V: { shape: [H, C], data: values(H * C, 3) },
    y: { shape: [N], data: Array.from({ length: N }, (_, n) => (7 * n) % C) },
  };
}

describe("a fused kernel", () => {
  for (const { title, text, wrt } of programs)
    it(`agrees with the reference at sizes around blocks and tiles, and with itself to the last bit: ${title}`, () => {
      const derivation = differentiate(parse(text), { wrt });
      const names = new Set(derivation.inputs.map((input) => input.name));
      for (const [N, D, C] of sizes) {
        const all = inputs(N, D, C);
        const W = names.has("V") ? { shape: [D, 6], data: values(D * 6, 2) } : all.W;
        const given = Object.fromEntries(Object.entries({ ...all, W }).filter(([name]) => names.has(name)));
        const expected = reference(derivation, given);
        const fused = compile(derivation, { style: "fused", stable: false })(given);
        assert.deepEqual(compile(derivation, { style: "fused", stable: false })(given), fused);
        assertClose(fused.value, expected.get("value")!, `loss at ${N} × ${D} × ${C}`);
        for (const name of wrt)
          assertClose(fused.gradients[name]!, expected.get(name)!, `d${name} at ${N} × ${D} × ${C}`);
      }
    });

  it("skips rows whose adjoint is zero: they add 0 even where X is infinite", () => {
    const kernel = compile(differentiate(parse(hinge), { wrt: ["W"] }), { style: "fused" });
    // Scores 5, 0 of a row of class 0, and −∞, ∞ of a row of class 1: both margins are kept.
    const X = { shape: [2, 2], data: [1, 0, 0, Infinity] };
    const W = { shape: [2, 2], data: [5, 0, -1, 1] };
    const { value, gradients } = kernel({ X, W, y: { shape: [2], data: [0, 1] } });
    assert.equal(value, 0);
    assert.deepEqual(gradients["W"], { shape: [2, 2], data: new Float64Array(4) });
  });
});
