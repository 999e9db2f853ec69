/** Mistakes in the loss: a constant left out or counted twice, an average that is a sum. */
import { apply, num, type Expr, type Node } from "../../expr/node.ts";
import type { Program } from "../../expr/program.ts";
import { print } from "../../text/print.ts";
import type { Change, ProgramRow } from "./mutant.ts";
import { replaced, subexpressions } from "./rewrite.ts";

/** The program with an expression replaced wherever it stands. */
const withReplaced = (program: Program, from: Expr, to: Expr): Program => ({
  ...program,
  definitions: program.definitions.map((d) => ({ ...d, body: replaced(d.body, from, to) })),
  text: undefined,
});

const everywhere = (program: Program): readonly Expr[] => [
  ...new Set(program.definitions.flatMap((d) => subexpressions(d.body))),
];

/** Real scalars among the inputs: Delta, reg. */
const scalars = (program: Program): readonly Node<"read">[] =>
  everywhere(program).filter(
    (e): e is Node<"read"> =>
      e.kind === "read" &&
      e.type === "real" &&
      e.at.length === 0 &&
      program.inputs.some((i) => i.name === e.name),
  );

const eachScalar =
  (to: (scalar: Expr) => Expr, when: (name: string) => string) =>
  (program: Program): readonly Change<Program>[] =>
    scalars(program).map((s) => ({ to: withReplaced(program, s, to(s)), when: when(s.name) }));

/** Constants that are added: the 1 of a margin. */
const addedConstants = (program: Program): readonly { sum: Node<"apply">; term: Node<"num"> }[] =>
  everywhere(program).flatMap((sum) =>
    sum.kind === "apply" && sum.op === "add" && sum.type === "real"
      ? sum.args.flatMap((term) => (term.kind === "num" && term.value !== 0 ? [{ sum, term }] : []))
      : [],
  );

const eachConstant =
  (factor: number, when: (constant: string) => string) =>
  (program: Program): readonly Change<Program>[] =>
    addedConstants(program).map(({ sum, term }) => ({
      to: withReplaced(
        program,
        sum,
        apply("add", ...sum.args.map((a) => (a === term ? num(factor * term.value) : a))),
      ),
      when: when(print(term)),
    }));

/** Quotients by a number of terms. */
const averages = (program: Program): readonly Node<"apply">[] =>
  everywhere(program).filter(
    (e): e is Node<"apply"> => e.kind === "apply" && e.op === "div" && isCount(e.args[1]!),
  );

export const isCount = (e: Expr): boolean =>
  e.kind === "size" ||
  (e.kind === "apply" && e.op === "mul" && e.args.every((a) => a.kind === "size" || a.kind === "num"));

const eachAverage =
  (to: (value: Expr, count: Expr) => Expr, when: string) =>
  (program: Program): readonly Change<Program>[] =>
    averages(program).map((e) => ({ to: withReplaced(program, e, to(e.args[0]!, e.args[1]!)), when }));

const squares = (program: Program): readonly Node<"apply">[] =>
  everywhere(program).filter(
    (e): e is Node<"apply"> => e.kind === "apply" && e.op === "pow" && e.args[1] === num(2),
  );

// prettier-ignore
export const programRows: readonly ProgramRow[] = [
  { name: "constant missing",    kind: "logic", apply: eachScalar(() => num(0),                        (name) => `${name} is left out`) },
  { name: "constant twice",      kind: "logic", apply: eachScalar((s) => apply("mul", num(2), s),      (name) => `${name} counts twice`) },
  { name: "constant half",       kind: "logic", apply: eachScalar((s) => apply("div", s, num(2)),      (name) => `${name} counts half, as when the factor 2 of a square is forgotten`) },
  { name: "constant's sign",     kind: "logic", apply: eachScalar((s) => apply("neg", s),              (name) => `${name} has the wrong sign`) },
  { name: "offset missing",      kind: "logic", apply: eachConstant(0,                                 (constant) => `the constant ${constant} is left out`) },
  { name: "offset twice",        kind: "logic", apply: eachConstant(2,                                 (constant) => `the constant ${constant} counts twice`) },
  { name: "no average",          kind: "logic", apply: eachAverage((x) => x,                           "the division by the number of terms is missing: a sum instead of a mean") },
  { name: "averaged twice",      kind: "logic", apply: eachAverage((x, n) => apply("div", apply("div", x, n), n), "it is divided by the number of terms twice") },
  { name: "average by one less", kind: "logic", apply: eachAverage((x, n) => apply("div", x, apply("sub", n, num(1))), "it is divided by one less than the number of terms") },
  { name: "square not squared",  kind: "logic", apply: (program) => squares(program).map((e) => ({
      to: withReplaced(program, e, e.args[0]!), when: `${print(e)} is not squared` })) },
];
