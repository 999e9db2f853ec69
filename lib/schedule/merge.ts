/**
 * Loops over the same range as one loop, where neither needs what the other has only at its end:
 * the sum of a row's terms, their count and their derivatives in one go over the row.
 */
import { mapped } from "../mapped.ts";
import { constant, named, type Scalar, type Statement } from "../loop/nest.ts";
import { printScalar } from "../loop/print.ts";
import { remadeLoop, withBody, withBranches } from "../loop/remade.ts";
import { naming, rewritten } from "../loop/rewrite.ts";
import { effectsOf, type Effects } from "./effects.ts";
import { equal, isZero, polynomial, product, strideOf } from "./polynomial.ts";

type Loop = Extract<Statement, { kind: "for" }>;

/** In `statements` no name is given twice. */
export function mergeLoops(statements: readonly Statement[]): readonly Statement[] {
  let all = mapped(statements, inside);
  for (let q = 1; q < all.length; q++) {
    const late = all[q]!;
    if (late.kind !== "for" || !isSimple(late)) continue;
    for (let p = q - 1; p >= 0; p--) {
      const merged = merge(all, p, q);
      if (merged === undefined) continue;
      all = [...merged];
      // All after the pair has moved one place down, or stays: the next one is looked at again.
      q--;
      break;
    }
  }
  return all;
}

function inside(s: Statement): Statement {
  if (s.kind === "for") return withBody(s, mergeLoops(s.body));
  if (s.kind === "if") return withBranches(s, mergeLoops(s.yes), mergeLoops(s.no));
  return s;
}

/** A loop, or a loop with nothing but such a one in it, whose stores replace: those that add up are contractions. */
function isSimple(s: Loop): boolean {
  const inner = innerOf(s);
  return s.step === undefined && (inner === undefined ? s.body.every(isSimpleStep) : isSimple(inner));
}

/** The loop that is all there is in a loop, if it is not written out. */
function innerOf({ body }: Loop): Loop | undefined {
  const [only, ...more] = body;
  return only?.kind === "for" && more.length === 0 && !isShort(only) ? only : undefined;
}

/** A loop and those that are all there is in it, outermost first. */
function nestOf(loop: Loop): readonly Loop[] {
  const inner = innerOf(loop);
  return inner === undefined ? [loop] : [loop, ...nestOf(inner)];
}

const isSimpleStep = (s: Statement): boolean =>
  s.kind === "let" ||
  s.kind === "assign" ||
  s.kind === "comment" ||
  (s.kind === "store" && s.by === "set") ||
  (s.kind === "if" && s.yes.every(isSimpleStep) && s.no.every(isSimpleStep)) ||
  (s.kind === "for" && isShort(s) && s.body.every(isSimpleStep));

/** A loop of so few steps that they are written out. */
const isShort = ({ from, to }: Loop): boolean =>
  from.kind === "const" && to.kind === "const" && to.value - from.value <= 4;

/** The statements with loop `q` put into loop `p`, and what it needs put before that; undefined where that would change a value. */
function merge(all: readonly Statement[], p: number, q: number): readonly Statement[] | undefined {
  const [early, second] = [all[p]!, all[q]!];
  if (early.kind !== "for" || second.kind !== "for" || !isSimple(early)) return undefined;
  const loops = nestOf(early);
  const late = inStep(second, loops);
  if (late === undefined || !together(loops, early, late)) return undefined;
  const before: Statement[] = [];
  const after: Statement[] = [];
  const words: Statement[] = [];
  const moved = [outside(late)];
  const own = outside(early);
  for (const s of all.slice(p + 1, q).toReversed()) {
    const effects = outside(s);
    // The formula above a loop goes with it.
    if (s.kind === "comment" && after.length === 0 && words.length === 0) words.push(s);
    else if (!moved.some((m) => conflict(effects, m))) after.unshift(s);
    else if (s.kind !== "let" || conflict(own, effects)) return undefined;
    else {
      before.unshift(s);
      moved.push(effects);
    }
  }
  const whole = joined(early, late, words);
  return [...all.slice(0, p), ...before, whole, ...after, ...all.slice(q + 1)];
}

/** A nest with the indices of another one, where it runs over the same ranges. */
function inStep(loop: Loop, [first, ...others]: readonly Loop[]): Loop | undefined {
  const inner = innerOf(loop);
  if (first === undefined || !sameRange(first, loop) || (inner === undefined) !== (others.length === 0))
    return undefined;
  const by = naming(new Map([[loop.index, named(first.index, "int")]]));
  const own = (body: readonly Statement[]): Loop =>
    remadeLoop(
      loop,
      first.index,
      loop.from,
      loop.to,
      mapped(body, (s) => rewritten(s, by)),
    );
  const within = inner && inStep(inner, others);
  return inner === undefined ? own(loop.body) : within && own([within]);
}

