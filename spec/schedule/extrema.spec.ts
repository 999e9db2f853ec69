import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { verify } from "../../lib/loop/verify.ts";
import { parse } from "../../lib/parse.ts";
import { chooseExtrema } from "../../lib/schedule/extrema.ts";
import { scheduleNest } from "../../lib/schedule/schedule.ts";

const bodyOf = (text: string): string => {
  const nest = chooseExtrema(scheduleNest(lowerDerivation(differentiate(parse(text)), { style: "fused" })));
  verify(nest);
  return printStatements(nest.body).join("\n");
};

/** Extrema, and whether they are found without branches. */
// prettier-ignore
const cases: readonly { readonly text: string; readonly without: boolean }[] = [
  { text: "out[p] = max(r < 2, x[2*p + r])",                                 without: true },
  { text: "out[p] = min(r < 4, x[4*p + r])",                                 without: true },
  { text: "out[p] = argmax(r < 3, x[3*p + r]) * v[p]",                       without: true },
  { text: "out[p] = argmin(r < 2, x[2*p + r]) * v[p]",                       without: true },
  { text: "out[p,q] = max(r < 2, s < 2, X[2*p + r,2*q + s])",                without: true },
  { text: "out[p] = max(r < 5, x[5*p + r])",                                 without: false },
  { text: "out[p] = max(r < 2, x[2*p + r]^2)",                               without: false },
  { text: "out[i] = max(r, X[i,r])",                                         without: false },
];

/** Numbers that compare in every way. */
const numbers = [-Infinity, -1, 0, 2, Infinity, NaN];

/** All rows of so many of them. */
const rows = (length: number): readonly (readonly number[])[] =>
  length === 0 ? [[]] : rows(length - 1).flatMap((row) => numbers.map((x) => [...row, x]));

/** The position that an extremum is at: the first NaN counts as the extremum. */
function place(row: readonly number[], most: boolean): number {
  const nan = row.findIndex((x) => Number.isNaN(x));
  return nan >= 0 ? nan : row.indexOf(most ? Math.max(...row) : Math.min(...row));
}

describe("extrema of a few elements", () => {
  for (const { text, without } of cases)
    it(`${text} is found ${without ? "without branches" : "as it stands"}`, () => {
      assert.equal(/(?:max|min)=|or\(lt/u.test(bodyOf(text)), !without);
    });

  it("compare with the same elements once", () => {
    const body = bodyOf("out[p] = max(r < 2, x[2*p + r]) * v[argmax(r < 2, x[2*p + r])]");
    assert.lengthOf(body.match(/iverson\(not/gu)!, 1, body);
  });

  for (const target of ["js", "wasm"] as const)
    for (const length of [2, 3, 4])
      for (const op of ["max", "min"] as const)
        it(`are what they are for all orders of ${length} numbers: ${op}, ${target}`, () => {
          const all = rows(length);
          const x = { shape: [all.length * length], data: Float64Array.from(all.flat()) };
          const v = { shape: [all.length], data: new Float64Array(all.length).fill(1) };
          const run = (text: string, given: Readonly<Record<string, typeof x>>): Float64Array => {
            const { value } = compile(differentiate(parse(text)), { target, style: "fused" })(given);
            assert(typeof value === "object");
            return value.data;
          };
          const read = `r < ${length}, x[${length}*p + r]`;
          const values = run(`out[p] = ${op}(${read})`, { x, dout: v });
          const places = run(`out[p] = v[p] * arg${op}(${read})`, { x, v, dout: v });
          for (const [n, row] of all.entries()) {
            assert.strictEqual(places[n], place(row, op === "max"), `${row}`);
            assert.deepEqual(values[n], row[place(row, op === "max")], `${row}`);
          }
        });
});
