import { assert } from "chai";
import fc from "fast-check";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { Evaluator } from "../../lib/eval.ts";
import { fixedExtent } from "../../lib/expr/extent.ts";
import { apply, at, index, num, read, reduce, size, type Expr, type Index } from "../../lib/expr/node.ts";
import { wide } from "../../lib/number/wide/wide.ts";
import { parse } from "../../lib/parse.ts";
import { ofVectors } from "../../lib/stable/vectors.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";

const exact = wide(640);
const extent = fixedExtent(3);

/** √Σ a². */
const norm = (a: string, over: Index): Expr => apply("sqrt", squares(a, over));
const squares = (a: string, over: Index): Expr => dot(a, a, over);
const dot = (a: string, b: string, over: Index): Expr => {
  const [x, y] = [read(a, [at(over)]), read(b, [at(over)])];
  return reduce("sum", over, undefined, x === y ? apply("pow", x, num(2)) : apply("mul", x, y));
};
const mean = (a: string, over: Index): Expr =>
  apply("div", reduce("sum", over, undefined, element(a, over)), size(extent));
/** a less its mean. */
const centred = (a: string, k: Index, over: Index): Expr => apply("sub", element(a, k), mean(a, over));
const element = (a: string, k: Index): Expr => read(a, [at(k)]);

/** The differences that have another form, at a free index k, their sums over u and v. */
const forms: Readonly<Record<string, (k: Index, u: Index, v: Index) => Expr>> = {
  "coordinate less its projection": (k, u, v) =>
    apply(
      "sub",
      apply("mul", element("b", k), squares("a", u)),
      apply("mul", element("a", k), dot("a", "b", v)),
    ),
  "difference of directions": (k, u, v) =>
    apply("sub", apply("div", element("a", k), norm("a", u)), apply("div", element("b", k), norm("b", v))),
  "difference of norms": (_, u, v) => apply("sub", norm("a", u), norm("b", v)),
  "one minus a cosine": (k, u, v) =>
    apply("sub", num(1), apply("div", dot("a", "b", k), apply("mul", norm("a", u), norm("b", v)))),
  "residual of a far point": (k, u, v) => {
    const slope = reduce("sum", u, undefined, apply("mul", element("b", u), centred("a", u, v)));
    const spread = reduce("sum", u, undefined, apply("pow", centred("a", u, v), num(2)));
    return apply(
      "sub",
      centred("b", k, u),
      apply("div", apply("mul", centred("a", k, u), slope), apply("add", spread, num(0.5))),
    );
  },
};

const name = fc.constantFrom("i", "j", "k");
const factor = fc.constantFrom(1, 1e-6, 1e6);
const vector = fc.tuple(
  fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }),
  fc.nat(2),
  factor,
);

describe("differences of vectors", () => {
  for (const [row, form] of Object.entries(forms))
    it(`${row} keeps its value, whatever its indices are called`, () => {
      fc.assert(
        fc.property(name, name, name, vector, vector, fc.nat(2), (k, u, v, a, b, place) => {
          const [free, first, second] = [k, u, v].map((n) => index(n, extent)) as [Index, Index, Index];
          const before = form(free, first, second);
          const after = ofVectors(before, (e) => e);
          assert.equal(after?.row, row);
          const tables = new Map(
            Object.entries({ a, b }).map(([of, [data, large, by]]) => {
              const values = data.map((x, n) => exact.fromNumber((x || 1) * (n === large ? by : 1)));
              return [of, { shape: [3], data: values }] as const;
            }),
          );
          const scope = { field: exact, sizes: { axis: () => 3, scalar: () => 3 }, tables };
          const [plain, other] = [before, after!.e].map((e) =>
            new Evaluator(scope).value(e, new Map([[free, place]])),
          );
          const { sub, abs, add } = exact.functions;
          const apart = exact.toNumber(abs(sub(plain!, other!)));
          assert.isAtMost(apart, 1e-60 * exact.toNumber(add(abs(plain!), exact.fromNumber(1))));
        }),
        { seed: 8, numRuns: 150 },
      );
    });

  it("directions that are 0 under a condition are brought together as well", () => {
    const text = [
      "near[i] = sqrt(sum(d, (A[i,d] - P[i,d])^2))",
      "far[i]  = sqrt(sum(d, (A[i,d] - Q[i,d])^2))",
      "loss    = mean(i, near[i] - far[i])",
    ].join("\n");
    const { rewrites } = stabilise(differentiate(parse(text), { wrt: ["A"] }));
    assert.include(
      rewrites.filter((r) => r.definition === "dA").map((r) => r.row),
      "difference of directions",
    );
  });
});
