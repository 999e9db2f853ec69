import { expect } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { fixedExtent } from "../../lib/expr/extent.ts";
import { generate } from "../../lib/generate.ts";
import { constant, load, named, type Nest, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { parse } from "../../lib/parse.ts";
import { expSum, expSumBelow0 } from "../../lib/wasm/functions/exponential.ts";
import { doubles } from "../../lib/wasm/functions/numbers.ts";
import { notPositive } from "../../lib/wasm/vector/not-positive.ts";

const [j, top] = [named("j", "int"), named("top", "real")];
const x = (at: Scalar): Scalar => load("x", at, "real");
const real = (op: "expsum" | "neg" | "add", ...args: Scalar[]): Scalar => ({
  kind: "apply",
  op,
  type: "real",
  args,
});
const loop = (from: number, to: number, ...body: Statement[]): Statement => ({
  kind: "for",
  index: "j",
  from: constant(from),
  to: constant(to),
  body,
});
const store = (buffer: string, at: Scalar, value: Scalar): Statement => ({
  kind: "store",
  buffer,
  offset: at,
  by: "set",
  value,
});
const begun: Statement = {
  kind: "let",
  name: "top",
  type: "real",
  mutable: true,
  value: constant(-Infinity, "real"),
};
const taken: Statement = { kind: "assign", name: "top", by: "max", value: x(j) };
const less = real("expsum", x(j), real("neg", top));
const e = (value: Scalar = less): Statement => store("e", j, value);

const nestOf = (...body: Statement[]): Nest => ({
  sizes: [],
  parameters: [],
  door: [],
  results: [],
  buffers: [
    { name: "x", of: "x", role: "scratch", type: "real", shape: [fixedExtent(5)] },
    { name: "e", of: "e", role: "result", type: "real", shape: [fixedExtent(5)] },
  ],
  body,
});

// prettier-ignore
const nests: readonly { readonly title: string; readonly nest: Nest; readonly found: number }[] = [
  { title: "a difference from the greatest",            found: 1, nest: nestOf(begun, loop(0, 5, taken), loop(0, 5, e())) },
  { title: "a part of the range",                       found: 0, nest: nestOf(begun, loop(0, 4, taken), loop(0, 5, e())) },
  { title: "another element",                           found: 0, nest: nestOf(begun, loop(0, 4, taken), loop(0, 4, e(real("expsum", x(constant(4)), real("neg", top))))) },
  { title: "an array that has changed since",           found: 0, nest: nestOf(begun, loop(0, 5, taken), store("x", constant(0), constant(9, "real")), loop(0, 5, e())) },
  { title: "an array that changes beside it",           found: 0, nest: nestOf(begun, loop(0, 5, taken), loop(0, 5, store("x", j, constant(9, "real")), e())) },
  { title: "a variable that is set once more",          found: 0, nest: nestOf(begun, loop(0, 5, taken), { kind: "assign", name: "top", by: "set", value: constant(0, "real") }, loop(0, 5, e())) },
  { title: "a maximum that is taken afterwards",        found: 0, nest: nestOf(begun, loop(0, 5, e()), loop(0, 5, taken)) },
  { title: "the same exponential elsewhere, too",       found: 0, nest: nestOf(begun, loop(0, 4, taken), loop(0, 4, e()), loop(0, 5, e())) },
  { title: "a maximum under a condition",               found: 0, nest: nestOf(begun, loop(0, 5, { kind: "if", guard: constant(1, "bool"), yes: [taken], no: [] }), loop(0, 5, e())) },
  { title: "a sum with the greatest",                   found: 0, nest: nestOf(begun, loop(0, 5, taken), loop(0, 5, e(real("expsum", x(j), top)))) },
];

describe("exponentials of what is not positive", () => {
  for (const { title, nest, found } of nests)
    it(`are ${found ? "" : "not "}those of ${title}`, () => expect(notPositive(nest).size).to.equal(found));

  it("are those of a softmax", () => {
    const text = "loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])";
    const { nest } = generate(differentiate(parse(text), { wrt: ["s"] }), { target: "wasm" });
    expect(notPositive(nest).size).to.equal(1);
  });

  it("are bit by bit what any exponential is", () => {
    const ends = [
      0,
      -0,
      -1e-300,
      -0.3,
      -1,
      -40.25,
      -700,
      -744.5,
      -745.2,
      -746,
      -1e3,
      -1e5,
      -1e18,
      -1e300,
      -Infinity,
      NaN,
    ];
    for (const a of ends)
      for (const b of [0, -0, 1e-17, 0.1, 30.7, 1e5 / 3, 1e300, Infinity])
        if (!(a + b > 0))
          expect(expSumBelow0(doubles, a, b), `${a} + ${b}`).to.deep.equal(expSum(doubles, a, b));
  });

  for (const length of [3, 40])
    it(`give the shares of ${length} scores whatever these are`, () => {
      const derivation = differentiate(parse("loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])"), {
        wrt: ["s"],
      });
      const js = compile(derivation, { style: "fused" });
      const ours = compile(derivation, { target: "wasm" });
      const kinds = [
        [0, -800],
        [1e300, -1e300],
        [-Infinity, 3],
        [Infinity, 0],
        [NaN, 1],
        [-744, 0.5],
        [1e6, 1e6 - 700],
        [-Infinity, -Infinity],
      ];
      const s = kinds.map((k) => Array.from({ length }, (_, n) => k[n % 2]!));
      const y = kinds.map((_, n) => n % 3);
      const [a, b] = [js({ s, y }), ours({ s, y })];
      const [g, h] = [a, b].map((r) => (r.gradients.s as { data: Float64Array }).data) as [
        Float64Array,
        Float64Array,
      ];
      for (const [n, wanted] of g.entries())
        if (Number.isNaN(wanted)) expect(Number.isNaN(h[n])).to.equal(true);
        else expect(h[n]).to.be.closeTo(wanted, 1e-15 * Math.abs(wanted));
    });
});
