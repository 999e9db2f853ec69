/**
 * Running sums, and other reductions over all that came before:
 *
 *   for t < T { var sum = 0; for k < min(T, t + 1) { sum += x[k] }; out[t] = sum }
 *
 * becomes
 *
 *   var sum = 0; for t < T { sum += x[t]; out[t] = sum }
 *
 * one step for each t instead of t of them. Where k stays below t, its step comes at the end of the loop. Where k
 * goes from t on, t goes from the end to the beginning: the terms are then added up from the last one on.
 */
import type { Names } from "../loop/identifier.ts";
import { constant, named, operands, parts, type Scalar, type Statement } from "../loop/nest.ts";
import { withBody, withBranches } from "../loop/remade.ts";
import { naming, renamed, replaced, rewritten } from "../loop/rewrite.ts";
import { call, minus } from "../loop/integer.ts";
import { commute, effectsOf } from "./effects.ts";
import { equal, mentions, polynomial } from "./polynomial.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Let = Extract<Statement, { kind: "let" }>;

/** The statements with every such reduction running along. */
export function runAlong(statements: readonly Statement[], names: Names): readonly Statement[] {
  const all = statements.flatMap((s): readonly Statement[] => {
    if (s.kind === "if") return [withBranches(s, runAlong(s.yes, names), runAlong(s.no, names))];
    if (s.kind !== "for") return [s];
    return divided(s).flatMap((part) => {
      const loop = turned(part);
      return new Running(withBody(loop, runAlong(loop.body, names)), names).statements();
    });
  });
  return all.length === statements.length && all.every((s, n) => s === statements[n]) ? statements : all;
}

/** A loop as several, one after another, so that reductions that run along it have one each, where nothing forbids that. */
function divided(loop: Loop): readonly Loop[] {
  if (!wantsRun(loop)) return [loop];
  const parts: Loop[] = [];
  let part: Statement[] = [];
  const body = withBoundsOpened(loop.body);
  for (const [n, s] of body.entries()) {
    part.push(s);
    const rest = body.slice(n + 1);
    if (s.kind === "comment" || !isApart(body.slice(0, n + 1), rest)) continue;
    const now = withBody(loop, part);
    const before = parts.at(-1);
    if (before !== undefined && !wantsRun(before) && !wantsRun(now))
      parts[parts.length - 1] = withBody(before, [...before.body, ...part]);
    else parts.push(now);
    part = [];
  }
  const last = parts.at(-1);
  if (last !== undefined && part.length > 0)
    parts[parts.length - 1] = withBody(last, [...last.body, ...part]);
  return parts.length > 1 ? parts : [loop];
}

/** Whether something in the body may run along the loop, perhaps with other loops around it. */
const wantsRun = (loop: Loop): boolean =>
  loop.body.some(
    (s) =>
      s.kind === "for" &&
      (directionOf(loop, s) !== undefined ||
        s.body.some(
          (t) => t.kind === "for" && directionOf(withBody(loop, [...loop.body, ...s.body]), t) !== undefined,
        )),
  );

/** Whether all steps of the first statements may be taken before those of the second ones. */
function isApart(before: readonly Statement[], after: readonly Statement[]): boolean {
  const { defines, indices } = effectsOf(before);
  const { reads, assigns } = effectsOf(after);
  const used = [...defines].some((name) => !indices.has(name) && (reads.has(name) || assigns.has(name)));
  return !used && commute(before, after);
}

/** The body with constants of indices and sizes put into what follows them. */
function withBoundsOpened(body: readonly Statement[]): readonly Statement[] {
  const values = boundsIn(body);
  const by = naming(values);
  return body.filter((s) => s.kind !== "let" || !values.has(s.name)).map((s) => rewritten(s, by));
}

/** The constants of a body that are made of indices and sizes only. */
function boundsIn(body: readonly Statement[]): ReadonlyMap<string, Scalar> {
  const values = new Map<string, Scalar>();
  for (const s of body)
    if (s.kind === "let" && !s.mutable && isOfIndices(s.value))
      values.set(s.name, replaced(s.value, naming(values)));
  return values;
}

