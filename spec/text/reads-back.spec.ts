import { assert } from "chai";
import { bind } from "../../lib/bind.ts";
import { catalogue } from "../../lib/catalogue.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { evaluate } from "../../lib/eval.ts";
import type { Program } from "../../lib/expr/program.ts";
import { double } from "../../lib/number/double.ts";
import { parse } from "../../lib/parse.ts";
import { printProgram } from "../../lib/text/print.ts";
import { randomGiven, type PointOptions } from "../diff/points.ts";
import { programs } from "../diff/programs.ts";

/** The closed form, printed and read again, has every value that it had, at a point. */
function assertReadsBack(
  program: Program,
  options: PointOptions & { readonly wrt?: readonly string[] },
): void {
  const derivation = differentiate(program, options.wrt ? { wrt: options.wrt } : {});
  const text = printProgram(derivation.definitions, derivation);
  const again = parse(text);
  const given = randomGiven(derivation, 7, options);
  const before = evaluate(derivation.definitions, bind(derivation, given), double);
  const after = evaluate(again.definitions, bind(again, given, { allowExtra: true }), double);
  for (const [name, { shape, data }] of before) {
    const other = after.get(name)!;
    assert.deepEqual(other.shape, shape, `the shape of ${name} in\n${text}`);
    for (const [n, x] of data.entries())
      assert.isTrue(
        Object.is(x, other.data[n]!) || Math.abs(x - other.data[n]!) <= 1e-12 * (1 + Math.abs(x)),
        `${name}[${n}] is ${other.data[n]!}, not ${x}, in\n${text}`,
      );
  }
}

describe("a closed form", () => {
  for (const { title, text, ...options } of programs)
    it(`reads back: ${title}`, () => assertReadsBack(parse(text), options));

  for (const [name, { text }] of Object.entries(catalogue))
    it(`reads back: ${name}`, () => assertReadsBack(parse(text), {}));

  // prettier-ignore
  const bounded: readonly (readonly [what: string, text: string, line: RegExp])[] = [
    ["labels alone say where it is not 0",   "loss = sum(n, E[h[n],0]^2)",                                          /^dE\[i < extent\(E, 0\),j < extent\(E, 1\)\] /mu],
    ["an index is a value",                  "loss = sum(p, sum(k, max(0, 1 - abs(q[p] - k)) * x[k]))",               /^dx\[k < extent\(x, 0\)\] /mu],
    ["a guard is gone that held always",     "m[p] = sum(r < 3, X[p + r])\nloss = sum(p, m[p]^2)",                    /^m\[p\] += sum\(r < 3, X\[p \+ r\]\)$/mu],
    ["two guards are gone",                  "m[p,q] = sum(r < 3, s < 2, X[p + r,q + s])\nloss = sum(p, q, m[p,q]^2)", /sum\(r < 3, s < 2, X\[p \+ r,q \+ s\]\)/u],
    ["an index would be taken for a target", "m[p,q] = sum(r, t, r < 3, t < 5, X[p + r,q + t])\nloss = sum(p, q, m[p,q]^2)", /sum\(r, t, r < 3, t < 5, X/u],
    ["a series has no arrays",               "loss = sum(n < 6, k^n / prod(m < 6, m < n, m + 1))",                    /^product\[n < 6\] /mu],
    ["upstream is longer",                   "z[i] = i < extent(A, 0) ? A[i] : B[i - extent(A, 0)]",                 /^dA\[i < extent\(A, 0\)\] += dz\[i\]$/mu],
    ["a sum counts pairs",                   "loss = mean(i, j, i < j, (x[i] - x[j])^2)",                             /sum\(i, j, i < extent\(x, 0\), \[j > i\]\)/u],
  ];
  for (const [what, text, line] of bounded)
    it(`says what an index runs to where ${what}`, () => {
      const derivation = differentiate(parse(text));
      assert.match(printProgram(derivation.definitions, derivation), line);
      assertReadsBack(parse(text), {});
    });
});
