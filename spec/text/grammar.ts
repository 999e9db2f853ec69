/** Arbitrary syntax: every form that the language has, whatever its sense. */
import fc from "fast-check";
import type { Comparison, DefinitionSyntax, Infix, ProgramSyntax, Syntax } from "../../lib/expr/syntax.ts";

const names = ["i", "j", "k", "x", "y", "W", "score", "Δ", "lambda_1"];
const name = fc.constantFrom(...names);
const comparison = fc.constantFrom<Comparison>("lt", "le", "gt", "ge", "eq", "ne");

const leaf: fc.Arbitrary<Syntax> = fc.oneof(
  name.map((name): Syntax => ({ kind: "name", name })),
  fc.nat(20).map((value): Syntax => ({ kind: "number", value, integer: true })),
  fc
    .double({ min: 0, noNaN: true, noDefaultInfinity: true, maxExcluded: true })
    .map((value): Syntax => ({ kind: "number", value: Object.is(value, -0) ? 0 : value, integer: false })),
);

const isCondition = (e: Syntax): boolean => e.kind === "compare" || e.kind === "logic" || e.kind === "not";

export const anySyntax: fc.Arbitrary<Syntax> = fc.letrec<{ e: Syntax }>((tie) => {
  const e = tie("e");
  const list = fc.array(e, { minLength: 1, maxLength: 3 });
  const subscripts = fc.array(
    e.filter((s) => !isCondition(s)),
    { minLength: 1, maxLength: 3 },
  );
  const call = fc.constantFrom("exp", "max", "sum", "mean", "f");
  return {
    e: fc.oneof(
      { maxDepth: 6, depthSize: "medium" },
      leaf,
      fc.record({ kind: fc.constant("subscript" as const), name, at: subscripts }),
      fc.record({ kind: fc.constant("call" as const), name: call, args: list }),
      fc.record({
        kind: fc.constant("infix" as const),
        op: fc.constantFrom<Infix>("add", "sub", "mul", "div", "pow"),
        left: e,
        right: e,
      }),
      fc.record({ kind: fc.constantFrom("negate" as const, "not" as const, "iverson" as const), of: e }),
      fc.record({
        kind: fc.constant("compare" as const),
        first: e,
        rest: fc.array(fc.record({ op: comparison, right: e }), { minLength: 1, maxLength: 2 }),
      }),
      fc.record({
        kind: fc.constant("logic" as const),
        op: fc.constantFrom("and" as const, "or" as const),
        left: e,
        right: e,
      }),
      fc.tuple(e, e, e).map(([guard, a, b]): Syntax => ({ kind: "where", guard, then: a, else: b })),
    ),
  };
}).e;

const definition: fc.Arbitrary<DefinitionSyntax> = fc.record({
  name,
  indices: fc.array(
    fc.oneof(
      name.map((name) => ({ name })),
      fc.record({ name, below: anySyntax }),
    ),
    { maxLength: 3 },
  ),
  body: anySyntax,
});

export const anyProgram: fc.Arbitrary<ProgramSyntax> = fc.record({
  definitions: fc.array(definition, { minLength: 1, maxLength: 4 }),
});
