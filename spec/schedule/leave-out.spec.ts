import { assert } from "chai";
import { call, plus, times } from "../../lib/loop/integer.ts";
import { constant, load, named, type Buffer, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { leaveOut } from "../../lib/schedule/leave-out.ts";

const [i, j, y, C] = ["i", "j", "y_i", "C"].map((name) => named(name, "int")) as [
  Scalar,
  Scalar,
  Scalar,
  Scalar,
];
const zero = constant(0, "real");
const at = (buffer: string, k: Scalar): Scalar => load(buffer, plus(times(i, C), k), "real");
const store = (k: Scalar, value: Scalar): Statement => ({
  kind: "store",
  buffer: "g",
  offset: plus(times(i, C), k),
  by: "set",
  value,
});
const add = (value: Scalar): Statement => ({ kind: "assign", name: "sum", by: "add", value });
const unless = (...yes: Statement[]): Statement => ({ kind: "if", guard: call("ne", j, y), yes, no: [] });
const own: Statement = { kind: "let", name: "own", type: "real", value: at("x", y), mutable: false };
const axis = (n: number) => ({ kind: "axis", array: "x", axis: n }) as const;
const buffer = (name: string, role: Buffer["role"]): Buffer => ({
  name,
  of: name,
  role,
  type: "real",
  shape: [axis(0), axis(1)],
});

const rowOf = (body: readonly Statement[]): readonly string[] => {
  const { body: made } = leaveOut({
    sizes: [
      { name: "N", extent: axis(0) },
      { name: "C", extent: axis(1) },
    ],
    parameters: [],
    buffers: [
      buffer("x", "input"),
      { name: "y", of: "y", role: "input", type: "int", shape: [axis(0)] },
      buffer("g", "result"),
    ],
    door: [],
    body: [
      { kind: "let", name: "sum", type: "real", value: zero, mutable: true },
      { kind: "fill", buffer: "g", value: zero },
      {
        kind: "for",
        index: "i",
        from: constant(0),
        to: named("N", "int"),
        body: [
          { kind: "let", name: "y_i", type: "int", value: load("y", i, "int"), mutable: false },
          ...body,
        ],
      },
    ],
    results: [{ wrt: undefined, name: "sum", scalar: true, type: "real" }],
  });
  return printStatements(made)
    .slice(4)
    .map((line) => line.trim());
};
const loop = (body: readonly Statement[], from = 0): Statement => ({
  kind: "for",
  index: "j",
  from: constant(from),
  to: C,
  body,
});

const jumps = ["for n from 0 to sub(C, 1)", "# every j but y_i", "let j: int = add(n, iverson(ge(n, y_i)))"];
const x = "x[add(mul(i, C), j)]";

/** The statements of a row, and what they become; nothing where they stay as they are. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly body: readonly Statement[]; readonly lines?: readonly string[] }[] = [
  { title: "jumps over a place that everything in it leaves out",
    body: [own, loop([unless(add(at("x", j)))])],
    lines: ["let own: real = x[add(mul(i, C), y_i)]", ...jumps, `sum += ${x}`] },
  { title: "jumps over a place whose element is written afterwards",
    body: [loop([unless(add(at("x", j))), store(j, at("x", j))]), store(y, zero)],
    lines: [...jumps, `sum += ${x}`, `g[add(mul(i, C), j)] = ${x}`, "g[add(mul(i, C), y_i)] = 0"] },
  { title: "gives constants of branches names of their own",
    body: [own, loop([
      unless({ kind: "let", name: "t", type: "real", value: at("x", j), mutable: false }, add(named("t", "real"))),
      unless({ kind: "let", name: "t", type: "real", value: call("neg", at("x", j)), mutable: false }, add(named("t", "real")))])],
    lines: ["let own: real = x[add(mul(i, C), y_i)]", ...jumps, `let t: real = ${x}`, "sum += t", `let t2: real = neg(${x})`, "sum += t2"] },
  { title: "comes to a place where something is added up that does not leave it out",
    body: [own, loop([unless(add(at("x", j))), add(at("x", j))])] },
  { title: "comes to a place whose element nobody writes afterwards",
    body: [own, loop([unless(add(at("x", j))), store(j, at("x", j))])] },
  { title: "comes to a place whose element is read before it is written again",
    body: [loop([unless(add(at("x", j))), store(j, at("x", j))]), add(at("g", y)), store(y, zero)] },
  { title: "comes to a place whose element an update needs",
    body: [loop([unless(add(at("x", j))), store(j, at("x", j))]), { ...store(y, at("x", y)), by: "add" } as Statement] },
  { title: "comes to a place of which it is not known that it is one of its own",
    body: [loop([unless(add(at("x", j)))])] },
  { title: "comes to a place that an element beside it shows to be inside only sometimes",
    body: [{ kind: "let", name: "own", type: "real", value: { kind: "select", type: "real", guard: call("ge", y, constant(0)), yes: at("x", y), no: zero }, mutable: false },
      loop([unless(add(at("x", j)))])] },
  { title: "comes to a place when it does not begin at 0",
    body: [own, loop([unless(add(at("x", j)))], 1)] },
];

describe("a loop with a condition that leaves one place out", () => {
  for (const { title, body, lines } of cases)
    it(title, () => {
      const before = printStatements(body).map((line) => line.trim());
      assert.deepEqual(rowOf(body), lines ?? before);
    });
});
