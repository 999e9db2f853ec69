import { assert } from "chai";
import type { Bound } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";
import { print } from "../../lib/text/print.ts";

/** `s.1: y[i] over i where y[i] >= 0`. */
function written({ array, axis, subscript, over, guard }: Bound): string {
  const range = over.length > 0 ? ` over ${over.map((i) => i.name).join()}` : "";
  return `${array}.${axis}: ${print(subscript)}${range}${guard ? ` where ${print(guard)}` : ""}`;
}

// prettier-ignore
const rows: readonly (readonly [text: string, ...expected: string[]])[] = [
  ["sum(i, d, X[i,d]^2)"],
  ["sum(i, S[i,i])"],
  ["sum(i, s[i,y[i]])",                                  "s.1: y[i] over i"],
  ["sum(i, j != y[i], s[i,j] - s[i,y[i]])",              "s.1: y[i] over i"],
  ["sum(i, y[i] >= 0, s[i,y[i]])",                       "s.1: y[i] over i where y[i] >= 0"],
  ["sum(i, y[i] >= 0 ? s[i,y[i]] : 0)",                  "s.1: y[i] over i where y[i] >= 0"],
  ["sum(i, y[i] < 0 ? 0 : s[i,y[i]])",                   "s.1: y[i] over i where not y[i] < 0"],
  ["sum(i, y[i] >= 0 and s[i,y[i]] > 0, x[i])",          "s.1: y[i] over i where y[i] >= 0"],
  ["sum(i, y[i] < 0 or s[i,y[i]] > 0, x[i])",            "s.1: y[i] over i where not y[i] < 0"],
  ["sum(i, m[i] > 0, s[i,y[i]])",                        "s.1: y[i] over i where m[i] > 0"],
  ["sum(i, [y[i] >= 0] * s[i,y[i]])",                    "s.1: y[i] over i"],
  ["sum(i, s[i,y[p[i]]])",                               "y.0: p[i] over i", "s.1: y[p[i]] over i"],
  ["t[i] = y[p[i]]; sum(i, s[i,t[i]])",                  "y.0: p[i] over i", "s.1: y[p[i]] over i"],
  ["sum(i, s[i,y[i]] - s[i,z[i]])",                      "s.1: y[i] over i", "s.1: z[i] over i"],
  ["sum(i, s[i,y[i]]) * sum(i, y[i] > 0, s[i,y[i]])",    "s.1: y[i] over i"],
  ["sum(i, s[i,3])",                                     "s.1: 3"],
  ["s[t] - s[0]",                                        "s.0: t", "s.0: 0"],
  ["sum(i, s[i,argmax(j, s[i,j])])"],
  ["b[i] = argmax(j, s[i,j]); sum(i, v[i,b[i] + 1])",    "v.1: j + 1 over j"],
  ["ok[i] = y[i] >= 0; sum(i, ok[i], s[i,y[i]])",        "s.1: y[i] over i where y[i] >= 0"],
  ["h[i] = x[i] > 0; sum(i, h[i], s[i,y[i]])",           "s.1: y[i] over i where x[i] > 0"],
  ["h[i] = x[i] * 2; sum(i, h[i] > 0, s[i,y[i]])",       "s.1: y[i] over i"],
  ["sum(i, t, t < len[i], x[i,a[i,t]])",                    "x.1: a[i,t] over i,t where t < len[i]"],
  ["sum(i, j < y[i], x[i,j] * q[y[i]])",                 "q.0: y[i] over i,j where j < y[i]"],
  ["sum(i, x[i+1] - x[i])",                              "x.0: i + 1 over i", "x.0: i over i"],
  ["sum(r, 0 <= p0 + r - 1 < extent(X,0), X[p0+r-1] * K[r])", "X.0: p0 + r - 1 over r where 0 <= p0 + r - 1 < extent(X, 0)"],
  ["a[i] = x[i+1]; sum(i, a[i] * b[i])",                 "x.0: i + 1 over i", "b.0: i over i"],
];

describe("bounds", () => {
  for (const [text, ...expected] of rows)
    it(`asks for ${expected.length === 0 ? "nothing" : expected.join("; ")} in ${text}`, () =>
      assert.deepEqual(parse(text).bounds.map(written), expected));

  it("has a place in the text", () => {
    const [bound] = parse("sum(i, s[i,y[i]])").bounds;
    assert.deepEqual([bound?.place?.line, bound?.place?.column], [1, 12]);
  });
});
