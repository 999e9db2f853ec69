import { assert } from "chai";
import { index, type Index } from "../../lib/expr/node.ts";
import { fixedExtent } from "../../lib/expr/extent.ts";
import { ordered } from "../../lib/loop/order.ts";
import { parse } from "../../lib/parse.ts";

// The guard of a sum over p and r, which both have these as free indices.
const conditions = (guard: string) => {
  const program = parse(`f[p < 5, r < 5] = ${guard} ? x[p] : x[r]`);
  const { body, indices } = program.definitions[0]!;
  if (body.kind !== "where" || body.guard.kind !== "apply") throw new Error("it is a choice");
  const all = body.guard.op === "and" ? body.guard.args : [body.guard];
  return { all, indices };
};
const names = (of: readonly Index[]): string => of.map((i) => i.name).join(", ");

describe("ordered", () => {
  // prettier-ignore
  const cases: readonly (readonly [guard: string, order: string])[] = [
    ["p + r < 3",                        "p, r"],
    ["p >= M[r] and r > 0",              "r, p"],
    ["r >= M[p]",                        "p, r"],
    ["p >= M[r] and r >= L[p]",          "r, p"],
    ["r >= L[p] and p >= M[r]",          "r, p"],
  ];
  for (const [guard, order] of cases)
    it(`has loops over ${order} for ${guard}`, () => {
      const { all, indices } = conditions(guard.replaceAll(/[LM]\[(.)\]/g, "count(k < 4, m[k] > $1)"));
      assert.equal(names(ordered(indices, all)), order);
    });

  it("leaves out no index and has none twice", () => {
    const all = ["a", "b", "c"].map((name) => index(name, fixedExtent(3)));
    assert.deepEqual(ordered(all, []), all);
  });
});