const isOfIndices = (s: Scalar): boolean =>
  s.type === "int" && s.kind !== "load" && parts(s).every(isOfIndices);

/** for t { for i { … } } as for i { for t { … } } where the inner loop is one that may run along t. */
function turned(loop: Loop): Loop {
  const comments = loop.body.filter((s) => s.kind === "comment");
  const [only, ...others] = loop.body.filter((s) => s.kind !== "comment");
  if (only?.kind !== "for" || others.length > 0 || only.step !== undefined || loop.step !== undefined)
    return loop;
  if (mentions(only.from, loop.index) || mentions(only.to, loop.index)) return loop;
  const inside = withBody(loop, only.body);
  const isWanted = only.body.some((s) => s.kind === "for" && directionOf(inside, s) !== undefined);
  return isWanted && isFree(inside) ? withBody(only, [...comments, inside]) : loop;
}

/** Which terms a loop has at each step t of the loop around it. */
interface Direction {
  /** From the last t to the first one. */
  readonly back: boolean;
  /** Whether the term of t itself is among them. */
  readonly whole: boolean;
}

/** Whether k goes over all values of t up to, or from, the present one. */
function directionOf(loop: Loop, inner: Loop): Direction | undefined {
  if (loop.step !== undefined || inner.step !== undefined || !isNought(loop.from)) return undefined;
  const by = naming(boundsIn(loop.body));
  const bound = (s: Scalar): Scalar => replaced(s, by);
  const here = polynomial(named(loop.index, "int"));
  const after = polynomial(call("add", named(loop.index, "int"), constant(1)));
  const end = polynomial(loop.to);
  const starts = operands("max", bound(inner.from)).filter((s) => !isNought(s));
  const ends = operands("min", bound(inner.to)).filter((s) => !equal(polynomial(s), end));
  const [start, stop] = [starts[0], ends[0]].map((s) => s && polynomial(s));
  if (starts.length === 0 && ends.length === 1 && stop) {
    if (equal(stop, after)) return { back: false, whole: true };
    if (equal(stop, here)) return { back: false, whole: false };
  }
  if (starts.length === 1 && ends.length === 0 && start) {
    if (equal(start, here)) return { back: true, whole: true };
    if (equal(start, after)) return { back: true, whole: false };
  }
  return undefined;
}

const isNought = (s: Scalar): boolean => s.kind === "const" && s.value === 0;

/** Whether the steps of a loop may be taken in any order: what they write are different elements, which none of them reads. */
function isFree({ index, body }: Loop): boolean {
  const { accesses, assigns, defines } = effectsOf(body);
  const read = new Set(accesses.flatMap((a) => (a.kind === "load" ? [a.buffer] : [])));
  return (
    [...assigns].every((name) => defines.has(name)) &&
    accesses.every(
      (a) => a.kind === "load" || (a.kind === "store" && !read.has(a.buffer) && mentions(a.offset, index)),
    )
  );
}

/** The reductions of a loop that can run along it. */
class Running {
  readonly #loop: Loop;
  readonly #names: Names;
  readonly #started: Let[] = [];

  constructor(loop: Loop, names: Names) {
    this.#loop = loop;
    this.#names = names;
  }

