/**
 * What merged loops have in common: a value that several of them compute is computed once, and what
 * depends on one condition stands together.
 */
import type { Names } from "../loop/identifier.ts";
import { named, parts, type Scalar, type Statement } from "../loop/nest.ts";
import { printScalar } from "../loop/print.ts";
import { withBody, withBranches } from "../loop/remade.ts";
import { called } from "../loop/title.ts";
import { naming, rewritten } from "../loop/rewrite.ts";
import { commute, effectsOf } from "./effects.ts";

type Let = Extract<Statement, { kind: "let" }>;
type If = Extract<Statement, { kind: "if" }>;

/** The statements with that done in every loop without loops in it. In `statements` no name is given twice. */
export function gather(statements: readonly Statement[], names: Names): readonly Statement[] {
  return statements.map((s) => {
    if (s.kind === "if") return withBranches(s, gather(s.yes, names), gather(s.no, names));
    if (s.kind !== "for") return s;
    return withBody(s, s.body.every(isStep) ? together(once(s.body, names)) : gather(s.body, names));
  });
}

const isStep = (s: Statement): boolean =>
  ["let", "assign", "store", "comment"].includes(s.kind) ||
  (s.kind === "if" && [...s.yes, ...s.no].every(isStep));

/** Bodies with more scalars than that are left as they are. */
const largest = 2000;

/** A body in which nothing that does not change in a step is computed twice. */
function once(body: readonly Statement[], names: Names): readonly Statement[] {
  let all = body;
  for (;;) {
    const survey = new Survey(all);
    const again = survey.repeated();
    if (again.length === 0) return all;
    all = survey.computedOnce(again, names);
  }
}

/** A value and where it is computed. */
interface Found {
  readonly value: Scalar;
  readonly text: string;
  times: number;
  readonly size: number;
  /** The first statement of the body that computes it. */
  readonly first: number;
  /** Whether it is computed in every step. */
  always: boolean;
}

/** The operations of a body. */
class Survey {
  readonly #body: readonly Statement[];
  readonly #found = new Map<string, Found>();
  readonly #written: ReadonlySet<string>;
  readonly #assigned: ReadonlySet<string>;
  /** The statement that defines a name. */
  readonly #places = new Map<string, number>();
  #size = 0;

  constructor(body: readonly Statement[]) {
    this.#body = body;
    const { accesses, assigns } = effectsOf(body);
    this.#written = new Set(accesses.flatMap((a) => (a.kind === "load" ? [] : [a.buffer])));
    this.#assigned = assigns;
    for (const [n, s] of body.entries()) {
      for (const name of effectsOf([s]).defines) this.#places.set(name, n);
      this.#statement(s, n, true);
    }
  }

  /** What is computed several times and may be computed at its first place, the largest first; none is a part of another. */
  repeated(): readonly Found[] {
    if (this.#size > largest) return [];
    const all = [...this.#found.values()].filter((f) => f.times > 1 && f.always && this.#isReady(f));
    const chosen: Found[] = [];
    for (const f of all.toSorted((a, b) => b.size - a.size))
      if (!chosen.some((larger) => larger.text.includes(f.text))) chosen.push(f);
    return chosen;
  }

  /** Whether what it is made of is there before its first statement. */
  #isReady({ value, first }: Found): boolean {
    return namesIn(value).every((name) => (this.#places.get(name) ?? -1) < first);
  }

  /** The body with a constant for each value; other constants that were that value are left out. */
  computedOnce(values: readonly Found[], names: Names): readonly Statement[] {
    const known = new Map<string, Scalar>();
    const aliases = new Map<string, Scalar>();
    const constantsOf = new Map(values.map(({ text }) => [text, [] as Let[]]));
    for (const c of this.#body.flatMap(constants)) constantsOf.get(printScalar(c.value))?.push(c);
    const made = values.map(({ value, text, first }) => {
      const same = constantsOf.get(text)!;
      const name = same[0]?.name ?? names.fresh(called(value.kind === "apply" ? value.op : "add"));
      known.set(text, named(name, value.type));
      for (const c of same) aliases.set(c.name, named(name, value.type));
      return {
        first,
        constant: { kind: "let", name, type: value.type, value, mutable: false } satisfies Let,
      };
    });
    const left = new Set([...constantsOf.values()].flat());
    const alias = naming(aliases);
    const by = (s: Scalar): Scalar | undefined => known.get(printScalar(s)) ?? alias(s);
    return this.#body.flatMap((s, n) => [
      ...made.filter(({ first }) => first === n).map(({ constant }) => constant),
      ...leaving([s], left).map((rest) => rewritten(rest, by)),
    ]);
  }

  #statement(s: Statement, place: number, always: boolean): void {
    if (s.kind === "let" || s.kind === "assign" || s.kind === "store") this.#scalar(s.value, place, always);
    if (s.kind !== "if") return;
    this.#scalar(s.guard, place, always);
    for (const inner of [...s.yes, ...s.no]) this.#statement(inner, place, false);
  }

  #scalar(s: Scalar, place: number, always: boolean): void {
    this.#size++;
    const lazy = s.kind === "select" || (s.kind === "apply" && (s.op === "and" || s.op === "or"));
    if (s.kind !== "load")
      for (const [n, part] of parts(s).entries()) this.#scalar(part, place, always && !(lazy && n > 0));
    if (!this.#isWorth(s)) return;
    const text = printScalar(s);
    const known = this.#found.get(text);
    if (known === undefined)
      this.#found.set(text, { value: s, text, times: 1, size: text.length, first: place, always });
    else {
      known.times++;
      known.always ||= always;
    }
  }

  /** Whether a value is an operation on reals, with nothing in it that changes in a step. */
  #isWorth(s: Scalar): boolean {
    const stays = (part: Scalar): boolean =>
      (part.kind !== "load" || !this.#written.has(part.buffer)) &&
      (part.kind !== "name" || !this.#assigned.has(part.name)) &&
      parts(part).every(stays);
    return s.kind === "apply" && s.type === "real" && s.op !== "neg" && s.op !== "iverson" && stays(s);
  }
}

const namesIn = (s: Scalar): readonly string[] => (s.kind === "name" ? [s.name] : parts(s).flatMap(namesIn));

/** The constants of a statement and of its branches. */
function constants(s: Statement): readonly Let[] {
  if (s.kind === "if") return [...s.yes, ...s.no].flatMap(constants);
  return s.kind === "let" && !s.mutable ? [s] : [];
}

/** The statements, and those of branches, but some. */
const leaving = (statements: readonly Statement[], some: ReadonlySet<Statement>): readonly Statement[] =>
  statements
    .filter((s) => !some.has(s))
    .map((s) => (s.kind === "if" ? withBranches(s, leaving(s.yes, some), leaving(s.no, some)) : s));

/** Branches of one condition joined to the first of them, where it does not matter that they run earlier. */
function together(body: readonly Statement[]): readonly Statement[] {
  const all: Statement[] = [];
  for (const s of body) {
    const early = s.kind === "if" ? all.findIndex((t) => isAlike(t, s)) : -1;
    const first = all[early];
    if (s.kind === "if" && first?.kind === "if" && commute(all.slice(early + 1), [s]))
      all[early] = withBranches(first, [...first.yes, ...s.yes], [...first.no, ...s.no]);
    else all.push(s);
  }
  return all;
}

const isAlike = (s: Statement, other: If): boolean =>
  s.kind === "if" && printScalar(s.guard) === printScalar(other.guard);
