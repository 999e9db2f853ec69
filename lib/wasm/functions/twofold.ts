/**
 * Numbers as unevaluated sums of two floats, head + tail: what functions are made with before they round once.
 *
 * Sums without error: D. E. Knuth, TAOCP 2, 4.2.2, theorems B and C (T. J. Dekker, A floating-point technique
 * for extending the available precision, Numer. Math. 18 (1971) 224–242).
 */
import { upperHalf } from "./bits.ts";
import type { Lanes } from "./lanes.ts";

/** head + tail, the tail no larger than about the last place of the head, or than a few of them. */
export interface Twofold<F> {
  readonly head: F;
  readonly tail: F;
}

export const negated = <F, I, M>({ neg }: Lanes<F, I, M>, { head, tail }: Twofold<F>): Twofold<F> => ({
  head: neg(head),
  tail: neg(tail),
});

/** x + y exactly, where nothing overflows. */
export function twoSum<F, I, M>({ add, sub }: Lanes<F, I, M>, x: F, y: F): Twofold<F> {
  const head = add(x, y);
  const back = sub(head, x);
  return { head, tail: add(sub(x, sub(head, back)), sub(y, back)) };
}

/** x + y exactly, where x is 0 or |x| ≥ |y|. */
export function fastTwoSum<F, I, M>({ add, sub }: Lanes<F, I, M>, x: F, y: F): Twofold<F> {
  const head = add(x, y);
  return { head, tail: sub(y, sub(head, x)) };
}

/** What x + y loses when it is rounded. */
export const roundoff = <F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F): F => twoSum(lanes, x, y).tail;

/** What x · y loses when it is rounded, exactly where it is normal; 0 where one of the factors is nearly ∞. */
export function mulRoundoff<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F): F {
  const { constant, sub, mul, le, abs, select, format } = lanes;
  const [x1, y1] = [roundedHalf(lanes, x), roundedHalf(lanes, y)];
  const [x2, y2] = [sub(x, x1), sub(y, y1)];
  const upper = sub(sub(sub(mul(x, y), mul(x1, y1)), mul(x2, y1)), mul(x1, y2));
  const lost = sub(mul(x2, y2), upper);
  return select(le(abs(lost), constant(format.largest)), lost, constant(0));
}

/** x rounded to the upper half of its bits, so that what is left has a bit less than the other half (G. W. Veltkamp). */
function roundedHalf<F, I, M>({ constant, sub, mul, format }: Lanes<F, I, M>, x: F): F {
  const larger = mul(x, constant(2 ** ((format.precision + 1) >> 1) + 1));
  return sub(larger, sub(larger, x));
}

/** x + y + z + w, the roundings of the sums made good. */
export function exactSum<F, I, M>(lanes: Lanes<F, I, M>, x: F, ...more: readonly (F | undefined)[]): F {
  const { constant, add, le, abs, select, format } = lanes;
  let [head, tail]: [F, F | undefined] = [x, undefined];
  for (const y of more) {
    if (y === undefined) continue;
    const sum = twoSum(lanes, head, y);
    head = sum.head;
    tail = tail === undefined ? sum.tail : add(tail, sum.tail);
  }
  if (tail === undefined) return head;
  // What an infinite sum lost is not a number.
  return select(le(abs(head), constant(format.largest)), add(head, tail), head);
}

/** x²/2: the head exactly that of the upper half of x. */
export function halfSquare<F, I, M>(lanes: Lanes<F, I, M>, x: F): Twofold<F> {
  const { constant, add, sub, mul } = lanes;
  const half = constant(0.5);
  const upper = upperHalf(lanes, x);
  return { head: mul(half, mul(upper, upper)), tail: mul(half, mul(sub(x, upper), add(x, upper))) };
}

/** n / d, about as good as a number of twice the bits; the head has the upper half of its bits only. */
export function twofoldQuotient<F, I, M>(lanes: Lanes<F, I, M>, n: Twofold<F>, d: Twofold<F>): Twofold<F> {
  const { constant, add, sub, mul, div } = lanes;
  const inverse = div(constant(1), d.head);
  const head = upperHalf(lanes, mul(n.head, inverse));
  const upper = upperHalf(lanes, d.head);
  const lower = add(sub(d.head, upper), d.tail);
  // The difference is exact, as the products of halves are.
  const remainder = add(sub(sub(n.head, mul(head, upper)), mul(head, lower)), n.tail);
  return { head, tail: mul(remainder, inverse) };
}

/** n / d, rounded once. */
export function quotient<F, I, M>(lanes: Lanes<F, I, M>, n: Twofold<F>, d: Twofold<F>): F {
  const { head, tail } = twofoldQuotient(lanes, n, d);
  return lanes.add(head, tail);
}

/** x · y, about as good as a number of twice the bits. */
export function twofoldProduct<F, I, M>(lanes: Lanes<F, I, M>, x: Twofold<F>, y: Twofold<F>): Twofold<F> {
  const { add, sub, mul } = lanes;
  const [x1, y1] = [upperHalf(lanes, x.head), upperHalf(lanes, y.head)];
  const [x2, y2] = [add(sub(x.head, x1), x.tail), add(sub(y.head, y1), y.tail)];
  return fastTwoSum(lanes, mul(x1, y1), add(mul(x1, y2), mul(x2, add(y1, y2))));
}
