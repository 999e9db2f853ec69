import { assert } from "chai";
import { casesOf } from "../../lib/diff/cases.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { print } from "../../lib/text/print.ts";

/** A program, the definition of its derivation to split, and its cases; undefined where there is none to show. */
type Row = readonly [text: string, name: string, cases: readonly string[] | undefined];

// prettier-ignore
const rows: readonly Row[] = [
  ["loss = sum(r, sum(c != y[r], max(0, q[r,c] - q[r,y[r]] + 1)))", "dq",
    ["-sum(c != y[r], [q[r,c] - q[r,y[r]] + 1 > 0])", "[q[r,?] - q[r,y[r]] + 1 > 0]"]],
  ["loss = sum(r, logsumexp(c, q[r,c]) - q[r,y[r]])", "dq", ["p[r,y[r]] - 1", "p[r,?]"]],
  ["loss = sum(r, q[r,y[r]]^2)",                      "dq", ["2 * q[r,y[r]]", "0"]],
  ["loss = sum(r, c, q[r,c]^2)",                      "dq", undefined],
  // Which of two labels: there is no single split.
  ["loss = sum(r, q[r,y[r]] - q[r,z[r]])",            "dq", undefined],
  // An equality that fixes no index of the definition.
  ["out[r] = (y[r] == 0 ? 1 : 2) * v[r]",             "dv", undefined],
];

describe("the case split of a definition", () => {
  for (const [text, name, expected] of rows)
    it(`of ${name} for ${text}`, () => {
      const program = parse(text);
      const definition = differentiate(program).definitions.find((d) => d.name === name)!;
      const [row, column = row] = definition.indices.map((i) => i.name);
      const cases = casesOf(program, definition);
      const shown = cases?.map(({ body }) => print(body).replaceAll(`[${row},${column}]`, "[r,?]"));
      assert.deepEqual(shown, expected);
      if (cases !== undefined)
        assert.deepEqual(
          cases.map(({ condition }) => print(condition)),
          [`${column} == y[${row}]`, `${column} != y[${row}]`],
        );
    });
});