/** The innermost bodies one after the other. */
function joined(early: Loop, late: Loop, words: readonly Statement[]): Loop {
  const [a, b] = [innerOf(early), innerOf(late)];
  if (a === undefined || b === undefined) return withBody(early, [...early.body, ...words, ...late.body]);
  return withBody(early, [joined(a, b, words)]);
}

const sameRange = (a: Loop, b: Loop): boolean => same(a.from, b.from) && same(a.to, b.to);

const same = (a: Scalar, b: Scalar): boolean => printScalar(a) === printScalar(b);

/** Whether both may go on in turns: neither touches a name of the other's, and buffers only at the index's own place. */
function together(loops: readonly Loop[], a: Loop, b: Loop): boolean {
  const [x, y] = [effectsOf(nestOf(a).at(-1)!.body), effectsOf(nestOf(b).at(-1)!.body)];
  if (namesMeet(x, y)) return false;
  const written = new Set(
    [...x.accesses, ...y.accesses].filter((s) => s.kind !== "load").map((s) => s.buffer),
  );
  const shared = [...written].filter(
    (buffer) => x.accesses.some((s) => s.buffer === buffer) && y.accesses.some((s) => s.buffer === buffer),
  );
  return shared.every((buffer) => {
    const offsets = [...x.accesses, ...y.accesses]
      .filter((s) => s.buffer === buffer)
      .map((s) => (s.kind === "fill" ? undefined : s.offset));
    const [first] = offsets;
    return (
      first !== undefined && isApart(first, loops) && offsets.every((o) => o !== undefined && same(o, first))
    );
  });
}

/** Whether an offset is another for each step of a nest: it counts them, or it moves with the one index. */
function isApart(offset: Scalar, loops: readonly Loop[]): boolean {
  const [only, ...more] = loops;
  if (more.length === 0) return moves(offset, only!.index);
  let steps = polynomial(constant(1));
  for (const { index, from, to } of loops.toReversed()) {
    const stride = strideOf(offset, index);
    if (stride === undefined || !equal(stride, steps) || !isZero(polynomial(from))) return false;
    steps = product(steps, polynomial(to));
  }
  return true;
}

/** Whether an offset is another for each value of the index: the index itself, or it added to something else. */
function moves(offset: Scalar, index: string): boolean {
  if (offset.kind === "name") return offset.name === index;
  if (offset.kind !== "apply" || (offset.op !== "add" && offset.op !== "sub")) return false;
  const [own, ...more] = offset.args.filter((a) =>
    effectsOf([{ kind: "let", name: "", type: "int", value: a, mutable: false }]).reads.has(index),
  );
  return own !== undefined && more.length === 0 && moves(own, index);
}

/** The effects of a statement without the loop indices that it has to itself. */
function outside(s: Statement): Effects {
  const effects = effectsOf([s]);
  const own = new Set<string>();
  const visit = (t: Statement): void => {
    if (t.kind === "for") {
      own.add(t.index);
      t.body.forEach(visit);
    } else if (t.kind === "if") [...t.yes, ...t.no].forEach(visit);
    else if (t.kind === "contract") for (const { index } of [...t.frees, ...t.sums]) own.add(index);
  };
  visit(s);
  const less = (names: ReadonlySet<string>) => new Set([...names].filter((name) => !own.has(name)));
  const { accesses, assigns, indices } = effects;
  return { accesses, reads: less(effects.reads), assigns, defines: less(effects.defines), indices };
}

export function conflict(a: Effects, b: Effects): boolean {
  if (namesMeet(a, b)) return true;
  return a.accesses.some((x) =>
    b.accesses.some((y) => x.buffer === y.buffer && (x.kind !== "load" || y.kind !== "load")),
  );
}

/** Whether one of them gives a value to a name that the other knows. */
const namesMeet = (a: Effects, b: Effects): boolean =>
  given(a).some((name) => knows(b, name)) || given(b).some((name) => knows(a, name));

const given = (e: Effects): readonly string[] => [...e.assigns, ...e.defines];

const knows = (e: Effects, name: string): boolean =>
  e.reads.has(name) || e.assigns.has(name) || e.defines.has(name);
