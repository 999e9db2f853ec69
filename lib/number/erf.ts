/**
 * The error function and its complement in doubles, to a few ulp.
 *
 * Rational approximations: W. J. Cody, Rational Chebyshev approximations for the
 * error function, Math. Comp. 23 (1969) 631–637, with the coefficients of his
 * SPECFUN routine CALERF, rounded to doubles. Each list holds the highest power first.
 */

// prettier-ignore
const nearZero = {   // erf(x) / x in x², |x| ≤ 0.46875
  p: [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
  q: [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
};
// prettier-ignore
const middle = {     // exp(x²) erfc(x) in x, 0.46875 ≤ x ≤ 4
  p: [2.1531153547440383e-08, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
      881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972],
  q: [1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903,
      3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037495],
};
// prettier-ignore
const tail = {       // x² (1/√π − x exp(x²) erfc(x)) in 1/x², x ≥ 4
  p: [0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 0.0006587491615298378],
  q: [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918],
};

const perRootPi = 0.5641895835477563;

/** 2/√π · ∫₀ˣ exp(−t²) dt, in [−1, 1]. */
export function erf(x: number): number {
  if (Math.abs(x) <= 0.46875) return x * ratio(nearZero, x * x);
  return Math.sign(x) * (1 - erfcOfPositive(Math.abs(x)));
}

/** 1 − erf(x), in [0, 2], without cancellation. */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.46875) return 1 - x * ratio(nearZero, x * x);
  return x < 0 ? 2 - erfcOfPositive(-x) : erfcOfPositive(x);
}

function erfcOfPositive(x: number): number {
  if (x <= 4) return expMinusSquare(x) * ratio(middle, x);
  // erfc(27.3) is less than half of the least double.
  if (x > 28) return 0;
  const z = 1 / (x * x);
  return (expMinusSquare(x) * (perRootPi - z * ratio(tail, z))) / x;
}

/** exp(−x²). The square is split so that its rounding error, magnified by exp, is not lost. */
function expMinusSquare(x: number): number {
  const head = Math.trunc(x * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

const ratio = ({ p, q }: { p: readonly number[]; q: readonly number[] }, x: number): number =>
  polynomial(p, x) / polynomial(q, x);

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, c) => sum * x + c, 0);
