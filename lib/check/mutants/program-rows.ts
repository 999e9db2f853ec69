/** Mistakes in the loss: a constant left out or counted twice, an average that is a sum. */
import { extentKey } from "../../expr/extent.ts";
import { apply, num, rebuild, size, type Expr, type Index, type Node } from "../../expr/node.ts";
import { rewriting } from "../../expr/parts.ts";
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

/** The indices of a program that run over different things, each by one of its names. */
function indicesOf(program: Program): readonly Index[] {
  const bound = everywhere(program).flatMap((e) => (e.kind === "reduce" ? [e.over] : []));
  const all = [...program.definitions.flatMap((d) => d.indices), ...bound];
  return [...new Map(all.map((i) => [extentKey(i.extent), i])).values()];
}

function otherCounts(program: Program): readonly Change<Program>[] {
  const indices = indicesOf(program).filter((i) => i.extent.kind !== "fixed");
  const nameOf = (e: Node<"size">): string | undefined =>
    indices.find((i) => extentKey(i.extent) === extentKey(e.extent))?.name;
  return averages(program).flatMap((e) => {
    const [value, count] = e.args as [Expr, Expr];
    const meant = count.kind === "size" ? nameOf(count) : undefined;
    return indices
      .filter((i) => meant !== undefined && i.name !== meant)
      .map((i) => ({
        to: withReplaced(program, e, apply("div", value, size(i.extent))),
        when: `it is divided by the number of ${i.name} instead of ${meant}`,
      }));
  });
}

/** Factors that are inputs, such as gamma[j], left out. */
const factors = (program: Program): readonly Change<Program>[] =>
  everywhere(program).flatMap((e) =>
    e.kind === "apply" && e.op === "mul" && e.args.length > 1
      ? e.args.flatMap((factor, n) =>
          factor.kind === "read" && factor.at.length > 0 && program.inputs.some((i) => i.name === factor.name)
            ? [
                {
                  to: withReplaced(program, e, productOf(e.args.toSpliced(n, 1))),
                  when: `the factor ${print(factor)} is left out`,
                },
              ]
            : [],
        )
      : [],
  );

const productOf = (of: readonly Expr[]): Expr => (of.length === 1 ? of[0]! : apply("mul", ...of));

/** Gradients that multiply by max(0, z) where they should by [z > 0] are those of its square, halved. */
const valuesForMasks = (program: Program): readonly Change<Program>[] =>
  everywhere(program)
    .filter((e) => e.kind === "apply" && (e.op === "relu" || (e.op === "max" && e.args.includes(num(0)))))
    .map((e) => ({
      to: withReplaced(program, e, apply("div", apply("pow", e, num(2)), num(2))),
      when: `${print(e)} itself stands for whether it is above 0`,
    }));

/** Definitions on the way that depend on what is differentiated, taken as constants: each by itself, and all. */
function constants(program: Program): readonly Change<Program>[] {
  const between = program.definitions.slice(0, -1).filter((d) => d.body.type === "real");
  const stopped = (names: readonly string[]): Program => ({
    ...program,
    definitions: program.definitions.map((d) => ({ ...d, body: asConstants(d.body, names) })),
    text: undefined,
  });
  const all = between.length > 1 ? [between.map((d) => d.name)] : [];
  return [...between.map((d) => [d.name]), ...all].map((names) => ({
    to: stopped(names),
    when: `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} taken as constant: what depends on ${names.length === 1 ? "it" : "them"} is left out`,
  }));
}

const asConstants = (e: Expr, names: readonly string[]): Expr =>
  rewriting((part, go) =>
    part.kind === "read" && names.includes(part.name) ? apply("stop", rebuild(part, go)) : rebuild(part, go),
  )(e);

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
  { name: "factor left out",     kind: "logic", apply: factors },
  { name: "value for each mask", kind: "logic", apply: valuesForMasks },
  { name: "taken as constant",   kind: "logic", apply: constants },
  { name: "average by another number", kind: "logic", apply: otherCounts },
  { name: "square not squared",  kind: "logic", apply: (program) => squares(program).map((e) => ({
      to: withReplaced(program, e, e.args[0]!), when: `${print(e)} is not squared` })) },
];
