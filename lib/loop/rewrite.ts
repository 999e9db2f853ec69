/** Scalars and statements with some of their scalars replaced; where nothing is, the very same object. */
import { mapped } from "../mapped.ts";
import type { Range, Scalar, Statement } from "./nest.ts";

export type Replace = (s: Scalar) => Scalar | undefined;

/** A name becomes a scalar. */
export const naming =
  (values: ReadonlyMap<string, Scalar>): Replace =>
  (s) =>
    s.kind === "name" ? values.get(s.name) : undefined;

/** Every scalar for which `by` has an answer is replaced by it; the parts of the others are looked at. */
export const replaced = (s: Scalar, by: Replace): Scalar =>
  by(s) ?? withParts(s, (part) => replaced(part, by));

/**
 * A statement with its scalars replaced, those of its body too. `store` has a say in where
 * values go: what becomes of a buffer's offset.
 */
export function rewritten(
  s: Statement,
  by: Replace,
  store?: (buffer: string, offset: Scalar) => Scalar,
): Statement {
  const now = withScalars(
    s,
    (scalar) => replaced(scalar, by),
    (body) => mapped(body, (t) => rewritten(t, by, store)),
  );
  return store && (now.kind === "store" || now.kind === "contract")
    ? changed(now, { offset: store(now.buffer, now.offset) })
    : now;
}

/** A statement with other names for what is read, assigned and defined in it. */
export function renamed(s: Statement, names: ReadonlyMap<string, string>): Statement {
  if (names.size === 0) return s;
  const other = (name: string): string => names.get(name) ?? name;
  const scalar = (v: Scalar): Scalar =>
    v.kind === "name" ? changed(v, { name: other(v.name) }) : withParts(v, scalar);
  const now = withScalars(s, scalar, (body) => mapped(body, (t) => renamed(t, names)));
  return now.kind === "let" || now.kind === "assign" ? changed(now, { name: other(now.name) }) : now;
}

/** A scalar with `f` of each of its parts. */
export function withParts(s: Scalar, f: (part: Scalar) => Scalar): Scalar {
  switch (s.kind) {
    case "const":
    case "name":
      return s;
    case "load": {
      const offset = f(s.offset);
      return offset === s.offset ? s : { ...s, offset };
    }
    case "apply": {
      const args = mapped(s.args, f);
      return args === s.args ? s : { ...s, args };
    }
    case "select": {
      const [guard, yes, no] = [f(s.guard), f(s.yes), f(s.no)];
      return guard === s.guard && yes === s.yes && no === s.no ? s : { ...s, guard, yes, no };
    }
  }
}

/** A statement with `scalar` of each scalar of its own, in the order in which they are evaluated, and `body` of what is inside. */
export function withScalars(
  s: Statement,
  scalar: (s: Scalar) => Scalar,
  body: (inner: readonly Statement[]) => readonly Statement[],
): Statement {
  const range = (r: Range): Range => changed(r, { from: scalar(r.from), to: scalar(r.to) });
  switch (s.kind) {
    case "comment":
      return s;
    case "let":
    case "assign":
    case "fill":
      return changed(s, { value: scalar(s.value) });
    case "store":
      return changed(s, { offset: scalar(s.offset), value: scalar(s.value) });
    case "for":
      return changed(s, { from: scalar(s.from), to: scalar(s.to), body: body(s.body) });
    case "contract":
      return changed(s, {
        offset: scalar(s.offset),
        frees: mapped(s.frees, range),
        sums: mapped(s.sums, range),
        factors: mapped(s.factors, scalar),
      });
    case "if":
      return changed(s, { guard: scalar(s.guard), yes: body(s.yes), no: body(s.no) });
    case "require":
      return changed(s, {
        guard: scalar(s.guard),
        message: mapped(s.message, (m) => (typeof m === "string" ? m : scalar(m))),
      });
  }
}

/** The very same object where nothing is new. */
export function changed<T extends object>(s: T, now: Partial<T>): T {
  const keys = Object.keys(now) as (keyof T)[]; // those of a `Partial<T>`
  return keys.every((key) => now[key] === s[key]) ? s : { ...s, ...now };
}
