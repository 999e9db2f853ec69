import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { constant, load, named, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { call } from "../../lib/loop/integer.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import { sinkFills } from "../../lib/schedule/sink.ts";

const [d, n] = [named("d", "int"), named("N", "int")];
const real = (value: number): Scalar => constant(value, "real");
const at = (buffer: string): Scalar => load(buffer, d, "real");
const holds = (name: string): Scalar => call("gt", named(name, "real"), real(0));
const both = (a: string, b: string): Scalar => ({
  kind: "apply",
  op: "and",
  type: "bool",
  args: [holds(a), holds(b)],
});
const loop = (...body: readonly Statement[]): Statement => ({
  kind: "for",
  index: "d",
  from: constant(0),
  to: n,
  body,
});
const put = (buffer: string, value: Scalar): Statement =>
  loop({ kind: "store", buffer, offset: d, by: "set", value });
const choice = (guard: Scalar, yes: readonly Statement[], no: readonly Statement[] = []): Statement => ({
  kind: "if",
  guard,
  yes,
  no,
});
const set = (name: string): Statement => ({ kind: "assign", name, by: "set", value: real(1) });

const fill = choice(holds("p"), [put("t", at("x"))], [put("t", real(0))]);
const read = put("out", at("t"));
const [filled, zero] = [put("t", at("x")), put("out", real(0))];

/** Statements, and what becomes of them: undefined where they stay. */
// prettier-ignore
const cases: readonly { readonly title: string; readonly given: readonly Statement[]; readonly sunk?: readonly Statement[] }[] = [
  { title: "a choice goes to its only reader, and what nobody reads is gone",
    given: [fill, choice(holds("p"), [read], [zero])],
    sunk:  [choice(holds("p"), [filled, read], [zero])] },
  { title: "a reader on more conditions has it, too, and its other side the whole choice",
    given: [fill, choice(both("p", "q"), [read], [read])],
    sunk:  [choice(both("p", "q"), [filled, read], [fill, read])] },
  { title: "a second reader on the same condition finds it filled",
    given: [fill, choice(holds("p"), [read]), choice(holds("p"), [put("more", at("t"))])],
    sunk:  [choice(holds("p"), [filled, read]), choice(holds("p"), [put("more", at("t"))])] },
  { title: "a second reader on its own condition would not",
    given: [fill, choice(both("p", "q"), [read]), choice(holds("p"), [put("more", at("t"))])] },
  { title: "a reader without the condition wants all of it",
    given: [fill, read] },
  { title: "a reader on fewer conditions does, too",
    given: [choice(both("p", "q"), [filled], [put("t", real(0))]), choice(holds("p"), [read])] },
  { title: "a condition that changes on the way is another",
    given: [fill, set("p"), choice(holds("p"), [read])] },
  { title: "an array that changes on the way is another",
    given: [fill, put("x", real(0)), choice(holds("p"), [read])] },
  { title: "an array that others know stays",
    given: [choice(holds("p"), [put("out", at("x"))], [zero]), choice(holds("p"), [put("more", at("out"))])] },
  { title: "a choice that gives a variable its value stays",
    given: [choice(holds("p"), [filled, set("v")]), choice(holds("p"), [read])] },
];

describe("sinkFills", () => {
  for (const { title, given, sunk } of cases)
    it(title, () => {
      const made = sinkFills(given, new Set(["t"]));
      assert.deepEqual(printStatements(made), printStatements(sunk ?? given));
    });

  it("brings the two quotients of a triplet's gradient into one loop, with the same results bit by bit", () => {
    const program = parse(
      "near[i] = sqrt(sum(d, (A[i,d] - P[i,d])^2))\nfar[i] = sqrt(sum(d, (A[i,d] - Q[i,d])^2))\nloss = mean(i, relu(near[i] - far[i] + 1))",
    );
    const derivation = differentiate(program);
    const { code } = generate(derivation, { target: "js", style: "fused" });
    assert.match(code, /= \(A_d3 - P\[i \* D \+ d\]\) \/ near;\n.*\n.*= \(A_d3 - Q\[i \* D \+ d\]\) \/ far;/);
    const inputs = { A: [[0, 0], [1, 2], [3, 3]], P: [[1, 0], [1, 2], [9, 9]], Q: [[0, 2], [4, 5], [3, 3]] }; // prettier-ignore
    const [fused, loops] = (["fused", "loops"] as const).map((style) =>
      compile(derivation, { style })(inputs),
    );
    assert.deepEqual(fused!.gradients, loops!.gradients);
  });
});
