import { assert } from "chai";
import { fixedExtent } from "../../lib/expr/extent.ts";
import { Names } from "../../lib/loop/identifier.ts";
import { call, plus, times } from "../../lib/loop/integer.ts";
import { constant, load, named, type Nest, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { computeFactors } from "../../lib/schedule/factors.ts";

const four = constant(4);
const [d, k] = [named("d", "int"), named("k", "int")];
const real = (buffer: string, offset: Scalar) => load(buffer, offset, "real");

/** `dW[d, k] += X[d] * g[k]` in loops, where a condition holds. */
const masked = (guard: Scalar): Nest =>
  added(call("mul", real("X", d), real("g", k)), (add) => ({ kind: "if", guard, yes: [add], no: [] }));

/** `dW[d, k] += value` in loops. */
function added(value: Scalar, within: (add: Statement) => Statement = (add) => add): Nest {
  const add: Statement = { kind: "store", buffer: "dW", offset: plus(times(d, four), k), by: "add", value };
  const loop = (index: string, body: Statement): Statement => ({
    kind: "for",
    index,
    from: constant(0),
    to: four,
    body: [body],
  });
  const row = loop("d", loop("k", within(add)));
  const shape = [fixedExtent(4)];
  const buffers = ["X", "g", "t", "u"].map(
    (name) => ({ name, of: name, role: "input", type: "real", shape }) as const,
  );
  return { sizes: [], parameters: [], buffers, door: [], body: [loop("i", row)], results: [] };
}

const computed = (guard: Scalar): string =>
  printStatements(computeFactors(masked(guard), new Names()).body).join("\n");

describe("factors computed once", () => {
  it("take a condition on values into the factor that has its index", () => {
    const guard = call("gt", real("t", k), constant(0));
    assert.equal(
      computed(guard),
      `for i from 0 to 4
  for k from 0 to 4
    g_masked[k] = (gt(t[k], 0) ? g[k] : 0)
  for d from 0 to 4
    for k from 0 to 4
      dW[add(mul(d, 4), k)] += mul(X[d], g_masked[k])`,
    );
  });

  // Reads of other factors may rely on it to stay inside their arrays.
  for (const guard of [
    call("lt", times(constant(2), k), named("N", "int")),
    call("and", call("gt", real("t", k), constant(0)), call("ge", k, constant(1))),
  ])
    it(`leave a condition on indices where it is: ${guard.kind === "apply" ? guard.op : ""}`, () => {
      assert.equal(computed(guard), printStatements(masked(guard).body).join("\n"));
    });

  it("leave a condition alone that depends on all indices", () => {
    const guard = call("gt", real("t", plus(d, k)), constant(0));
    assert.equal(computed(guard), printStatements(masked(guard).body).join("\n"));
  });

  it("are the arrays that vary along the same index, so that a product of two is left", () => {
    const nest = added(call("mul", real("X", d), real("g", k), real("t", k), real("u", k)));
    assert.equal(
      printStatements(computeFactors(nest, new Names()).body).join("\n"),
      `for i from 0 to 4
  for k from 0 to 4
    factor[k] = mul(g[k], t[k], u[k])
  for d from 0 to 4
    for k from 0 to 4
      dW[add(mul(d, 4), k)] += mul(X[d], factor[k])`,
    );
  });

  it("take a quotient with them that a loop of the sum keeps to itself", () => {
    const quotient: Statement = {
      kind: "let",
      name: "ratio",
      type: "real",
      value: call("div", real("g", d), real("t", d)),
      mutable: false,
    };
    const kept = (nest: Nest): Nest => {
      const [row] = nest.body;
      const [loop] = row?.kind === "for" ? row.body : [];
      if (row?.kind !== "for" || loop?.kind !== "for") throw new Error("the nest has no loops");
      return { ...nest, body: [{ ...row, body: [{ ...loop, body: [quotient, ...loop.body] }] }] };
    };
    const nest = kept(added(call("mul", real("X", k), named("ratio", "real"))));
    assert.equal(
      printStatements(computeFactors(nest, new Names()).body).join("\n"),
      `for i from 0 to 4
  for d from 0 to 4
    factor[d] = div(g[d], t[d])
  for d from 0 to 4
    for k from 0 to 4
      dW[add(mul(d, 4), k)] += mul(X[k], factor[d])`,
    );
  });
});
