import { assert } from "chai";
import { bind } from "../../lib/bind.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import { asIs, assertClose, reference } from "../reference.ts";
import { interpret } from "./interpret.ts";

/** Definitions with sums over all columns and over some, and how many loops over columns they need. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly text: string; readonly loops: number }[] = [
  { title: "a sum over all is that over all but one, and one more",
    text: "t[i] = sum(j, x[i,j]^2); r[i] = sum(j != y[i], x[i,j]^2); loss = sum(i, t[i]*r[i]*x[i,y[i]])", loops: 1 },
  { title: "whichever comes first",
    text: "r[i] = sum(j != y[i], x[i,j]^2); t[i] = sum(k, x[i,k]^2); loss = sum(i, t[i]*r[i]*x[i,y[i]])", loops: 1 },
  { title: "sums of other terms are sums of their own",
    text: "t[i] = sum(j, x[i,j]^3); r[i] = sum(j != y[i], x[i,j]^2); loss = sum(i, t[i]*r[i]*x[i,y[i]])", loops: 2 },
  { title: "a label that may be out of range leaves nothing out",
    text: "t[i] = sum(j, x[i,j]^2); r[i] = sum(j != y[i], x[i,j]^2); loss = sum(i, t[i]*r[i])", loops: 2 },
  { title: "two conditions leave out more than one",
    text: "t[i] = sum(j, x[i,j]^2); r[i] = sum(j, j != y[i] and j != 0, x[i,j]^2); loss = sum(i, t[i]*r[i]*x[i,y[i]])", loops: 2 },
];

const x = { shape: [3, 4], data: [1, -2, 3, 0.5, 4, 5, -6, 7, 0.25, 0, 0, 2] };

describe("sums over all but one value of an index", () => {
  for (const { title, text, loops } of cases)
    it(title, () => {
      const derivation = asIs(parse(text));
      const nest = lowerDerivation(derivation, { style: "fused" });
      const lines = printStatements(nest.body);
      assert.equal(lines.filter((line) => /^ +for /u.test(line)).length, loops, lines.join("\n"));
      for (const y of [
        [0, 1, 2],
        [3, 3, 0],
      ]) {
        const given = { x, y: { shape: [3], data: y } };
        const [value] = interpret(nest, bind(derivation, given));
        assertClose(value![0]!, reference(derivation, given).get("value")!, "loss");
      }
    });
});
