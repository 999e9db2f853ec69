import { assert } from "chai";
import { constant, load, named, select, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { call } from "../../lib/loop/integer.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { reuseElements } from "../../lib/schedule/reuse.ts";
import type { Buffer } from "../../lib/loop/nest.ts";

const [j, C] = [named("j", "int"), named("C", "int")];
const at = (buffer: string, offset: Scalar = j): Scalar => load(buffer, offset, "real");
const add = (value: Scalar): Statement => ({ kind: "assign", name: "sum", by: "add", value });
const store = (buffer: string, value: Scalar): Statement => ({
  kind: "store",
  buffer,
  offset: j,
  by: "set",
  value,
});
const positive = (value: Scalar): Scalar => call("gt", value, constant(0, "real"));
const axis = { kind: "axis", array: "x", axis: 0 } as const;
const buffer = (name: string, role: Buffer["role"]): Buffer => ({
  name,
  of: name,
  role,
  type: "real",
  shape: [axis],
});

const bodyOf = (body: readonly Statement[]): readonly string[] => {
  const { body: made } = reuseElements({
    sizes: [{ name: "C", extent: axis }],
    parameters: [],
    buffers: [buffer("x", "input"), buffer("z", "input"), buffer("e", "scratch"), buffer("g", "result")],
    door: [],
    body: [
      { kind: "let", name: "sum", type: "real", value: constant(0, "real"), mutable: true },
      { kind: "fill", buffer: "e", value: constant(0, "real") },
      { kind: "fill", buffer: "g", value: constant(0, "real") },
      { kind: "for", index: "j", from: constant(0), to: C, body },
    ],
    results: [{ wrt: undefined, name: "sum", scalar: true, type: "real" }],
  });
  return printStatements(made)
    .slice(4)
    .map((line) => line.trim());
};

/** A loop's body, and what it becomes. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly body: readonly Statement[]; readonly lines: readonly string[] }[] = [
  { title: "what is read twice is read once",
    body: [add(at("x")), store("g", at("x"))],
    lines: ["let x_j: real = x[j]", "sum += x_j", "g[j] = x_j"] },
  { title: "what is read at a place that the index leads to is called after that place",
    body: [{ kind: "let", name: "k", type: "int", value: call("sub", j, constant(0)), mutable: false }, add(at("x", named("k", "int"))), store("g", at("x", named("k", "int")))],
    lines: ["let k: int = sub(j, 0)", "let x_k: real = x[k]", "sum += x_k", "g[j] = x_k"] },
  { title: "what is read once is read where it was",
    body: [add(at("x")), store("g", at("z"))],
    lines: ["sum += x[j]", "g[j] = z[j]"] },
  { title: "what was computed just now is not read at all",
    body: [store("e", call("exp", at("x"))), add(at("e"))],
    lines: ["let e_j: real = exp(x[j])", "e[j] = e_j", "sum += e_j"] },
  { title: "a constant that holds an element stands for it, in branches too",
    body: [store("e", call("exp", at("x"))), { kind: "if", guard: positive(at("x")), yes: [{ kind: "let", name: "t", type: "real", value: at("e"), mutable: false }, add(named("t", "real"))], no: [] }],
    lines: ["let x_j: real = x[j]", "let e_j: real = exp(x_j)", "e[j] = e_j", "if gt(x_j, 0)", "sum += e_j"] },
  { title: "after a store it is another value",
    body: [add(at("e")), store("e", at("x")), add(at("e")), add(at("e"))],
    lines: ["sum += e[j]", "let e_j: real = x[j]", "e[j] = e_j", "sum += e_j", "sum += e_j"] },
  { title: "a branch that writes an array reads it itself",
    body: [add(at("e")), { kind: "if", guard: positive(at("x")), yes: [store("e", constant(1, "real")), add(at("e"))], no: [] }, add(at("e"))],
    lines: ["let e_j: real = e[j]", "sum += e_j", "if gt(x[j], 0)", "e[j] = 1", "sum += e[j]", "sum += e[j]"] },
  { title: "one side of a choice is not read before it is chosen",
    body: [add(select(positive(at("x")), at("z", call("sub", j, constant(1))), constant(0, "real"))), add(select(positive(at("x")), at("z", call("sub", j, constant(1))), constant(0, "real")))],
    lines: ["let x_j: real = x[j]", "sum += (gt(x_j, 0) ? z[sub(j, 1)] : 0)", "sum += (gt(x_j, 0) ? z[sub(j, 1)] : 0)"] },
];

describe("reading elements once", () => {
  for (const { title, body, lines } of cases) it(title, () => assert.deepEqual(bodyOf(body), lines));
});
