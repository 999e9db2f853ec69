/** Arbitrary programs that make sense: names, types and extents fit. */
import fc from "fast-check";
import type { Comparison, Infix, ProgramSyntax, Syntax } from "../../lib/expr/syntax.ts";

/** The arrays that an index subscripts, so that its extent is known: a[i], M[i,j], … */
const vectors: Readonly<Record<string, string>> = { i: "a", j: "b", k: "c" };
const labels: Readonly<Record<string, string>> = { i: "labelOfA", j: "labelOfB", k: "labelOfC" };
const all = Object.keys(vectors);

const name = (name: string): Syntax => ({ kind: "name", name });
const at = (array: string, ...at: Syntax[]): Syntax => ({ kind: "subscript", name: array, at });
const number = (value: number, integer: boolean): Syntax => ({ kind: "number", value, integer });
const infix = (op: Infix, left: Syntax, right: Syntax): Syntax => ({ kind: "infix", op, left, right });

const memo = new Map<string, { real: fc.Arbitrary<Syntax>; bool: fc.Arbitrary<Syntax> }>();

/** Expressions with these indices in scope, of at most this depth. */
function within(
  scope: readonly string[],
  depth: number,
): { real: fc.Arbitrary<Syntax>; bool: fc.Arbitrary<Syntax> } {
  const key = `${scope.join(" ")} ${depth}`;
  let known = memo.get(key);
  if (known === undefined) memo.set(key, (known = build(scope, depth)));
  return known;
}

function build(
  scope: readonly string[],
  depth: number,
): { real: fc.Arbitrary<Syntax>; bool: fc.Arbitrary<Syntax> } {
  const leaves = [
    ...scope.flatMap((i) => [at(vectors[i]!, name(i)), name(i), at(vectors[i]!, at(labels[i]!, name(i)))]),
    ...scope.flatMap((i) => scope.map((j) => at(`M${i}${j}`, name(i), name(j)))),
    name("u"),
    name("Delta"),
    number(2, true),
    number(0.5, false),
    number(3, false),
    { kind: "negate", of: number(2, true) } as const,
  ];
  const leaf = fc.constantFrom<Syntax>(...leaves);
  if (depth === 0) return { real: leaf, bool: comparisonOf(leaf) };
  const { real, bool } = within(scope, depth - 1);
  const pair = fc.tuple(real, real);
  return {
    real: fc.oneof(
      leaf,
      fc
        .tuple(fc.constantFrom<Infix>("add", "sub", "mul", "div", "pow"), pair)
        .map(([op, [left, right]]) => infix(op, left, op === "add" ? withoutMinus(right) : right)),
      real.map((of): Syntax => ({ kind: "negate", of })),
      fc.tuple(fc.constantFrom("exp", "relu", "stop"), real).map(([f, x]): Syntax => call(f, x)),
      pair.map(([a, b]) => call("max", withoutMinus(infix("mul", a, b)), b)),
      bool.map((of): Syntax => ({ kind: "iverson", of })),
      fc.tuple(bool, pair).map(([guard, [a, b]]): Syntax => ({ kind: "where", guard, then: a, else: b })),
      ...binders(scope, depth),
    ),
    bool: fc.oneof(
      comparisonOf(real),
      fc
        .tuple(fc.constantFrom("and" as const, "or" as const), bool, bool)
        .map(([op, left, right]): Syntax => ({ kind: "logic", op, left, right })),
      bool.map((of): Syntax => ({ kind: "not", of })),
    ),
  };
}

function comparisonOf(operand: fc.Arbitrary<Syntax>): fc.Arbitrary<Syntax> {
  const op = fc.constantFrom<Comparison>("lt", "le", "gt", "ge", "eq", "ne");
  const rest = fc.array(fc.record({ op, right: operand }), { minLength: 1, maxLength: 2 });
  return fc.tuple(operand, rest).map(([first, rest]): Syntax => ({ kind: "compare", first, rest }));
}

/** Binders of one or two of the indices that are not in scope; each is read in the body, which fixes its extent. */
function binders(scope: readonly string[], depth: number): readonly fc.Arbitrary<Syntax>[] {
  const free = all.filter((i) => !scope.includes(i));
  const choices = [
    ...free.map((i) => [i]),
    ...free.flatMap((i) => free.filter((j) => j !== i).map((j) => [i, j])),
  ];
  return choices.map((indices) => {
    const { real, bool } = within([...scope, ...indices], depth - 1);
    const ops = [
      "sum",
      "mean",
      "prod",
      "max",
      "min",
      "logsumexp",
      ...(indices.length === 1 ? ["argmax"] : []),
    ];
    return fc
      .tuple(fc.constantFrom(...ops), fc.array(bool, { maxLength: 2 }), real)
      .map(([op, guards, body]) => {
        const reads = indices.reduce((e, i) => infix("mul", e, at(vectors[i]!, name(i))), body);
        return call(op, ...indices.map(name), ...guards, reads);
      });
  });
}

const call = (f: string, ...args: readonly Syntax[]): Syntax => ({ kind: "call", name: f, args });

/** A sum's term that does not begin with a minus: `a + -b` is printed a - b, which is another node. */
const withoutMinus = (e: Syntax): Syntax => (beginsWithMinus(e) ? call("abs", e) : e);

const beginsWithMinus = (e: Syntax): boolean =>
  e.kind === "negate" ||
  (e.kind === "infix" && (e.op === "mul" || e.op === "div") && beginsWithMinus(e.left));

/** Read first, these arrays give their names to the extents, in whatever order others are read. */
const sizes: Syntax = call(
  "sum",
  ...all.map(name),
  all.map((i) => at(vectors[i]!, name(i))).reduce((a, b) => infix("mul", a, b)),
);

export const meaningfulProgram: fc.Arbitrary<ProgramSyntax> = fc
  .tuple(within(["i"], 2).real, fc.boolean(), within([], 3).real)
  .map(([first, bounded, second]) => ({
    definitions: [
      { name: "sizes", indices: [], body: sizes },
      bounded
        ? {
            name: "first",
            indices: [{ name: "i", below: call("extent", name("a"), number(0, true)) }],
            body: first,
          }
        : {
            name: "first",
            indices: [{ name: "i" }],
            body: infix("add", at("a", name("i")), withoutMinus(first)),
          },
      { name: "loss", indices: [], body: second },
    ],
  }));
