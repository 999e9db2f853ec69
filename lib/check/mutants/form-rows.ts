/** Mistakes in the closed form: in counts, masks, one-hots, signs, terms, axes. */
import {
  apply,
  at,
  freeIndices,
  num,
  occursFree,
  reduce,
  size,
  where,
  type Expr,
  type Index,
  type Node,
} from "../../expr/node.ts";
import { conjoin, conjuncts } from "../../expr/nested-reduction.ts";
import { fresh, substitute } from "../../expr/substitute.ts";
import type { Op } from "../../expr/ops.ts";
import { print } from "../../text/print.ts";
import type { FormPlace, FormRow, Replacement } from "./mutant.ts";
import { isCount } from "./program-rows.ts";
import { subexpressions } from "./rewrite.ts";

const isApply = (e: Expr | undefined, ...ops: readonly Op[]): e is Node<"apply"> =>
  e?.kind === "apply" && ops.includes(e.op);

const text = (e: Expr): string => print(e, { most: 60 });

/** `sum(j, [c])`: how many. */
const isTally = (e: Expr | undefined): boolean =>
  e?.kind === "reduce" && e.op === "sum" && isApply(e.body, "iverson");

const realTest = (e: Expr): e is Node<"apply"> =>
  isApply(e, "gt", "ge", "lt", "le") && e.args.some((a) => a.type === "real");

/** `k == y[i]`: whether an index is at a label. */
const isLabelTest = (e: Expr, op: "eq" | "ne" = "eq"): e is Node<"apply"> =>
  isApply(e, op) &&
  e.args.some((a) => a.kind === "read" && a.type === "int") &&
  e.args.some((a) => a.kind === "index");

const indicator = (e: Expr): Expr => apply("iverson", apply("ne", e, num(0)));

function booleanMask(e: Expr): readonly Replacement[] {
  const [count] = isApply(e, "neg") ? e.args : [];
  if (count === undefined || !isTally(count)) return [];
  return [{ to: indicator(count), when: "the mask stays boolean, so that minus a count is stored as true" }];
}

const booleanCount = (e: Expr): readonly Replacement[] =>
  isTally(e) ? [{ to: indicator(e), when: "the count stays boolean: 1 wherever there is any" }] : [];

const countOfOne = (e: Expr): readonly Replacement[] =>
  isTally(e) ? [{ to: num(1), when: "the count is 1, however many there are" }] : [];

/** max(0, a − b) where [a > b] was meant. */
function valueForMask(e: Expr): readonly Replacement[] {
  const [test] = isApply(e, "iverson") ? e.args : [];
  if (test === undefined || !realTest(test)) return [];
  const [a, b] = (test.op === "gt" || test.op === "ge" ? test.args : test.args.toReversed()) as [Expr, Expr];
  const to = apply("max", num(0), b === num(0) ? a : apply("sub", a, b));
  return [{ to, when: `the value ${text(to)} stands for its mask ${text(e)}` }];
}

/** A guard that leaves a label's class out of a reduction, dropped. */
function rightClassCounted(e: Expr): readonly Replacement[] {
  if (e.kind !== "reduce" || e.guard === undefined) return [];
  const conditions = conjuncts(e.guard);
  const kept = conditions.filter((c) => !isLabelTest(c, "ne"));
  if (kept.length === conditions.length) return [];
  return [
    {
      to: reduce(e.op, e.over, conjoin(kept), e.body),
      when: `the ${isTally(e) ? "count" : e.op} includes the right class`,
    },
  ];
}

const noMask = (e: Expr): readonly Replacement[] =>
  isApply(e, "iverson") &&
  isApply(e.args[0], "gt", "ge", "lt", "le") &&
  e.args[0].args.some((a) => a.type === "real")
    ? [{ to: num(1), when: `the mask [${text(e.args[0])}] is missing` }]
    : [];

const oneHotAs =
  (to: Expr, when: string) =>
  (e: Expr): readonly Replacement[] =>
    isApply(e, "iverson") && isLabelTest(e.args[0]!) ? [{ to, when }] : [];

const labelsOff =
  (by: 1 | -1) =>
  (e: Expr): readonly Replacement[] => {
    if (!isLabelTest(e)) return [];
    const label = e.args.find((a) => a.kind === "read")!;
    const to = apply("eq", ...e.args.map((a) => (a === label ? apply("add", a, num(by)) : a)));
    return [{ to, when: `labels are off by one: ${text(to)} stands for ${text(e)}` }];
  };

