/** The names and buffers that a scalar mentions, found once for each scalar: it does not change. */
import { parts, type Scalar } from "./nest.ts";

/** Each name and each buffer once. */
export interface Mentioned {
  readonly names: readonly string[];
  readonly buffers: readonly string[];
}

const known = new WeakMap<Scalar, Mentioned>();
const none: readonly string[] = [];
const nothing: Mentioned = { names: none, buffers: none };

export function mentionedIn(s: Scalar): Mentioned {
  if (s.kind === "const") return nothing;
  let found = known.get(s);
  if (found === undefined) known.set(s, (found = collected(s)));
  return found;
}

function collected(s: Scalar): Mentioned {
  if (s.kind === "name") return { names: [s.name], buffers: none };
  const inner = parts(s).map(mentionedIn);
  if (inner.length === 1 && s.kind !== "load") return inner[0]!;
  const own = s.kind === "load" ? [s.buffer] : none;
  return {
    names: together(inner.map((m) => m.names)),
    buffers: together([own, ...inner.map((m) => m.buffers)]),
  };
}

/** What some list has, each once; a list that has all of it as it is. */
function together(lists: readonly (readonly string[])[]): readonly string[] {
  let all = none;
  for (const list of lists) {
    const more = all.length === 0 ? list : list.filter((name) => !all.includes(name));
    if (more.length > 0) all = all.length === 0 ? more : [...all, ...more];
  }
  return all;
}

/** Whether a scalar mentions a name. */
export const mentions = (s: Scalar, name: string): boolean =>
  s.kind === "name" ? s.name === name : mentionedIn(s).names.includes(name);

/** Whether a scalar mentions some of the names. */
export const mentionsAny = (s: Scalar, names: { has(name: string): boolean }): boolean =>
  s.kind === "name" ? names.has(s.name) : mentionedIn(s).names.some((name) => names.has(name));

/** Whether a scalar reads memory. */
export const loads = (s: Scalar): boolean => mentionedIn(s).buffers.length > 0;
