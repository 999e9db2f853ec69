/**
 * Loops that store one number in neighbouring places, as one call:
 *
 *   for i < N { for j < M { x[(n * N + i) * M + j] = 0 } }   is   x.fill(0, n * N * M, n * N * M + N * M)
 *
 * Only where several loops are around: a call costs what a few stores do, and a row may be short.
 */
import { plus } from "../loop/integer.ts";
import { constant, type Scalar, type Statement } from "../loop/nest.ts";
import { equal, isZero, polynomial, product, scalarOf, strideOf, sum } from "../schedule/polynomial.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Store = Extract<Statement, { kind: "store" }>;

/** Places from ≤ place < to of a buffer that get one value. */
export interface Filled {
  readonly buffer: string;
  readonly value: Scalar;
  readonly from: Scalar;
  readonly to: Scalar;
}

/** What loops fill, if that is all they do. */
export function filled(loop: Loop): Filled | undefined {
  const { loops, store } = insideOf(loop);
  if (loops.length < 2 || store?.by !== "set") return undefined;
  if (store.value.kind !== "const" || store.value.type === "bool") return undefined;
  let first = polynomial(store.offset);
  let steps = polynomial(constant(1));
  for (const { index, from, to, step } of loops.toReversed()) {
    const stride = strideOf(store.offset, index);
    if (stride === undefined || !equal(stride, steps) || !isZero(polynomial(from))) return undefined;
    if (step !== undefined || (to.kind !== "name" && to.kind !== "const")) return undefined;
    first = sum(first, product(steps, polynomial({ kind: "name", type: "int", name: index })), -1);
    steps = product(steps, polynomial(to));
  }
  const from = scalarOf(first);
  return { buffer: store.buffer, value: store.value, from, to: plus(from, scalarOf(steps)) };
}

/** A loop and those right inside of it, and the one store in them. */
function insideOf(loop: Loop): { readonly loops: readonly Loop[]; readonly store: Store | undefined } {
  const [only, ...more] = loop.body;
  if (more.length > 0 || only === undefined) return { loops: [loop], store: undefined };
  if (only.kind !== "for") return { loops: [loop], store: only.kind === "store" ? only : undefined };
  const { loops, store } = insideOf(only);
  return { loops: [loop, ...loops], store };
}