/** p − [j == y] at the label only. */
function oneHotAlone(e: Expr): readonly Replacement[] {
  if (!isApply(e, "add", "sub")) return [];
  const tests = e.args.flatMap((term) => subexpressions(term)).filter((t) => isApply(t, "iverson"));
  return tests.flatMap(({ args: [test] }) =>
    isLabelTest(test!)
      ? [{ to: where(test, e, num(0)), when: "only the entry of the right class is there" }]
      : [],
  );
}

/** An average where a sum was meant. */
const averaged = (e: Expr, { isGradient }: FormPlace): readonly Replacement[] =>
  isGradient && e.kind === "reduce" && e.op === "sum" && e.over.extent.kind !== "fixed"
    ? [{ to: apply("div", e, size(e.over.extent)), when: `it is averaged over ${e.over.name}, not summed` }]
    : [];

const labelColumn =
  (to: (then: Expr, otherwise: Expr, guard: Expr) => Expr, when: string) =>
  (e: Expr): readonly Replacement[] =>
    e.kind === "where" && isLabelTest(e.guard) ? [{ to: to(e.then, e.else, e.guard), when }] : [];

const swapped = (e: Expr): readonly Replacement[] =>
  e.kind === "where" && e.type !== "bool"
    ? [{ to: where(e.guard, e.else, e.then), when: `the two cases of ${text(e.guard)} are exchanged` }]
    : [];

/** The sum with one term otherwise. */
const eachTerm =
  (to: (term: Expr, rest: readonly Expr[]) => Expr | undefined, when: (term: string) => string) =>
  (e: Expr): readonly Replacement[] => {
    if (e.type === "bool" || !isApply(e, "add", "sub")) return [];
    return e.args.flatMap((term, n) => {
      const rest = e.args
        .filter((_, m) => m !== n)
        .map((a) => (e.op === "sub" && n === 0 ? apply("neg", a) : a));
      const sum = to(e.op === "sub" && n === 1 ? apply("neg", term) : term, rest);
      return sum === undefined ? [] : [{ to: sum, when: when(text(term)) }];
    });
  };

const sumOf = (terms: readonly Expr[]): Expr => (terms.length === 1 ? terms[0]! : apply("add", ...terms));

/** The product without one factor. */
const eachFactor =
  (drop: (factor: Expr) => boolean, when: (factor: string) => string) =>
  (e: Expr): readonly Replacement[] => {
    if (!isApply(e, "mul")) return [];
    return e.args.flatMap((factor, n) => {
      if (!drop(factor)) return [];
      const rest = e.args.filter((_, m) => m !== n);
      return [{ to: rest.length === 1 ? rest[0]! : apply("mul", ...rest), when: when(text(factor)) }];
    });
  };

/** A term that has no average is averaged like the others. */
function averagedToo(e: Expr, { isGradient, definitions }: FormPlace): readonly Replacement[] {
  if (!isGradient || !isApply(e, "add")) return [];
  const count = definitions.flatMap((d) =>
    isApply(d.body, "div") && isCount(d.body.args[1]!) ? [d.body.args[1]!] : [],
  )[0];
  if (count === undefined) return [];
  return e.args.flatMap((term, n) =>
    term.kind === "reduce"
      ? []
      : [
          {
            to: apply("add", ...e.args.with(n, apply("div", term, count))),
            when: `${text(term)} is averaged too`,
          },
        ],
  );
}

/** Sums over many in which one is treated otherwise. */
const eachSample =
  (to: (e: Node<"reduce">, isFirst: Expr) => Expr, when: (index: string) => string) =>
  (e: Expr, { isGradient }: FormPlace): readonly Replacement[] =>
    isGradient && e.kind === "reduce" && e.op === "sum" && e.over.extent.kind !== "fixed"
      ? [{ to: to(e, apply("eq", at(e.over), num(0))), when: when(e.over.name) }]
      : [];

const withoutFirst = (e: Node<"reduce">, isFirst: Expr): Expr =>
  reduce(e.op, e.over, conjoin([...(e.guard ? conjuncts(e.guard) : []), apply("not", isFirst)]), e.body);

