import { assert } from "chai";
import { constant, load, named, type Statement } from "../../lib/loop/nest.ts";
import { commute, writtenAnew } from "../../lib/schedule/effects.ts";

const at = (index: number) => constant(index, "int");
const set = (buffer: string, value = constant(1, "real")): Statement => ({
  kind: "store",
  buffer,
  offset: at(0),
  by: "set",
  value,
});
const add = (buffer: string): Statement => ({ ...set(buffer), by: "add" }) as Statement;
const read = (buffer: string): Statement => set("other", load(buffer, at(0), "real"));
const when = (yes: readonly Statement[], no: readonly Statement[] = []): Statement => ({
  kind: "if",
  guard: constant(1, "bool"),
  yes,
  no,
});
const loop = (body: readonly Statement[]): Statement => ({
  kind: "for",
  index: "i",
  from: at(0),
  to: named("N", "int"),
  body,
});

describe("effects of statements", () => {
  // prettier-ignore
  const anew: readonly (readonly [what: string, statements: readonly Statement[], anew: boolean])[] = [
    ["stored, then read",             [set("a"), read("a")],                        true],
    ["filled",                        [{ kind: "fill", buffer: "a", value: at(0) }], true],
    ["stored in a loop",              [loop([set("a")]), add("a")],                 true],
    ["stored whatever holds",         [when([set("a")], [set("a")]), read("a")],    true],
    ["stored where a condition holds", [when([set("a")]), read("a")],               false],
    ["read first",                    [read("a"), set("a")],                        false],
    ["added to",                      [add("a")],                                   false],
    ["read by what is stored in it",  [set("a", load("a", at(1), "real"))],         false],
    ["never touched",                 [set("b")],                                   false],
  ];
  for (const [what, statements, expected] of anew)
    it(`tell whether a buffer is written anew: ${what}`, () =>
      assert.equal(writtenAnew(statements, "a"), expected));

  // prettier-ignore
  const pairs: readonly (readonly [what: string, a: Statement, b: Statement, commute: boolean])[] = [
    ["two reads",                       read("a"), set("b"),                     true],
    ["a store and a read of it",        set("a"), read("a"),                     false],
    ["a read and a store after it",     read("a"), set("a"),                     false],
    ["two stores to one buffer",        set("a"), set("a"),                      false],
    ["loops over one index",            loop([set("a")]), loop([set("b")]),      true],
    ["a constant and what reads it",    { kind: "let", name: "x", type: "real", value: at(1), mutable: false }, set("a", named("x", "real")), false],
  ];
  for (const [what, a, b, expected] of pairs)
    it(`tell whether statements may change places: ${what}`, () => assert.equal(commute([a], [b]), expected));
});
