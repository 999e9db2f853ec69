/** Scalars and statements with some of their scalars replaced. */
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
    case "load":
      return { ...s, offset: replaced(s.offset, by) };
    case "apply":
      return { ...s, args: s.args.map((a) => replaced(a, by)) };
    case "select":
      return { ...s, guard: replaced(s.guard, by), yes: replaced(s.yes, by), no: replaced(s.no, by) };
  }
}

/** A name becomes a scalar. */
export const naming =
  (values: ReadonlyMap<string, Scalar>): Replace =>
  (s) =>
    s.kind === "name" ? values.get(s.name) : undefined;

const range = (r: Range, by: Replace): Range => ({
  ...r,
  from: replaced(r.from, by),
  to: replaced(r.to, by),
});

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
  const all = (inner: readonly Statement[]) => inner.map((t) => rewritten(t, by, store));
  switch (s.kind) {
    case "comment":
      return s;
    case "let":
    case "assign":
    case "fill":
      return { ...s, value: scalar(s.value) };
    case "store":
      return { ...s, offset: store(s.buffer, scalar(s.offset)), value: scalar(s.value) };
    case "for":
      return { ...s, from: scalar(s.from), to: scalar(s.to), body: all(s.body) };
    case "contract":
      return {
        ...s,
        offset: store(s.buffer, scalar(s.offset)),
        frees: s.frees.map((r) => range(r, by)),
        sums: s.sums.map((r) => range(r, by)),
        factors: s.factors.map(scalar),
      };
    case "if":
      return { ...s, guard: scalar(s.guard), yes: all(s.yes), no: all(s.no) };
    case "require":
      return {
        ...s,
        guard: scalar(s.guard),
        message: s.message.map((m) => (typeof m === "string" ? m : scalar(m))),
      };
  }
}