/** `lse[i]`, its definition `lse[i] = logsumexp(k, s[i,k])`, and an index j that could stand for k. */
interface Normaliser {
  readonly read: Node<"read">;
  readonly row: Index;
  readonly over: Index;
  readonly body: Expr;
  readonly column: Index;
}

function normalisers(e: Expr, { definitions }: FormPlace): readonly Normaliser[] {
  if (!isApply(e, "exp") || !isApply(e.args[0], "sub")) return [];
  const [score, read] = [e.args[0].args[0]!, e.args[0].args[1]!];
  if (read.kind !== "read") return [];
  const defined = definitions.find((d) => d.name === read.name);
  const sum = defined?.body;
  if (sum?.kind !== "reduce" || sum.op !== "logsumexp" || sum.guard !== undefined) return [];
  const row = defined!.indices.find((i) => occursFree(i, sum.body));
  const column = freeIndices(score).find((i) => i.extent === sum.over.extent && !read.at.includes(at(i)));
  return row === undefined || column === undefined
    ? []
    : [{ read, row, over: sum.over, body: sum.body, column }];
}

/** One sum for all, where each row has its own. */
function wholeTable(e: Expr, place: FormPlace): readonly Replacement[] {
  return normalisers(e, place).map(({ read, row, over, body, column }) => {
    const down = fresh(row.name, row.extent, new Set([row.name, column.name, over.name]));
    const rows = reduce("logsumexp", over, undefined, substitute(body, new Map([[row, at(down)]])));
    return {
      from: read,
      to: reduce("logsumexp", down, undefined, rows),
      when: `it is normalized over ${row.name} and ${over.name} together, not over ${over.name}`,
    };
  });
}

function wrongAxis(e: Expr, place: FormPlace): readonly Replacement[] {
  return normalisers(e, place).map(({ read, row, over, body, column }) => {
    const down = fresh(row.name, row.extent, new Set([row.name, column.name]));
    const alongColumn = reduce(
      "logsumexp",
      down,
      undefined,
      substitute(
        body,
        new Map([
          [row, at(down)],
          [over, at(column)],
        ]),
      ),
    );
    return { from: read, to: alongColumn, when: `it is normalized over ${row.name} instead of ${over.name}` };
  });
}

/** The largest of each column, where the largest of each row was meant: no common factor of a row. */
function wrongMaximum(e: Expr, place: FormPlace): readonly Replacement[] {
  return normalisers(e, place).map(({ row, over, body, column }) => {
    const down = fresh(row.name, row.extent, new Set([row.name, column.name, over.name]));
    const most = reduce("max", down, undefined, substitute(body, new Map([[row, at(down)]])));
    const shifted = apply("sub", body, most);
    const total = reduce("logsumexp", over, undefined, shifted);
    const one = substitute(shifted, new Map([[over, at(column)]]));
    return {
      to: apply("exp", apply("sub", one, total)),
      when: `it is shifted by the maximum over ${row.name} instead of ${over.name}`,
    };
  });
}

function shiftNotUndone(e: Expr, place: FormPlace): readonly Replacement[] {
  return normalisers(e, place).map(({ read, over, body }) => ({
    from: read,
    to: apply("add", read, reduce("max", over, undefined, body)),
    when: `the numerator is shifted by the maximum and the denominator is not`,
  }));
}

/** Values beyond 2 are cut off, as if to save exp from overflow. */
const clipped = (e: Expr, { isForward }: FormPlace): readonly Replacement[] =>
  e.kind === "read" && e.at.length > 0 && isForward(e.name)
    ? [{ to: apply("max", num(-2), apply("min", num(2), e)), when: `${text(e)} is cut off at ±2` }]
    : [];

const orders: Readonly<Partial<Record<Op, Op>>> = { gt: "ge", ge: "gt", lt: "le", le: "lt" };

const otherAtTies = (e: Expr): readonly Replacement[] =>
  realTest(e)
    ? [{ to: apply(orders[e.op]!, ...e.args), when: "equality is on the other side of a comparison" }]
    : [];

const wrongAtTies = (e: Expr): readonly Replacement[] =>
  isApply(e, "iverson") && realTest(e.args[0]!)
    ? [
        {
          to: apply("add", e, apply("mul", num(2), apply("iverson", apply("eq", ...e.args[0].args)))),
          when: `${text(e)} is 2 more where both sides are equal`,
        },
      ]
    : [];

