import { assert } from "chai";
import { Names } from "../../lib/loop/identifier.ts";
import { call } from "../../lib/loop/integer.ts";
import { constant, load, named, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { gather } from "../../lib/schedule/gather.ts";

const [j, y, C] = [named("j", "int"), named("y", "int"), named("C", "int")];
const shift = named("shift", "real");
const x = load("x", j, "real");
const margin = call("add", x, shift);
const add = (name: string, value: Scalar): Statement => ({ kind: "assign", name, by: "add", value });
const store = (buffer: string, value: Scalar): Statement => ({
  kind: "store",
  buffer,
  offset: j,
  by: "set",
  value,
});
const constantOf = (name: string, value: Scalar): Statement => ({
  kind: "let",
  name,
  type: value.type,
  value,
  mutable: false,
});
const unless = (...yes: Statement[]): Statement => ({ kind: "if", guard: call("ne", j, y), yes, no: [] });
const positive = (value: Scalar): Scalar => call("gt", value, constant(0, "real"));

/** A loop's body, and what it becomes. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly body: readonly Statement[]; readonly lines: readonly string[] }[] = [
  { title: "what is computed twice is computed once, before it is needed",
    body: [add("sum", call("relu", margin)), store("g", margin)],
    lines: ["let value: real = add(x[j], shift)", "sum += relu(value)", "g[j] = value"] },
  { title: "constants of equal value become one, also those of branches",
    body: [unless(constantOf("a", margin), add("sum", named("a", "real"))), constantOf("b", margin), store("g", named("b", "real"))],
    lines: ["let a: real = add(x[j], shift)", "if ne(j, y)", "sum += a", "g[j] = a"] },
  { title: "the largest common value goes first, and what is left is looked at again",
    body: [add("sum", call("relu", margin)), add("count", call("iverson", positive(margin))), store("g", call("relu", margin))],
    lines: ["let value: real = add(x[j], shift)", "let largest: real = relu(value)", "sum += largest", "count += iverson(gt(value, 0))", "g[j] = largest"] },
  { title: "what only branches compute stays there: elsewhere it may not be allowed",
    body: [unless(add("sum", margin), add("sum", margin)), store("g", shift)],
    lines: ["if ne(j, y)", "sum += add(x[j], shift)", "sum += add(x[j], shift)", "g[j] = shift"] },
  { title: "what changes in between is computed again",
    body: [store("x", margin), store("g", margin)],
    lines: ["x[j] = add(x[j], shift)", "g[j] = add(x[j], shift)"] },
  { title: "what depends on a variable of the loop is computed again",
    body: [add("sum", call("mul", named("sum", "real"), shift)), store("g", call("mul", named("sum", "real"), shift))],
    lines: ["sum += mul(sum, shift)", "g[j] = mul(sum, shift)"] },
  { title: "branches of one condition stand together",
    body: [unless(add("sum", x)), store("g", shift), unless(add("count", call("iverson", positive(x))))],
    lines: ["if ne(j, y)", "sum += x[j]", "count += iverson(gt(x[j], 0))", "g[j] = shift"] },
  { title: "but not where the later one reads what was written between them",
    body: [unless(add("sum", x)), store("g", shift), unless(add("sum", load("g", j, "real")))],
    lines: ["if ne(j, y)", "sum += x[j]", "g[j] = shift", "if ne(j, y)", "sum += g[j]"] },
];

describe("what merged loops have in common", () => {
  for (const { title, body, lines } of cases)
    it(`is found: ${title}`, () => {
      const [loop] = gather([{ kind: "for", index: "j", from: constant(0), to: C, body }], new Names());
      const [, ...inner] = printStatements([loop!]).map((line) => line.trim());
      assert.deepEqual(inner, lines);
    });
});
