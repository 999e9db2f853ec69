/** Angles, and their sines and cosines. */
import type { Arithmetic } from "./arithmetic.ts";
import { exponent, half, neg, whole, zero, type Finite } from "./binary.ts";

export function circular({ bits, point, round, add, mul, div, series, sqrt }: Arithmetic) {
  const one = whole(1);
  const pi = (): Finite => round(piAt(point), -point);

  /** By halving the angle until the series is short. */
  function atan(x: Finite): Finite {
    if (x.m === 0n) return zero;
    let [y, halvings] = [x, 0];
    for (; exponent(y) > -8; halvings++) y = div(y, add(one, sqrt(add(one, mul(y, y)))));
    const square = neg(mul(y, y));
    const angle = series(
      y,
      (power) => mul(power, square),
      (power, n) => div(power, whole(2 * n + 1)),
    );
    return { m: angle.m, e: angle.e + halvings };
  }
  function asin(x: Finite): Finite {
    const rest = add(one, neg(mul(x, x)));
    if (rest.m === 0n) return x.m < 0n ? neg(half(pi())) : half(pi());
    return atan(div(x, sqrt(rest)));
  }

  /** The angle less a whole number of right angles, and that number; an angle of any size loses nothing. */
  function turned(x: Finite): { readonly r: Finite; readonly quarter: number } {
    const top = exponent(x);
    if (top < 0) return { r: x, quarter: 0 };
    const places = bits + 128 + top;
    const angle = x.e + places >= 0 ? x.m << BigInt(x.e + places) : x.m >> BigInt(-x.e - places);
    const right = piAt(places) >> 1n;
    const k = floorDiv(2n * angle + right, 2n * right);
    return { r: round(angle - k * right, -places), quarter: Number(((k % 4n) + 4n) % 4n) };
  }
  /** x − x³/3! + … for `from` 1, 1 − x²/2! + … for 0. */
  function alternating(x: Finite, from: 0 | 1): Finite {
    const square = neg(mul(x, x));
    if (square.m === 0n) return from === 1 ? x : one;
    return series(from === 1 ? x : one, (term, n) =>
      div(mul(term, square), whole((2 * n + from - 1) * (2 * n + from))),
    );
  }
  /** sin(x + quarter·π/2). */
  function sine(x: Finite, ahead: number): Finite {
    const { r, quarter } = turned(x);
    const place = (quarter + ahead) % 4;
    const value = alternating(r, place % 2 === 0 ? 1 : 0);
    return place < 2 ? value : neg(value);
  }
  const tan = (x: Finite): Finite => div(sine(x, 0), sine(x, 1));

  function atan2(y: Finite, x: Finite): Finite {
    if (x.m === 0n) return y.m === 0n ? zero : y.m < 0n ? neg(half(pi())) : half(pi());
    const angle = y.m === 0n ? zero : atan(div(y, x));
    if (x.m > 0n) return angle;
    return add(angle, y.m < 0n ? neg(pi()) : pi());
  }

  const acos = (x: Finite): Finite => add(half(pi()), neg(asin(x)));
  const sin = (x: Finite): Finite => sine(x, 0);
  const cos = (x: Finite): Finite => sine(x, 1);
  return { pi, sin, cos, tan, asin, acos, atan, atan2 };
}

/** π at so many binary places, by J. Machin's formula. */
function piAt(places: number): bigint {
  let pi = pis.get(places);
  if (pi === undefined) {
    const guard = 16;
    const unit = 1n << BigInt(places + guard);
    const inverse = (n: bigint): bigint => {
      let [sum, power, sign] = [0n, unit / n, 1n];
      for (let k = 1n; power > 0n; k += 2n, power /= n * n, sign = -sign) sum += (sign * power) / k;
      return sum;
    };
    pis.set(places, (pi = (16n * inverse(5n) - 4n * inverse(239n)) >> BigInt(guard)));
  }
  return pi;
}

const pis = new Map<number, bigint>();

const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);