const deafNearZero = (e: Expr): readonly Replacement[] =>
  realTest(e) && (e.op === "gt" || e.op === "ge")
    ? [
        {
          to: apply(e.op, e.args[0]!, apply("add", e.args[1]!, num(1e-3))),
          when: `${text(e)} holds from 1e-3 on only`,
        },
      ]
    : [];

// prettier-ignore
export const formRows: readonly FormRow[] = [
  { name: "mask kept boolean",        kind: "logic",      apply: booleanMask },
  { name: "count kept boolean",       kind: "logic",      apply: booleanCount },
  { name: "count of one",             kind: "logic",      apply: countOfOne },
  { name: "value for a mask",         kind: "logic",      apply: valueForMask },
  { name: "right class counted",      kind: "logic",      apply: rightClassCounted },
  { name: "sign of the label's column", kind: "logic",    apply: labelColumn((y, other, p) => where(p, apply("neg", y), other), "the entry of the right class has the wrong sign") },
  { name: "label's column missing",   kind: "logic",      apply: labelColumn((_, other, p) => where(p, num(0), other), "the entry of the right class is missing") },
  { name: "label's column alone",     kind: "logic",      apply: labelColumn((y, _, p) => where(p, y, num(0)), "only the entry of the right class is there") },
  { name: "label's column like others", kind: "logic",    apply: labelColumn((_, other) => other, "the right class is treated like the others") },
  { name: "one-hot missing",          kind: "logic",      apply: oneHotAs(num(0), "the one-hot of the labels is missing") },
  { name: "one-hot of ones",          kind: "logic",      apply: oneHotAs(num(1), "1 stands for the one-hot of the labels, in all classes") },
  { name: "one-hot's column alone",   kind: "logic",      apply: oneHotAlone },
  { name: "labels from 1",            kind: "logic",      apply: labelsOff(-1) },
  { name: "labels one too large",     kind: "logic",      apply: labelsOff(1) },
  { name: "averaged, not summed",     kind: "logic",      apply: averaged },
  { name: "mask missing",             kind: "logic",      apply: noMask },
  { name: "cases exchanged",          kind: "logic",      apply: swapped },
  { name: "term missing",             kind: "logic",      apply: eachTerm((_, rest) => sumOf(rest), (term) => `the term ${term} is missing`) },
  { name: "term twice",               kind: "logic",      apply: eachTerm((term, rest) => apply("add", term, term, ...rest), (term) => `the term ${term} counts twice`) },
  { name: "sign of a term",           kind: "logic",      apply: eachTerm((term, rest) => apply("add", apply("neg", term), ...rest), (term) => `the term ${term} has the wrong sign`) },
  { name: "factor 1 for 2",           kind: "logic",      apply: eachFactor((f) => f.kind === "num" && f.value === 2, (f) => `the factor ${f} is missing`) },
  { name: "factor missing",           kind: "logic",      apply: eachFactor((f) => f.type === "real" && f.kind !== "num", (f) => `the factor ${f} is missing`) },
  { name: "penalty averaged",         kind: "logic",      apply: averagedToo },
  { name: "first sample skipped",     kind: "logic",      apply: eachSample(withoutFirst, (i) => `the first ${i} is skipped`) },
  { name: "first sample twice",       kind: "logic",      apply: eachSample((e, p) => reduce(e.op, e.over, e.guard, apply("mul", e.body, apply("add", num(1), apply("iverson", p)))), (i) => `the first ${i} counts twice`) },
  { name: "normalized over the wrong axis", kind: "logic", apply: wrongAxis },
  { name: "normalized over everything",     kind: "logic", apply: wholeTable },
  { name: "shifted by the wrong maximum",   kind: "logic", apply: wrongMaximum },
  { name: "shift not undone",         kind: "logic",      apply: shiftNotUndone },
  { name: "wrong for large values",   kind: "rare",       apply: clipped },
  { name: "wrong at ties",            kind: "rare",       apply: wrongAtTies },
  { name: "wrong just above a kink",  kind: "rare",       apply: deafNearZero },
  { name: "other side of a tie",      kind: "equivalent", apply: otherAtTies },
];
