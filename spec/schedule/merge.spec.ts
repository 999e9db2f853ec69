import { assert } from "chai";
import { constant, load, named, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { call, plus, times } from "../../lib/loop/integer.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { mergeLoops } from "../../lib/schedule/merge.ts";

const [i, j, k, n] = ["i", "j", "k", "N"].map((name) => named(name, "int")) as [
  Scalar,
  Scalar,
  Scalar,
  Scalar,
];
const zero = constant(0, "real");
const at = (buffer: string, offset: Scalar): Scalar => load(buffer, offset, "real");
const variable = (name: string): Statement => ({
  kind: "let",
  name,
  type: "real",
  value: zero,
  mutable: true,
});
const assign = (name: string, by: "add" | "set", value: Scalar): Statement => ({
  kind: "assign",
  name,
  by,
  value,
});
const store = (buffer: string, offset: Scalar, value: Scalar, by: "set" | "add" = "set"): Statement => ({
  kind: "store",
  buffer,
  offset,
  by,
  value,
});
const loop = (index: string, body: readonly Statement[], to: Scalar = n): Statement => ({
  kind: "for",
  index,
  from: constant(0),
  to,
  body,
});
const comment = (text: string): Statement => ({ kind: "comment", text });

const sumOf = (name: string, value: Scalar, index = "j"): Statement =>
  loop(index, [assign(name, "add", value)]);

/** Statements, and how many loops are left of theirs. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly given: readonly Statement[]; readonly loops: number }[] = [
  { title: "two sums over one range are one loop",
    given: [variable("a"), sumOf("a", at("x", j)), variable("b"), sumOf("b", at("x", k), "k")], loops: 1 },
  { title: "three are, too",
    given: [variable("a"), sumOf("a", at("x", j)), variable("b"), sumOf("b", at("x", j)), variable("c"), sumOf("c", at("x", j))], loops: 1 },
  { title: "an array that is read where it is written is there by then",
    given: [variable("a"), loop("j", [store("e", j, at("x", j))]), sumOf("a", at("e", k), "k")], loops: 1 },
  { title: "an array that is read elsewhere is not",
    given: [variable("a"), loop("j", [store("e", j, at("x", j))]), sumOf("a", at("e", plus(j, constant(1))))], loops: 2 },
  { title: "a place that does not move with the index is not one place for each",
    given: [variable("a"), loop("j", [store("e", i, at("x", j))]), sumOf("a", at("e", i))], loops: 2 },
  { title: "an offset by rows moves with the index",
    given: [variable("a"), loop("j", [store("e", plus(times(i, n), j), at("x", j))]), sumOf("a", at("e", plus(times(i, n), j)))], loops: 1 },
  { title: "a sum is complete before it is used",
    given: [variable("a"), sumOf("a", at("x", j)), loop("j", [store("e", j, call("div", at("x", j), named("a", "real")))])], loops: 2 },
  { title: "what is made of a sum in between is, too",
    given: [variable("a"), sumOf("a", at("x", j)), { kind: "let", name: "b", type: "real", value: call("sqrt", named("a", "real")), mutable: false }, loop("j", [store("e", j, named("b", "real"))])], loops: 2 },
  { title: "an element that is put right between two loops keeps them apart",
    given: [variable("a"), loop("j", [store("e", j, at("x", j))]), store("e", i, zero), sumOf("a", at("e", j))], loops: 2 },
  { title: "a variable that is set again in between does as well",
    given: [variable("a"), variable("b"), sumOf("a", at("x", j)), assign("b", "set", zero), sumOf("b", at("x", j))], loops: 2 },
  { title: "loops of other lengths are other loops",
    given: [variable("a"), sumOf("a", at("x", j)), variable("b"), loop("j", [assign("b", "add", at("x", j))], named("M", "int"))], loops: 2 },
  { title: "sums into arrays are left to contractions",
    given: [loop("j", [store("e", j, at("x", j), "add")]), loop("j", [store("f", j, at("x", j), "add")])], loops: 2 },
  { title: "nests over the same ranges are one nest",
    given: [loop("i", [loop("j", [store("e", plus(times(i, n), j), at("x", plus(times(i, n), j)))])]), variable("a"), loop("i", [sumOf("a", at("e", plus(times(i, n), k)), "k")])], loops: 2 },
  { title: "nests whose steps may meet in one place are two",
    given: [loop("i", [loop("j", [store("e", plus(i, j), at("x", plus(times(i, n), j)))])]), variable("a"), loop("i", [sumOf("a", at("e", plus(i, k)), "k")])], loops: 4 },
  { title: "nests that read what is transposed are two",
    given: [loop("i", [loop("j", [store("e", plus(times(i, n), j), at("x", j))])]), variable("a"), loop("i", [sumOf("a", at("e", plus(times(k, n), i)), "k")])], loops: 4 },
  { title: "nests over other ranges are two",
    given: [loop("i", [loop("j", [store("e", plus(times(i, n), j), at("x", j))])]), variable("a"), loop("i", [loop("k", [assign("a", "add", at("e", k))], named("M", "int"))])], loops: 4 },
  { title: "a loop of a few steps in a nest is written out later",
    given: [variable("a"), loop("i", [loop("j", [loop("k", [assign("a", "add", at("x", k))], constant(2))])]), loop("i", [loop("j", [store("e", plus(times(i, n), j), zero)])])], loops: 3 },
  { title: "loops with loops in them are left alone",
    given: [variable("a"), loop("i", [sumOf("a", at("x", j))]), loop("i", [store("e", i, zero)])], loops: 3 },
];

const loopsIn = (statements: readonly Statement[]): number =>
  printStatements(statements).filter((line) => /^ *for /u.test(line)).length;

describe("merging loops", () => {
  for (const { title, given, loops } of cases)
    it(title, () =>
      assert.equal(loopsIn(mergeLoops(given)), loops, printStatements(mergeLoops(given)).join("\n")),
    );

  it("puts what the second loop starts from before the first, and its formula with it", () => {
    const given = [
      variable("a"),
      sumOf("a", at("x", j)),
      assign("total", "add", named("a", "real")),
      comment("b = Σ x"),
      variable("b"),
      sumOf("b", at("x", k), "k"),
      assign("total", "add", named("b", "real")),
    ];
    assert.deepEqual(printStatements(mergeLoops(given)), [
      "var a: real = 0",
      "var b: real = 0",
      "for j from 0 to N",
      "  a += x[j]",
      "  # b = Σ x",
      "  b += x[j]",
      "total += a",
      "total += b",
    ]);
  });
});
