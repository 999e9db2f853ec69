import { assert } from "chai";
import { axisExtent } from "../../lib/expr/extent.ts";
import {
  constant,
  load,
  named,
  type Buffer,
  type Nest,
  type Scalar,
  type Statement,
} from "../../lib/loop/nest.ts";
import { verify } from "../../lib/loop/verify.ts";

const rows = axisExtent("x", 0);
const i = named("i", "int");
const x: Buffer = { name: "x", of: "x", role: "input", type: "real", shape: [rows] };
const dx: Buffer = { name: "dx", of: "dx", role: "result", type: "real", shape: [rows] };
const loop = (body: readonly Statement[], index = "i"): Statement => ({
  kind: "for",
  index,
  from: constant(0),
  to: named("N", "int"),
  body,
});
const add: Statement = { kind: "assign", name: "sum", by: "add", value: load("x", i, "real") };
const start: Statement = { kind: "let", name: "sum", type: "real", value: constant(0), mutable: true };
const store = (value: Scalar, offset: Scalar = i): Statement => ({
  kind: "store",
  buffer: "dx",
  offset,
  by: "set",
  value,
});
const fill: Statement = { kind: "fill", buffer: "dx", value: constant(0) };

const good: Nest = {
  sizes: [{ name: "N", extent: rows }],
  parameters: [{ name: "c", of: "c", type: "real" }],
  buffers: [x, dx],
  door: [],
  body: [start, loop([add]), loop([store(named("sum", "real"))])],
  results: [
    { wrt: undefined, name: "sum", scalar: true, type: "real" },
    { wrt: "x", name: "dx", scalar: false, type: "real" },
  ],
};

/** Each row breaks one promise of the good nest; `says` is the first line of the error. */
// prettier-ignore
const faults: readonly { readonly title: string; readonly change: Partial<Nest>; readonly says: string }[] = [
  { title: "a name used before it is defined", change: { body: [loop([add]), start, fill] },
    says: "sum is assigned before it is defined" },
  { title: "a name read that is nowhere defined", change: { body: [start, fill, loop([store(named("m", "real"))])] },
    says: "m is used before it is defined" },
  { title: "an index used outside its loop", change: { body: [start, fill, loop([]), add] },
    says: "i is used before it is defined" },
  { title: "an index of a loop around that has it already", change: { body: [start, fill, loop([loop([add])])] },
    says: "the loop index i is defined already" },
  { title: "a constant that is assigned", change: { body: [{ ...start, mutable: false }, fill, loop([add])] },
    says: "sum is assigned, but it is a constant" },
  { title: "a name defined twice", change: { body: [start, start, fill] },
    says: "sum is defined twice" },
  { title: "an input that is written", change: { body: [start, fill, { kind: "fill", buffer: "x", value: constant(0) }] },
    says: "x is an input, but is written" },
  { title: "a buffer that is not declared", change: { body: [start, fill, loop([{ ...store(constant(1)), buffer: "dz" } as Statement])] },
    says: "dz is not a buffer" },
  { title: "a buffer read before anything is in it", change: { body: [start, loop([store(load("dx", i, "real"))])] },
    says: "dx is read before anything is in it" },
  { title: "an accumulation into an empty buffer", change: { body: [start, loop([{ ...store(constant(1)), by: "add" } as Statement])] },
    says: "dx is read before anything is in it" },
  { title: "a result that is never written", change: { body: [start] },
    says: "the result dx is never written" },
  { title: "a result that is not there at the end", change: { body: [fill, loop([start])] },
    says: "the result sum is not there at the end" },
  { title: "a buffer whose size has no name", change: { sizes: [], body: [start, fill] },
    says: "x has an axis whose size has no name" },
  { title: "an offset that is not an integer", change: { body: [start, fill, loop([store(constant(1), named("c", "real"))])] },
    says: "c is not an integer" },
  { title: "a condition that is a number", change: { body: [start, fill, { kind: "if", guard: named("N", "int"), yes: [], no: [] }] },
    says: "N is not a condition" },
  { title: "a condition stored as a number", change: { body: [start, fill, loop([store({ kind: "apply", op: "lt", type: "bool", args: [i, i] })])] },
    says: "lt(i, i) is bool, where real is wanted" },
  { title: "a real kept in an integer", change: { body: [start, fill, { kind: "let", name: "k", type: "int", value: named("c", "real"), mutable: false }] },
    says: "c is real, where int is wanted" },
  { title: "a name used as another type", change: { body: [start, fill, loop([store(named("N", "real"))])] },
    says: "N is int, but is used as real" },
];

describe("verify", () => {
  it("lets a nest pass that keeps its promises", () => {
    assert.doesNotThrow(() => verify(good));
  });

  for (const { title, change, says } of faults)
    it(`finds ${title}`, () => {
      assert.throws(() => verify({ ...good, ...change }));
      try {
        verify({ ...good, ...change });
      } catch (error) {
        assert.equal((error as Error).message.split("\n")[0], `a loop nest broke its promise: ${says}`);
      }
    });

  it("shows the loops around the fault", () => {
    const nest = { ...good, body: [start, fill, loop([loop([store(named("m", "real"))], "j")])] };
    assert.throws(
      () => verify(nest),
      "m is used before it is defined\n  for i from 0 to N\n    for j from 0 to N\n      dx[i] = m",
    );
  });
});
