import { expect } from "chai";
import { constant, named, type Range, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import {
  remadeAssign,
  remadeContract,
  remadeFill,
  remadeIf,
  remadeLet,
  remadeLoop,
  remadeRange,
  remadeStore,
  withBody,
  withBranches,
} from "../../lib/loop/remade.ts";

const [a, b] = [constant(1), named("b", "int")];
const comment: Statement = { kind: "comment", text: "x" };
type Of<K extends Statement["kind"]> = Extract<Statement, { kind: K }>;

const constantLet: Of<"let"> = { kind: "let", name: "x", type: "real", value: a, mutable: true };
const assign: Of<"assign"> = { kind: "assign", name: "x", by: "max", value: a };
const store: Of<"store"> = { kind: "store", buffer: "B", offset: a, by: "add", value: a };
const fill: Of<"fill"> = { kind: "fill", buffer: "B", value: a };
const loop: Of<"for"> = { kind: "for", index: "i", from: a, to: a, body: [comment] };
const steps: Of<"for"> = { kind: "for", index: "i", from: a, to: a, step: 32, body: [comment] };
const choice: Of<"if"> = { kind: "if", guard: a, yes: [comment], no: [] };
const range: Range = { index: "i", from: a, to: a };
const [frees, sums, factors] = [[range], [range], [a]] as [Range[], Range[], Scalar[]];
const contract: Of<"contract"> = { kind: "contract", buffer: "B", offset: a, frees, sums, factors };
const none: readonly Statement[] = [];

// prettier-ignore
const rows: readonly (readonly [what: string, before: object, same: object, now: object, parts: object])[] = [
  ["a constant",         constantLet,     remadeLet(constantLet, "x", a),                       remadeLet(constantLet, "y", b),                      { name: "y", value: b }],
  ["an assignment",      assign,   remadeAssign(assign, "x", a),                  remadeAssign(assign, "y", b),                 { name: "y", value: b }],
  ["a store",            store,    remadeStore(store, a, a),                      remadeStore(store, b, b),                     { offset: b, value: b }],
  ["a fill",             fill,     remadeFill(fill, "B", a),                      remadeFill(fill, "C", b),                     { buffer: "C", value: b }],
  ["a loop",             loop,     remadeLoop(loop, "i", a, a, loop.body),        remadeLoop(loop, "j", b, b, none),            { index: "j", from: b, to: b, body: none }],
  ["a loop with steps",  steps,    remadeLoop(steps, "i", a, a, steps.body),      remadeLoop(steps, "j", b, b, none),           { index: "j", from: b, to: b, body: none }],
  ["a loop's body",      steps,    withBody(steps, steps.body),                   withBody(steps, none),                        { body: none }],
  ["a choice",           choice,   remadeIf(choice, a, choice.yes, choice.no),    remadeIf(choice, b, none, [comment]),         { guard: b, yes: none, no: [comment] }],
  ["a choice's sides",   choice,   withBranches(choice, choice.yes, choice.no),   withBranches(choice, none, choice.no),        { yes: none }],
  ["a contraction",      contract, remadeContract(contract, a, frees, sums, factors), remadeContract(contract, b, [], [], [b]), { offset: b, frees: [], sums: [], factors: [b] }],
  ["a range",            range,    remadeRange(range, a, a),                      remadeRange(range, b, b),                     { from: b, to: b }],
];

describe("statements with other parts", () => {
  for (const [what, before, same, now, parts] of rows)
    it(`${what} is the very same where nothing is new, else it differs in the new parts only, in the same order`, () => {
      expect(same).to.equal(before);
      expect(now).to.deep.equal({ ...before, ...parts });
      expect(Object.keys(now)).to.deep.equal(Object.keys(before));
    });
});
