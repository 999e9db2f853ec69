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
 * goes from t on, t goes from the end to the beginning: the terms are then added up from the last one on. Where there
 * are not as many k as t, a step is taken only where there is such a k, and those after the last t come first.
 *
 * Where a loop has reductions that run both ways, or one from the end and steps that must be taken in order, those that
 * do not go with the loop run before it, in one of their own that keeps the value of each t in an array.
 */
import type { Names } from "../loop/identifier.ts";
import { constant, load, named, operands, parts, type Scalar, type Statement } from "../loop/nest.ts";
import { withBody, withBranches } from "../loop/remade.ts";
import { naming, renamed, replaced, rewritten } from "../loop/rewrite.ts";
import { call, minus } from "../loop/integer.ts";
import { commute, effectsOf } from "./effects.ts";
import { equal, mentions, polynomial } from "./polynomial.ts";
import { placeOf, type Scratch } from "./scratch.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Let = Extract<Statement, { kind: "let" }>;

/** The statements with every such reduction running along; what is kept for a loop is added to `scratch`. */
export function runAlong(
  statements: readonly Statement[],
  names: Names,
  scratch: Scratch,
): readonly Statement[] {
  const within = (inner: readonly Statement[]) => runAlong(inner, names, scratch);
  const all = statements.flatMap((s): readonly Statement[] => {
    if (s.kind === "if") return [withBranches(s, within(s.yes), within(s.no))];
    if (s.kind !== "for") return [s];
    return divided(s).flatMap((part) => {
      const loop = turned(part);
      return new Running(withBody(loop, within(loop.body)), names, scratch).statements();
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
  /** How many terms there are, where that need not be as many as steps. */
  readonly end: Scalar | undefined;
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
  const others = ends.filter((s) => !mentions(s, loop.index));
  const own = ends.filter((s) => !others.includes(s)).map(polynomial);
  if (others.length > 1 || starts.length + own.length !== 1 || !others.every((s) => isFixed(s, loop)))
    return undefined;
  const back = starts.length === 1;
  const limit = back ? polynomial(starts[0]!) : own[0]!;
  const [isHere, isAfter] = [equal(limit, here), equal(limit, after)];
  return isHere || isAfter ? { back, whole: isHere === back, end: others[0] } : undefined;
}

/** Whether nothing in the body of a loop changes it. */
function isFixed(s: Scalar, { body }: Loop): boolean {
  const { defines, assigns } = effectsOf(body);
  const stays = (v: Scalar): boolean =>
    v.kind !== "load" &&
    !(v.kind === "name" && (defines.has(v.name) || assigns.has(v.name))) &&
    parts(v).every(stays);
  return stays(s);
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
  readonly #scratch: Scratch;
  readonly #started: Let[] = [];

  constructor(loop: Loop, names: Names, scratch: Scratch) {
    this.#loop = loop;
    this.#names = names;
    this.#scratch = scratch;
  }

  /** The loop, with what its reductions start from before it, and before that those that go the other way. */
  statements(): readonly Statement[] {
    const directions = this.#loop.body.map((s) => (s.kind === "for" ? this.#direction(s) : undefined));
    const found = directions.filter((d) => d !== undefined);
    if (found.length === 0) return [this.#loop];
    const back = found.every((d) => d.back) && isFree(this.#loop);
    const [before, loop] = this.#setApart(directions.map((d) => d !== undefined && d.back !== back));
    if (before.length === 0)
      return found.some((d) => d.back === back) ? this.#along(directions, back) : [loop];
    return [...before, ...new Running(loop, this.#names, this.#scratch).statements()];
  }

  /** Loops for reductions of which `apart` holds, which keep their values, and the loop that reads them. */
  #setApart(apart: readonly boolean[]): readonly [before: readonly Statement[], rest: Loop] {
    const loop = this.#loop;
    const before: Statement[] = [];
    const gone = new Set<Statement>();
    const body = loop.body.flatMap((s, n): readonly Statement[] => {
      const starts = s.kind === "for" && apart[n] ? this.#startsOf(s, n) : [];
      if (starts.length === 0 || !this.#canKeep(starts)) return [s];
      const later = effectsOf(loop.body.slice(n + 1));
      const { statements, values } = this.#before(s, starts);
      before.push(...statements);
      return starts.map((start, m): Let => {
        gone.add(start);
        return { ...start, value: values[m]!, mutable: later.assigns.has(start.name) };
      });
    });
    return [before, { ...loop, body: withoutUnread(body.filter((s) => !gone.has(s))) }];
  }

  #canKeep(starts: readonly Let[]): boolean {
    return starts.every(({ type }) => type === "real") && this.#scratch.extentOf(this.#loop) !== undefined;
  }

  /** A reduction in a loop of its own, and where its variables are at each step. */
  #before(s: Statement, starts: readonly Let[]) {
    const loop = this.#loop;
    const place = placeOf([loop]);
    const own = new Map(starts.map(({ name }) => [name, this.#names.fresh(name)]));
    const kept = starts.map(({ name }) => this.#names.fresh(`${name}_kept`));
    const stores = starts.map(({ name, type }, n): Statement => {
      this.#scratch.add(kept[n]!, name, [loop]);
      return { kind: "store", buffer: kept[n]!, offset: place, by: "set", value: named(name, type) };
    });
    const reduced = rewritten(s, naming(boundsIn(loop.body)));
    const body = [...starts, reduced, ...stores].map((t) => renamed(t, own));
    return {
      statements: new Running({ ...loop, body }, this.#names, this.#scratch).statements(),
      values: kept.map((buffer) => load(buffer, place, "real")),
    };
  }

  /** The loop with the reductions that go its way running along it. */
  #along(directions: readonly (Direction | undefined)[], back: boolean): readonly Statement[] {
    const body: Statement[] = [];
    const last: Statement[] = [];
    const beyond: Statement[] = [];
    let by = new Map<string, string>();
    for (const [n, s] of this.#loop.body.entries()) {
      const direction = directions[n];
      if (s.kind !== "for" || direction?.back !== back) {
        body.push(renamed(s, by));
        continue;
      }
      const step = s.body.map((t) =>
        rewritten(t, naming(new Map([[s.index, named(this.#loop.index, "int")]]))),
      );
      (direction.whole ? body : last).push(...this.#whereThereIs(step, direction));
      by = new Map([...by, ...this.#now(s, n, body)]);
      if (direction.back && direction.end !== undefined)
        beyond.push({ ...s, from: this.#loop.to, to: direction.end });
    }
    const carried = new Set(this.#started.map((s) => s.name));
    const kept = body.filter((s) => s.kind !== "let" || !carried.has(s.name));
    const whole = withoutUnread([...kept, ...last]);
    const loop = { ...this.#loop, body: back ? this.#fromTheEnd(whole) : whole };
    return [...this.#started, ...beyond, loop];
  }

  /** A step, taken where there is a term of it. */
  #whereThereIs(step: readonly Statement[], { end }: Direction): readonly Statement[] {
    if (end === undefined) return step;
    return [{ kind: "if", guard: call("lt", named(this.#loop.index, "int"), end), yes: step, no: [] }];
  }

  /** Which way a reduction runs, if all it does is to go on from where it was. */
  #direction(inner: Loop): Direction | undefined {
    const { body } = this.#loop;
    const at = body.indexOf(inner);
    const direction = directionOf(this.#loop, inner);
    if (direction === undefined) return undefined;
    const own = effectsOf(inner.body);
    const around = effectsOf(body);
    const variables = this.#variablesOf(inner);
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

  /** What a reduction adds up. */
  #variablesOf({ body }: Loop): readonly string[] {
    const { assigns, defines } = effectsOf(body);
    return [...assigns].filter((name) => !defines.has(name));
  }

  /** Where these begin. */
  #startsOf(inner: Loop, at: number): readonly Let[] {
    return this.#variablesOf(inner).flatMap((name) => this.#startOf(name, at) ?? []);
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
    const later = effectsOf(this.#loop.body.slice(at + 1));
    return this.#variablesOf(inner).flatMap((name) => {
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

/** Whether statements do nothing to a variable from outside but add to it, or the like: the order does not matter. */
const accumulates = (
  statements: readonly Statement[],
  own: ReadonlySet<string> = effectsOf(statements).defines,
): boolean =>
  statements.every((s) => {
    if (s.kind === "for") return accumulates(s.body, own);
    if (s.kind === "if") return accumulates(s.yes, own) && accumulates(s.no, own);
    if (s.kind === "assign") return s.by !== "set" || own.has(s.name);
    return s.kind === "let" || s.kind === "comment";
  });

/** Without constants that only the bounds of loops read that are no more. */
function withoutUnread(body: readonly Statement[]): readonly Statement[] {
  const { reads } = effectsOf(body);
  return body.filter((s) => s.kind !== "let" || s.mutable || s.type !== "int" || reads.has(s.name));
}
