import { expect } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { fixedExtent } from "../../lib/expr/extent.ts";
import { generate } from "../../lib/generate.ts";
import { constant, load, named, type Nest, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { parse } from "../../lib/parse.ts";
import { rowLoops } from "../../lib/wasm/vector/rows.ts";

const [i, j, k] = ["i", "j", "k"].map((name) => named(name, "int")) as [Scalar, Scalar, Scalar];
const plus = (...args: Scalar[]): Scalar => ({ kind: "apply", op: "add", type: "int", args });
const times = (...args: Scalar[]): Scalar => ({ kind: "apply", op: "mul", type: "int", args });
const row = times(i, constant(3));
const here = plus(row, j);

const loop = (index: string, to: number, ...body: Statement[]): Statement => ({
  kind: "for",
  index,
  from: constant(0),
  to: constant(to),
  body,
});
const store = (buffer: string, offset: Scalar, value: Scalar, by: "set" | "add" = "set"): Statement => ({
  kind: "store",
  buffer,
  offset,
  by,
  value,
});
const variable = (name: string): Statement => ({
  kind: "let",
  name,
  type: "real",
  mutable: true,
  value: constant(0, "real"),
});
const adding = (name: string, value: Scalar): Statement => ({ kind: "assign", name, by: "add", value });
const x = (at: Scalar): Scalar => load("x", at, "real");
const sum = named("sum", "real");

/** A nest over 5 rows of 3 values: an input x, a result r of its shape, a result c of a row's, scratch t of a row. */
const nestOf = (...body: Statement[]): Nest => ({
  sizes: [],
  parameters: [],
  door: [],
  results: [],
  buffers: [
    { name: "x", of: "x", role: "input", type: "real", shape: [fixedExtent(5), fixedExtent(3)] },
    { name: "r", of: "r", role: "result", type: "real", shape: [fixedExtent(5), fixedExtent(3)] },
    { name: "c", of: "c", role: "result", type: "real", shape: [fixedExtent(3)] },
    { name: "t", of: "t", role: "scratch", type: "real", shape: [fixedExtent(3)] },
  ],
  body,
});

const begun = variable("sum");
const added = loop("j", 3, adding("sum", x(here)));
const next = plus(times(i, constant(3)), constant(4));

// prettier-ignore
const rows: readonly { readonly title: string; readonly nest: Nest; readonly own: readonly string[] | undefined }[] = [
  { title: "a sum of each row",                    own: [],        nest: nestOf(loop("i", 5, begun, added, loop("j", 3, store("r", here, sum)))) },
  { title: "scratch of each row",                  own: ["t"],     nest: nestOf(loop("i", 5, begun, loop("j", 3, store("t", j, x(here))), loop("j", 3, store("r", here, load("t", j, "real"))))) },
  { title: "sums over rows in memory",             own: [],        nest: nestOf(loop("i", 5, begun, loop("j", 3, store("c", j, x(here), "add")))) },
  { title: "rows that read the one before",        own: undefined, nest: nestOf(loop("i", 5, begun, loop("j", 3, store("r", here, load("r", plus(row, j, constant(-3)), "real"))))) },
  { title: "rows that write the next one",         own: undefined, nest: nestOf(loop("i", 4, begun, loop("j", 3, store("r", here, x(here))), store("r", next, sum))) },
  { title: "rows chosen by another index",         own: undefined, nest: nestOf(loop("i", 5, begun, loop("k", 2, loop("j", 3, store("r", plus(here, times(k, constant(3))), x(here)))))) },
  { title: "scratch that is read before",          own: undefined, nest: nestOf(loop("i", 5, begun, loop("j", 3, store("r", here, load("t", j, "real")), store("t", j, x(here))))) },
  { title: "scratch that is read afterwards",      own: undefined, nest: nestOf(loop("i", 5, begun, loop("j", 3, store("t", j, x(here)))), store("c", constant(0), load("t", constant(0), "real"))) },
  { title: "one place that each row sets",         own: undefined, nest: nestOf(loop("i", 5, begun, store("c", constant(0), sum), added)) },
  { title: "a sum that each row reads",            own: undefined, nest: nestOf(variable("sum"), loop("i", 5, added, store("r", row, sum))) },
  { title: "nothing that a row does once",         own: undefined, nest: nestOf(loop("i", 5, loop("j", 3, store("r", here, x(here))))) },
];

describe("rows across lanes", () => {
  for (const { title, nest, own } of rows)
    it(`${own === undefined ? "are not for" : "are for"} ${title}`, () => {
      const [found] = rowLoops(nest).values();
      expect(found === undefined ? undefined : [...found.own]).to.deep.equal(own);
    });

  it("leave what one row must do after the other to the end of their step", () => {
    const text =
      "s[i,j] = sum(d, X[i,d]*W[d,j]); loss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + 1)))";
    const { nest } = generate(differentiate(parse(text), { wrt: ["W"] }), { target: "wasm" });
    const after = [...rowLoops(nest).values()].flatMap((r) => r.after.map((s) => s.kind));
    expect(after).to.deep.equal(["if"]);
  });

  for (const [precision, within] of [
    ["float64", 1e-14],
    ["float32", 1e-5],
  ] as const)
    it(`give in ${precision} what each row by itself does, whatever their number and length`, () => {
      const derivation = differentiate(parse("loss = sum(i, log(sum(j, exp(s[i,j]))) * s[i,y[i]])"));
      const [js, ours] = [compile(derivation), compile(derivation, { target: "wasm", precision })];
      for (const length of [1, 2, 3, 16, 17])
        for (const count of [0, 1, 2, 3, 4, 5, 7, 8, 11, 19]) {
          const data = Float64Array.from({ length: count * length }, (_, n) => Math.fround(Math.sin(n)));
          const s = { shape: [count, length], data };
          const y = { shape: [count], data: Int32Array.from({ length: count }, (_, n) => (n * 5) % length) };
          const [a, b] = [js({ s, y }), ours({ s, y })];
          const near = (got: number, wanted: number): void =>
            void expect(got, `${count} rows of ${length}`).to.be.closeTo(
              wanted,
              within * (1 + Math.abs(wanted)),
            );
          near(b.value as number, a.value as number);
          const [g, h] = [a, b].map((r) => (r.gradients.s as { data: Float64Array }).data) as [
            Float64Array,
            Float64Array,
          ];
          for (const [n, v] of g.entries()) near(h[n]!, v);
        }
    });

  for (const precision of ["float64", "float32"] as const)
    it(`add up in ${precision} what follows them, over all steps`, () => {
      const text = "p[i,j] = s[i,j] - sum(k, s[i,k]); loss = sum(i, p[i,y[i]]) + sum(i, j, p[i,j]^2)";
      const derivation = differentiate(parse(text), { wrt: [] });
      const [first] = rowLoops(generate(derivation, { target: "wasm" }).nest).values();
      expect(first!.after).not.to.deep.equal([]);
      const kernel = compile(derivation, { target: "wasm", precision });
      // Each row is [1, 0, 0, 0, 0]: p is [0, -1, -1, -1, -1].
      for (const count of [3, 8, 13, 16, 29])
        expect(
          kernel({
            s: Array.from({ length: count }, () => [1, 0, 0, 0, 0]),
            y: Array.from({ length: count }, () => 1),
          }).value,
          `${count} rows`,
        ).to.equal(3 * count);
    });

  for (const extremum of ["max", "min"])
    it(`keep NaN, and the sign of a zero, in a ${extremum} of each row`, () => {
      const derivation = differentiate(parse(`m[i] = w[i] * ${extremum}(j, x[i,j])`), { wrt: ["w"] });
      const [js, ours] = [compile(derivation), compile(derivation, { target: "wasm" })];
      for (const other of [extremum === "max" ? -1 : 1, 0, -0])
        for (const value of [0, -0, NaN])
          for (let place = 0; place < 3; place++) {
            const row = [other, other, other].with(place, value);
            const given = {
              x: [row, [1, 2, 3], row.toReversed(), row, row],
              w: [1, 1, 1, 1, 1],
              dm: [1, 1, 1, 1, 1],
            };
            expect(ours(given).value, `${extremum} of ${row.join(", ")}`).to.deep.equal(js(given).value);
          }
    });
});
