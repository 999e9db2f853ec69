/**
 * Loops that leave one place out, without a question at each step.
 *
 * In `for (j …) if (j !== y) …` nobody can tell when j will be y, so every row of labels costs the processor
 * a wrong guess or two. Here the loop has one step less, and its j jumps over y: j = n + [n >= y].
 */
import { call, minus } from "../loop/integer.ts";
import { Names } from "../loop/identifier.ts";
import { constant, named, parts, type Nest, type Scalar, type Statement } from "../loop/nest.ts";
import { printScalar } from "../loop/print.ts";
import { verify } from "../loop/verify.ts";
import { naming, replaced, rewritten } from "../loop/rewrite.ts";
import { effectsOf, type Access } from "./effects.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type If = Extract<Statement, { kind: "if" }>;

/** The nest with such loops wherever all of a body can do without that place. */
export function leaveOut(nest: Nest): Nest {
  const names = new Names();
  const { defines } = effectsOf([...nest.door, ...nest.body]);
  for (const { name } of [...nest.sizes, ...nest.parameters, ...nest.buffers]) names.fresh(name);
  for (const name of defines) names.fresh(name);
  const made = { ...nest, body: inAll(nest.body, names) };
  verify(made);
  return made;
}

function inAll(statements: readonly Statement[], names: Names): readonly Statement[] {
  return statements.map((s, n) => {
    if (s.kind === "if") return { ...s, yes: inAll(s.yes, names), no: inAll(s.no, names) };
    if (s.kind !== "for") return s;
    return without(statements, n, s, names) ?? { ...s, body: inAll(s.body, names) };
  });
}

/** The loop, the n-th of `statements`, without the place that its conditions leave out; undefined where it needs it. */
function without(all: readonly Statement[], n: number, loop: Loop, names: Names): Loop | undefined {
  const { index, from, to, step, body } = loop;
  const place = body.flatMap((s) => (s.kind === "if" ? placeOf(s, index) : []))[0];
  if (place === undefined || step !== undefined || from.kind !== "const" || from.value !== 0)
    return undefined;
  if (!body.every((s) => isQuiet(s, index, place) || isWrittenLater(s, all.slice(n + 1), body, index, place)))
    return undefined;
  if (!isInside(place, all, loop)) return undefined;
  const count = names.fresh("n");
  const here = named(count, "int");
  const value = call("add", here, {
    kind: "apply",
    op: "iverson",
    type: "int",
    args: [call("ge", here, place)],
  });
  return {
    kind: "for",
    index: count,
    from,
    to: minus(to, constant(1)),
    body: [
      { kind: "comment", text: `every ${index} but ${printScalar(place)}` },
      { kind: "let", name: index, type: "int", value, mutable: false },
      ...flat(body, index, names),
    ],
  };
}

/** The body with its conditions met; of constants that are called alike, the later ones get names of their own. */
function flat(body: readonly Statement[], index: string, names: Names): readonly Statement[] {
  const taken = new Set<string>();
  const all = (
    statements: readonly Statement[],
    around: ReadonlyMap<string, Scalar>,
  ): readonly Statement[] => {
    const renamed = new Map(around);
    return statements.flatMap((s) => {
      if (s.kind === "if" && placeOf(s, index).length > 0) return all(s.yes, renamed);
      const now = rewritten(s, naming(renamed));
      if (now.kind !== "let") return [now];
      const name = taken.has(now.name) ? names.fresh(now.name) : now.name;
      taken.add(name);
      renamed.set(now.name, named(name, now.type));
      return [{ ...now, name }];
    });
  };
  return all(body, new Map());
}

/** The t of `if (index !== t)`, one that no step changes. */
function placeOf({ guard, no }: If, index: string): readonly Scalar[] {
  if (guard.kind !== "apply" || guard.op !== "ne" || no.length > 0) return [];
  const [a, b] = guard.args as [Scalar, Scalar];
  const other = isIndex(a, index) ? b : isIndex(b, index) ? a : undefined;
  return other?.kind === "name" && other.type === "int" && !isIndex(other, index) ? [other] : [];
}

const isIndex = (s: Scalar, index: string): boolean => s.kind === "name" && s.name === index;

/** Whether a statement does nothing at that place that anyone could notice. */
const isQuiet = (s: Statement, index: string, place: Scalar): boolean =>
  s.kind === "comment" ||
  (s.kind === "let" && !s.mutable) ||
  (s.kind === "if" &&
    s.yes.every((t) => t.kind !== "let" || !t.mutable) &&
    placeOf(s, index).some((t) => printScalar(t) === printScalar(place)));

/** Whether what is stored at that place is written over before anyone reads it. */
function isWrittenLater(
  s: Statement,
  later: readonly Statement[],
  body: readonly Statement[],
  index: string,
  place: Scalar,
): boolean {
  if (s.kind !== "store" || s.by !== "set") return false;
  const own = printScalar(s.offset);
  const here = printScalar(replaced(s.offset, naming(new Map([[index, place]]))));
  if (
    own === here ||
    !accessesTo(body, s.buffer).every((a) => a.kind !== "fill" && printScalar(a.offset) === own)
  )
    return false;
  const next = later.find((t) => accessesTo([t], s.buffer).length > 0);
  return (
    next?.kind === "store" &&
    next.by === "set" &&
    next.buffer === s.buffer &&
    printScalar(next.offset) === here &&
    accessesTo([next], s.buffer).length === 1
  );
}

const accessesTo = (statements: readonly Statement[], buffer: string): readonly Access[] =>
  effectsOf(statements).accesses.filter((a) => a.buffer === buffer);

/**
 * Whether the place is one that the loop comes to: beside the loop an element is touched, whatever
 * holds, that is the place's among those which the loop goes along. No offset leaves its axis.
 */
function isInside(place: Scalar, all: readonly Statement[], loop: Loop): boolean {
  const at = naming(new Map([[loop.index, place]]));
  const along = new Set(
    effectsOf(loop.body).accesses.flatMap((a) =>
      a.kind === "fill" ? [] : [`${a.buffer} ${printScalar(replaced(a.offset, at))}`],
    ),
  );
  return all.some((s) => touchedIn(s).some((element) => along.has(element)));
}

/** Elements that a single statement touches for certain. */
function touchedIn(s: Statement): readonly string[] {
  if (s.kind !== "let" && s.kind !== "assign" && s.kind !== "store") return [];
  const written = s.kind === "store" ? [`${s.buffer} ${printScalar(s.offset)}`] : [];
  return [...written, ...loaded(s.value)];
}

function loaded(s: Scalar): readonly string[] {
  if (s.kind === "load") return [`${s.buffer} ${printScalar(s.offset)}`];
  const lazy = s.kind === "select" || (s.kind === "apply" && (s.op === "and" || s.op === "or"));
  return parts(s)
    .slice(0, lazy ? 1 : undefined)
    .flatMap(loaded);
}