  /** The loop, with what its reductions start from before it. */
  statements(): readonly Statement[] {
    const directions = this.#loop.body.map((s) => (s.kind === "for" ? this.#direction(s) : undefined));
    const first = directions.find((d) => d !== undefined);
    if (first === undefined || (first.back && !isFree(this.#loop))) return [this.#loop];
    const body: Statement[] = [];
    const last: Statement[] = [];
    let by = new Map<string, string>();
    for (const [n, s] of this.#loop.body.entries()) {
      const direction = directions[n];
      if (s.kind !== "for" || direction?.back !== first.back) {
        body.push(renamed(s, by));
        continue;
      }
      const step = s.body.map((t) =>
        rewritten(t, naming(new Map([[s.index, named(this.#loop.index, "int")]]))),
      );
      if (direction.whole) body.push(...step);
      else last.push(...step);
      by = new Map([...by, ...this.#now(s, n, body)]);
    }
    const carried = new Set(this.#started.map((s) => s.name));
    const kept = body.filter((s) => s.kind !== "let" || !carried.has(s.name));
    const whole = withoutUnread([...kept, ...last]);
    return [...this.#started, { ...this.#loop, body: first.back ? this.#fromTheEnd(whole) : whole }];
  }

  /** Which way a reduction runs, if all it does is to go on from where it was. */
  #direction(inner: Loop): Direction | undefined {
    const { body } = this.#loop;
    const at = body.indexOf(inner);
    const direction = directionOf(this.#loop, inner);
    if (direction === undefined) return undefined;
    const own = effectsOf(inner.body);
    const around = effectsOf(body);
    const variables = [...own.assigns].filter((name) => !own.defines.has(name));
    const isInner = (name: string) =>
      own.defines.has(name) || name === inner.index || variables.includes(name);
    const written = new Set(around.accesses.flatMap((a) => (a.kind === "load" ? [] : [a.buffer])));
    const runs =
      variables.length > 0 &&
      variables.every((name) => this.#startOf(name, at) !== undefined) &&
      own.accesses.every((a) => a.kind === "load" && !written.has(a.buffer)) &&
      [...own.reads].every(
        (name) => isInner(name) || (name !== this.#loop.index && !around.defines.has(name)),
      );
    return runs && (!direction.back || accumulates(inner.body)) ? direction : undefined;
  }

  /** Where a variable of the loop's body begins, with a constant, if nothing touches it before the statement at `at`. */
  #startOf(name: string, at: number): Let | undefined {
    const { body } = this.#loop;
    const begin = body.findIndex((s) => s.kind === "let" && s.name === name);
    const start = body[begin];
    if (start?.kind !== "let" || !start.mutable || start.value.kind !== "const" || begin > at)
      return undefined;
    const between = effectsOf(body.slice(begin + 1, at));
    return between.reads.has(name) || between.assigns.has(name) ? undefined : start;
  }

  /** Takes the variables of a reduction out of the loop; those that later statements change go on under other names. */
  #now(inner: Loop, at: number, body: Statement[]): readonly (readonly [string, string])[] {
    const own = effectsOf(inner.body);
    const later = effectsOf(this.#loop.body.slice(at + 1));
    const variables = [...own.assigns].filter((name) => !own.defines.has(name));
    return variables.flatMap((name) => {
      const start = this.#startOf(name, at)!;
      this.#started.push(start);
      if (!later.assigns.has(name)) return [];
      const now = this.#names.fresh(name);
      body.push({ kind: "let", name: now, type: start.type, value: named(name, start.type), mutable: true });
      return [[name, now] as const];
    });
  }

  /** The body with t counted from the end. */
  #fromTheEnd(body: readonly Statement[]): readonly Statement[] {
    const { index, to } = this.#loop;
    const place = this.#names.fresh(`${index}_back`);
    const value = minus(minus(to, constant(1)), named(index, "int"));
    const by = naming(new Map([[index, named(place, "int")]]));
    return [
      { kind: "let", name: place, type: "int", value, mutable: false },
      ...body.map((s) => rewritten(s, by)),
    ];
  }
}

/** Whether statements do nothing to a variable but add to it, or the like: the order does not matter. */
const accumulates = (statements: readonly Statement[]): boolean =>
  statements.every((s) => {
    if (s.kind === "for") return accumulates(s.body);
    if (s.kind === "if") return accumulates(s.yes) && accumulates(s.no);
    return s.kind === "let" || s.kind === "comment" || (s.kind === "assign" && s.by !== "set");
  });

/** Without constants that only the bounds of loops read that are no more. */
function withoutUnread(body: readonly Statement[]): readonly Statement[] {
  const { reads } = effectsOf(body);
  return body.filter((s) => s.kind !== "let" || s.mutable || s.type !== "int" || reads.has(s.name));
}
