import { expect } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { parse } from "../../lib/parse.ts";
import { windowSizes } from "../../lib/schedule/window-sizes.ts";

// prettier-ignore
const rows: readonly { readonly title: string; readonly text: string; readonly windows: readonly string[] }[] = [
  { title: "a kernel whose places are inferred",               text: "out[p] = sum(r, X[2*p + r] * K[r])",                                  windows: ["K0"] },
  { title: "a kernel with padding",                            text: "out[p] = sum(r, 0 <= p + r - 1 < extent(X, 0), X[p + r - 1] * K[r])", windows: ["K0"] },
  { title: "a kernel that looks back, over all of an axis",    text: "out[t] = sum(r, t - 4*r >= 0, X[t - 4*r] * K[r])",                    windows: ["K0"] },
  { title: "a kernel whose places are fixed by another array", text: "out[p] = B[p] + sum(i, 0 <= p - 2*i < extent(K, 0), X[i] * K[p - 2*i])", windows: ["K0"] },
  { title: "none in a product of matrices",                    text: "out[i,j] = sum(k, A[i,k] * B[k,j])",                                  windows: [] },
  { title: "none in a sum over all that is before",            text: "out[i] = sum(j <= i, X[j])",                                          windows: [] },
];

describe("sizes of windows", () => {
  for (const { title, text, windows } of rows)
    it(`are those of ${title}`, () => {
      const derivation = differentiate(parse(text), { wrt: text.includes("X") ? ["X"] : ["A"] });
      const nest = lowerDerivation(derivation, { style: "fused", describe: () => "" });
      const names = new Map(
        nest.sizes.map(({ name, extent }) => [
          name,
          extent.kind === "axis" ? `${extent.array}${extent.axis}` : extent.kind,
        ]),
      );
      expect([...windowSizes(nest)].map((name) => names.get(name))).to.deep.equal(windows);
    });
});
