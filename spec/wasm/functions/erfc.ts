/** The error function and its complement with many digits: for the polynomials that approximate them, and to compare with. */
import { type Wide, wide } from "../../../lib/number/wide/wide.ts";

const field = wide(320);
const { add, sub, mul, div, exp, neg, sqrt } = field.functions;
const number = field.fromNumber;

/** π, by J. Machin: 16 arctan(1/5) − 4 arctan(1/239). */
const pi = sub(mul(number(16), arctanOfInverse(5)), mul(number(4), arctanOfInverse(239)));
const rootPi = sqrt(pi);
export const perRootPi = div(number(1), rootPi);

function arctanOfInverse(n: number): Wide {
  let [sum, power] = [number(0), div(number(1), number(n))];
  for (let k = 0; k < 150; k++) {
    const term = div(power, number(2 * k + 1));
    sum = k % 2 === 0 ? add(sum, term) : sub(sum, term);
    power = div(power, number(n * n));
  }
  return sum;
}

/** erf(x) / x: 2 exp(−x²) / √π · Σ (2x²)ⁿ / (1 · 3 · 5 ⋯ (2n + 1)), of positive terms, for |x| ≤ 5. */
export function erfPerX(x: Wide): Wide {
  const square = mul(x, x);
  let [sum, term] = [number(0), number(1)];
  for (let n = 1; field.toNumber(term) > 2 ** -220; n++) {
    sum = add(sum, term);
    term = div(mul(term, mul(number(2), square)), number(2 * n + 1));
  }
  return div(mul(number(2), sum), mul(rootPi, exp(square)));
}

/** exp(x²) erfc(x) for x ≥ 0, to 200 bits: by its continued fraction where that is quick, else from erf. */
export function erfcx(x: Wide): Wide {
  const near = field.toNumber(x);
  if (near < 4) return mul(exp(mul(x, x)), sub(number(1), mul(x, erfPerX(x))));
  let fraction = x;
  for (let n = Math.ceil((75 / near) ** 2 / 2) + 8; n > 0; n--)
    fraction = add(x, div(number(n / 2), fraction));
  return div(number(1), mul(rootPi, fraction));
}

/** erfc(x); 0 where it is no double, and 2 where it is that to more digits than we have. */
export function erfc(x: Wide): Wide {
  const near = field.toNumber(x);
  if (Math.abs(near) > 30) return number(near < 0 ? 2 : 0);
  if (near < 0) return sub(number(2), erfc(neg(x)));
  return mul(exp(neg(mul(x, x))), erfcx(x));
}

export function erf(x: Wide): Wide {
  const near = field.toNumber(x);
  if (Math.abs(near) < 4) return mul(x, erfPerX(x));
  return near < 0 ? neg(erf(neg(x))) : sub(number(1), erfc(x));
}
