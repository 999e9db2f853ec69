/**
 * Sums and products of doubles that know what rounding takes from them; exact by D. E. Knuth, TAOCP 2, section 4.2.2,
 * theorem B, and by T. J. Dekker, A floating-point technique for extending the available precision, Numer. Math. 18 (1971) 224–242.
 */

/** What x + y loses when it is rounded, exactly, where nothing overflows. */
export function roundoff(x: number, y: number): number {
  const sum = x + y;
  const back = sum - x;
  return x - (sum - back) + (y - back);
}

/** What x * y loses when it is rounded, exactly, where it is above 2^-960; 0 where a factor is above 2^996. */
export function mulRoundoff(x: number, y: number): number {
  const [a, b] = [upperHalf(x), upperHalf(y)];
  const [c, d] = [x - a, y - b];
  const lost = c * d - (x * y - a * b - c * b - a * d);
  return Math.abs(lost) < Infinity ? lost : 0;
}

/** x without the lower half of its digits, by G. W. Veltkamp's way. */
function upperHalf(x: number): number {
  const larger = x * (2 ** 27 + 1);
  return larger - (larger - x);
}

/** x + y + z + w with one rounding at the end, also where the terms cancel. */
export function exactSum(x: number, y: number, z = 0, w = 0): number {
  const first = x + y;
  const second = first + z;
  const sum = second + w;
  const lost = roundoff(x, y) + roundoff(first, z) + roundoff(second, w);
  return Math.abs(sum) < Infinity ? sum + lost : sum;
}

/** exp(x + y + z); what rounding takes from the sum is put back, as exp would magnify it by the size of the sum. */
export function expSum(x: number, y: number, z = 0): number {
  const first = x + y;
  const sum = first + z;
  const e = Math.exp(sum);
  return e > 0 && e < Infinity ? e + e * (roundoff(x, y) + roundoff(first, z)) : e;
}
