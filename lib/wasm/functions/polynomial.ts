/** Polynomials by Estrin's scheme: pairs first, so that fewer operations wait for one another than in Horner's. */
import type { Lanes } from "./lanes.ts";

/** Σ cₙ xⁿ, lowest power first. */
export function polynomial<F, I, M>(lanes: Lanes<F, I, M>, coefficients: readonly number[], x: F): F {
  let terms = coefficients.map(lanes.constant);
  for (let power = x; ; power = lanes.mul(power, power)) {
    const pairs: F[] = [];
    for (let n = 0; n < terms.length; n += 2) {
      const [even, odd] = [terms[n]!, terms[n + 1]];
      pairs.push(odd === undefined ? even : lanes.add(even, lanes.mul(odd, power)));
    }
    if (pairs.length === 1) return pairs[0]!;
    terms = pairs;
  }
}
