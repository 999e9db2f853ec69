import { expect } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { parse } from "../../lib/parse.ts";
import { onlyAdded } from "../../lib/wasm/vector/only-added.ts";

// prettier-ignore
const rows: readonly { readonly text: string; readonly wrt: string; readonly names: readonly string[] }[] = [
  { text: "loss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + Delta)))", wrt: "s", names: ["largest"] },
  { text: "loss = sum(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + 1)^2))",    wrt: "s", names: [] },
  { text: "r[i] = max(0, x[i])",                                                 wrt: "x", names: [] },
  { text: "r[i] = 1 / max(0, x[i])",                                             wrt: "x", names: [] },
];

describe("constants that are only added", () => {
  for (const { text, wrt, names } of rows)
    it(`${names.length === 0 ? "are not found" : "are found"} in ${text}`, () => {
      const { nest } = generate(differentiate(parse(text), { wrt: [wrt] }), { target: "wasm" });
      expect([...onlyAdded(nest)]).to.deep.equal(names);
    });
});
