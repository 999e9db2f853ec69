import { assert } from "chai";
import { axisExtent } from "../../lib/expr/extent.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { compile } from "../../lib/compile.ts";
import { evaluate } from "../../lib/eval.ts";
import { bind } from "../../lib/bind.ts";
import { wide } from "../../lib/number/wide/wide.ts";
import { ulps } from "../../lib/number/ulp.ts";
import { parse } from "../../lib/parse.ts";
import { apply, at, index, num, read, reduce, where } from "../../lib/expr/node.ts";
import { terms, type Terms } from "../../lib/loop/reduction.ts";

const rows = axisExtent("terms_x", 0);
const [i, j] = [index("i", rows), index("j", rows)];
const [xi, xj] = [read("terms_x", [at(i)]), read("terms_x", [at(j)])];
const positive = apply("gt", xi, num(0));

// prettier-ignore
const cases: readonly { readonly title: string; readonly sum: Parameters<typeof terms>[0]; readonly terms: Terms }[] = [
  { title: "of nested sums are those of one sum",
    sum: { op: "sum", over: i, guard: undefined, body: reduce("sum", j, apply("ne", at(i), at(j)), xj) },
    terms: { indices: [i, j], guard: [apply("ne", at(i), at(j))], body: xj } },
  { title: "of a sum in a sum over the same index stay apart",
    sum: { op: "sum", over: i, guard: undefined, body: reduce("sum", i, undefined, xi) },
    terms: { indices: [i], guard: [], body: reduce("sum", i, undefined, xi) } },
  { title: "of a sum whose index the guard around it means otherwise stay apart",
    sum: { op: "sum", over: j, guard: positive, body: reduce("sum", i, undefined, xi) },
    terms: { indices: [j], guard: [positive], body: reduce("sum", i, undefined, xi) } },
  { title: "that are 0 but for a condition are guarded by it",
    sum: { op: "sum", over: i, guard: undefined, body: where(positive, xi, num(0)) },
    terms: { indices: [i], guard: [positive], body: xi } },
  { title: "of a sum of indicators are counted",
    sum: { op: "sum", over: i, guard: undefined, body: apply("iverson", positive) },
    terms: { indices: [i], guard: [positive], body: num(1) } },
  { title: "of a product are left alone",
    sum: { op: "prod", over: i, guard: undefined, body: where(positive, xi, num(0)) },
    terms: { indices: [i], guard: [], body: where(positive, xi, num(0)) } },
];

describe("the terms of a reduction", () => {
  for (const row of cases) it(`${row.title}`, () => assert.deepEqual(terms(row.sum), row.terms));
});

describe("a compensated sum and one term more", () => {
  // Σ_j e[j] is Σ_{j ≠ y} e[j] and e[y]: rounded twice, shares by it are 2.1 ulp off here.
  const text = "loss = mean(i, log(sum(j, exp(s[i,j]))) - s[i,y[i]])";
  const given = {
    s: { shape: [1, 4], data: [1.29, -0.65, 0.51, 0.8] },
    y: { shape: [1], data: [1] },
  };
  for (const target of ["js", "wasm"] as const)
    it(`is rounded about once in ${target}`, () => {
      const derivation = differentiate(parse(text), { wrt: ["s"] });
      const field = wide(320);
      const exact = evaluate(derivation.definitions, bind(derivation, given), field).get("ds")!.data;
      const got = compile(derivation, { stable: true, style: "fused", target })(given).gradients["s"];
      assert.isObject(got);
      const data = [...(typeof got === "object" ? got.data : [])];
      assert.isBelow(Math.max(...data.map((x, n) => ulps(x, exact[n]!, field))), 1.5);
    });
});
