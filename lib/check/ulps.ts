/** How far a double is from the true value, in units of its last place. */

/** The distance of doubles around |x|: 2^−52 of the power of two below it, at least the least double. */
export function ulp(x: number): number {
  const magnitude = Math.abs(x);
  if (!Number.isFinite(magnitude)) return NaN;
  const exponent = magnitude < 2 ** -1022 ? -1022 : Math.floor(Math.log2(magnitude));
  // log2 rounds up just below a power of two.
  const power = 2 ** exponent > magnitude ? exponent - 1 : exponent;
  return 2 ** Math.max(-1074, power - 52);
}
