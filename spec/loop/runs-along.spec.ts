import { assert } from "chai";
import type { Node } from "../../lib/expr/node.ts";
import { runsAlong } from "../../lib/loop/runs-along.ts";
import { parse } from "../../lib/parse.ts";

/** Reductions in an element of k and d, and the index that they run along. */
// prettier-ignore
const cases: readonly { readonly text: string; readonly along: string | undefined }[] = [
  { text: "sum(t >= k, g[t] * w[d])",             along: "k" },
  { text: "sum(t > k, g[t] * w[d])",              along: "k" },
  { text: "sum(t <= k, g[t] * w[d])",             along: "k" },
  { text: "max(t < k, g[t] * w[d])",              along: "k" },
  { text: "sum(t, g[t] * w[d] * u[k])",           along: undefined },
  { text: "sum(t >= k, g[t] * w[d] * u[k])",      along: undefined },
  { text: "sum(t >= k + 2, g[t] * w[d])",         along: undefined },
  { text: "sum(t >= 2*k, g[t] * w[d])",           along: undefined },
  { text: "sum(t, k <= t and t < k + 3, g[t]*w[d])", along: undefined },
  { text: "sum(t, t >= k and g[t] > 0, g[t]*w[d])",  along: "k" },
  { text: "sum(t, t >= k and g[t] > u[k], g[t]*w[d])", along: undefined },
];

describe("reductions that run along an index", () => {
  for (const { text, along } of cases)
    it(`${text} runs along ${along ?? "none"}`, () => {
      const [out] = parse(`out[k,d] = ${text} + 0*u[k]`).definitions;
      const parts = out!.body.kind === "apply" ? out!.body.args : [out!.body];
      const reduction = parts.find((e): e is Node<"reduce"> => e.kind === "reduce");
      assert.equal(runsAlong(reduction!, out!.indices)?.name, along);
    });
});
