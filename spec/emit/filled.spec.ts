import { assert } from "chai";
import { filled } from "../../lib/emit/filled.ts";
import { plus, times } from "../../lib/loop/integer.ts";
import { constant, named, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { printScalar } from "../../lib/loop/print.ts";

type Loop = Extract<Statement, { kind: "for" }>;

const [n, i, j, k, N, M] = ["n", "i", "j", "k", "N", "M"].map((name) => named(name, "int")) as [
  Scalar,
  Scalar,
  Scalar,
  Scalar,
  Scalar,
  Scalar,
];
const zero = constant(0, "real");

const loop = (index: string, to: Scalar, body: Statement, from: Scalar = constant(0)): Loop => ({
  kind: "for",
  index,
  from,
  to,
  body: [body],
});
const store = (offset: Scalar, value: Scalar = zero, by: "set" | "add" = "set"): Statement => ({
  kind: "store",
  buffer: "x",
  offset,
  by,
  value,
});
const place = plus(times(plus(times(n, N), i), M), j);

// prettier-ignore
const cases: readonly { readonly title: string; readonly given: Loop; readonly range: readonly string[] | undefined }[] = [
  { title: "rows side by side",               given: loop("i", N, loop("j", M, store(place))),                      range: ["mul(mul(n, M), N)", "add(mul(mul(n, M), N), mul(M, N))"] },
  { title: "one row alone",                   given: loop("j", M, store(place)),                                    range: undefined },
  { title: "rows with gaps between them",     given: loop("i", N, loop("j", k, store(place))),                      range: undefined },
  { title: "columns before rows",             given: loop("j", M, loop("i", N, store(place))),                      range: undefined },
  { title: "rows from the second place on",   given: loop("i", N, loop("j", M, store(place), constant(1))),         range: undefined },
  { title: "numbers that are not all one",    given: loop("i", N, loop("j", M, store(place, named("a", "real")))), range: undefined },
  { title: "what is added",                   given: loop("i", N, loop("j", M, store(place, zero, "add"))),         range: undefined },
];

describe("loops that fill", () => {
  for (const { title, given, range } of cases)
    it(`${title}: ${range === undefined ? "stay loops" : "are one call"}`, () => {
      const all = filled(given);
      assert.deepEqual(all && [printScalar(all.from), printScalar(all.to)], range && [...range]);
    });
});
