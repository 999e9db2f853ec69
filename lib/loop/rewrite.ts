/** Scalars and statements with some of their scalars replaced; where nothing is, the very same object. */
import { mapped } from "../mapped.ts";
import { load, named, operation, select, type Range, type Scalar, type Statement } from "./nest.ts";
import {
  remadeAssign,
  remadeContract,
  remadeFill,
  remadeIf,
  remadeLet,
  remadeLoop,
  remadeRange,
  remadeStore,
} from "./remade.ts";

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
  if (store === undefined) return now;
  if (now.kind === "store") return remadeStore(now, store(now.buffer, now.offset), now.value);
  if (now.kind !== "contract") return now;
  return remadeContract(now, store(now.buffer, now.offset), now.frees, now.sums, now.factors);
}

/** A statement with other names for what is read, assigned and defined in it. */
export function renamed(s: Statement, names: ReadonlyMap<string, string>): Statement {
  if (names.size === 0) return s;
  const other = (name: string): string => names.get(name) ?? name;
  const scalar = (v: Scalar): Scalar =>
    v.kind === "name" ? withName(v, other(v.name)) : withParts(v, scalar);
  const now = withScalars(s, scalar, (body) => mapped(body, (t) => renamed(t, names)));
  return now.kind === "let" || now.kind === "assign" ? renamedOne(now, other(now.name)) : now;
}

export const withName = (s: Extract<Scalar, { kind: "name" }>, name: string): Scalar =>
  name === s.name ? s : named(name, s.type);

/** What a statement gives a value to, under another name. */
export const renamedOne = (
  s: Extract<Statement, { kind: "let" | "assign" }>,
  name: string,
): Extract<Statement, { kind: "let" | "assign" }> =>
  s.kind === "let" ? remadeLet(s, name, s.value) : remadeAssign(s, name, s.value);

/** A scalar with `f` of each of its parts. */
export function withParts(s: Scalar, f: (part: Scalar) => Scalar): Scalar {
  switch (s.kind) {
    case "const":
    case "name":
      return s;
    case "load": {
      const offset = f(s.offset);
      return offset === s.offset ? s : load(s.buffer, offset, s.type);
    }
    case "apply": {
      const args = mapped(s.args, f);
      return args === s.args ? s : operation(s.op, s.type, args);
    }
    case "select": {
      const [guard, yes, no] = [f(s.guard), f(s.yes), f(s.no)];
      return guard === s.guard && yes === s.yes && no === s.no ? s : select(guard, yes, no, s.type);
    }
  }
}

/** A statement with `scalar` of each scalar of its own, in the order in which they are evaluated, and `body` of what is inside. */
export function withScalars(
  s: Statement,
  scalar: (s: Scalar) => Scalar,
  body: (inner: readonly Statement[]) => readonly Statement[],
): Statement {
  const range = (r: Range): Range => remadeRange(r, scalar(r.from), scalar(r.to));
  switch (s.kind) {
    case "comment":
      return s;
    case "let":
      return remadeLet(s, s.name, scalar(s.value));
    case "assign":
      return remadeAssign(s, s.name, scalar(s.value));
    case "fill":
      return remadeFill(s, s.buffer, scalar(s.value));
    case "store":
      return remadeStore(s, scalar(s.offset), scalar(s.value));
    case "for":
      return remadeLoop(s, s.index, scalar(s.from), scalar(s.to), body(s.body));
    case "contract":
      return remadeContract(
        s,
        scalar(s.offset),
        mapped(s.frees, range),
        mapped(s.sums, range),
        mapped(s.factors, scalar),
      );
    case "if":
      return remadeIf(s, scalar(s.guard), body(s.yes), body(s.no));
    case "require": {
      const guard = scalar(s.guard);
      const message = mapped(s.message, (m) => (typeof m === "string" ? m : scalar(m)));
      return guard === s.guard && message === s.message ? s : { kind: "require", guard, message };
    }
  }
}
