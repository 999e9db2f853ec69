import { assert } from "chai";
import { axisExtent } from "../../lib/expr/extent.ts";
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
