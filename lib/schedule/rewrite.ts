/** Scalars and statements with some of their scalars replaced; where nothing is, the very same object. */
import type { Range, Scalar, Statement } from "../loop/nest.ts";

export type Replace = (s: Scalar) => Scalar | undefined;

/** Every scalar for which `by` has an answer is replaced by it; the parts of the others are looked at. */
export function replaced(s: Scalar, by: Replace): Scalar {
  const other = by(s);
  if (other !== undefined) return other;
  switch (s.kind) {
    case "const":
    case "name":
      return s;
    case "load": {
      const offset = replaced(s.offset, by);
      return offset === s.offset ? s : { ...s, offset };
    }
    case "apply": {
      const args = mapped(s.args, (a) => replaced(a, by));
      return args === s.args ? s : { ...s, args };
    }
    case "select": {
      const [guard, yes, no] = [replaced(s.guard, by), replaced(s.yes, by), replaced(s.no, by)];
      return guard === s.guard && yes === s.yes && no === s.no ? s : { ...s, guard, yes, no };
    }
  }
}

/** The very same list where `f` changes no item. */
export function mapped<T>(items: readonly T[], f: (item: T) => T): readonly T[] {
  let all: T[] | undefined;
  for (let n = 0; n < items.length; n++) {
    const now = f(items[n]!);
    if (all === undefined && now !== items[n]) all = items.slice(0, n);
    all?.push(now);
  }
  return all ?? items;
}

/** A name becomes a scalar. */
export const naming =
  (values: ReadonlyMap<string, Scalar>): Replace =>
  (s) =>
    s.kind === "name" ? values.get(s.name) : undefined;

function range(r: Range, by: Replace): Range {
  const [from, to] = [replaced(r.from, by), replaced(r.to, by)];
  return from === r.from && to === r.to ? r : { ...r, from, to };
}

/**
 * A statement with its scalars replaced, those of its body too. `store` has a say in where
 * values go: what becomes of a buffer's offset.
 */
export function rewritten(
  s: Statement,
  by: Replace,
  store: (buffer: string, offset: Scalar) => Scalar = (_, offset) => offset,
): Statement {
  const scalar = (v: Scalar) => replaced(v, by);
  const all = (inner: readonly Statement[]) => mapped(inner, (t) => rewritten(t, by, store));
  switch (s.kind) {
    case "comment":
      return s;
    case "let":
    case "assign":
    case "fill": {
      const value = scalar(s.value);
      return value === s.value ? s : { ...s, value };
    }
    case "store":
      return changed(s, { offset: store(s.buffer, scalar(s.offset)), value: scalar(s.value) });
    case "for":
      return changed(s, { from: scalar(s.from), to: scalar(s.to), body: all(s.body) });
    case "contract":
      return changed(s, {
        offset: store(s.buffer, scalar(s.offset)),
        frees: mapped(s.frees, (r) => range(r, by)),
        sums: mapped(s.sums, (r) => range(r, by)),
        factors: mapped(s.factors, scalar),
      });
    case "if":
      return changed(s, { guard: scalar(s.guard), yes: all(s.yes), no: all(s.no) });
    case "require":
      return {
        ...s,
        guard: scalar(s.guard),
        message: s.message.map((m) => (typeof m === "string" ? m : scalar(m))),
      };
  }
}

/** The very same statement where nothing is new. */
export function changed<S extends Statement>(s: S, now: Partial<S>): S {
  const keys = Object.keys(now) as (keyof S)[]; // those of a `Partial<S>`
  return keys.every((key) => now[key] === s[key]) ? s : { ...s, ...now };
}
