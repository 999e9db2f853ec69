/**
 * Functions that JavaScript lacks, as text for emitted code: each is emitted when it is used.
 *
 * The error function: W. J. Cody, Rational Chebyshev approximations for the error
 * function, Math. Comp. 23 (1969) 631–637, coefficients of his routine CALERF.
 */
import type { Target } from "./scalar.ts";

interface EmittedFunction {
  readonly needs: readonly string[];
  /** With TypeScript's types in `‹…›`. */
  readonly text: string;
}

// prettier-ignore
export const functions: Readonly<Record<string, EmittedFunction>> = {
  sigmoid: {
    needs: [],
    text: `
/** 1 / (1 + exp(-x)), without overflow. */
function sigmoid(x‹: number›)‹: number› {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}`,
  },
  softplus: {
    needs: [],
    text: `
/** log(1 + exp(x)), without overflow. */
function softplus(x‹: number›)‹: number› {
  return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
}`,
  },
  roundoff: {
    needs: [],
    text: `
/** What a + b loses when it is rounded, exactly (D. E. Knuth's two-sum). */
function roundoff(a‹: number›, b‹: number›)‹: number› {
  const sum = a + b;
  const back = sum - a;
  return a - (sum - back) + (b - back);
}`,
  },
  expSum: {
    needs: ["roundoff"],
    text: `
/** exp(a + b + c); what rounding takes from the sum is put back: it would be magnified by the size of the sum. */
function expSum(a‹: number›, b‹: number›, c = 0)‹: number› {
  const first = a + b;
  const sum = first + c;
  const e = Math.exp(sum);
  // 0 and Infinity stay: what the sum lost is not a number there, or does not matter.
  return e > 0 && e < Infinity ? e + e * (roundoff(a, b) + roundoff(first, c)) : e;
}`,
  },
  exactSum: {
    needs: ["roundoff"],
    text: `
/** a + b + c + d with one rounding at the end, also where the terms cancel. */
function exactSum(a‹: number›, b‹: number›, c = 0, d = 0)‹: number› {
  const first = a + b;
  const second = first + c;
  const sum = second + d;
  const lost = roundoff(a, b) + roundoff(first, c) + roundoff(second, d);
  return Math.abs(sum) < Infinity ? sum + lost : sum;
}`,
  },
  erf: {
    needs: ["erfcx"],
    text: `
/** The error function, by W. J. Cody's rational approximations. */
function erf(x‹: number›)‹: number› {
  const a = Math.abs(x);
  if (a > 0.46875) return Math.sign(x) * (1 - erfcOf(a));
  return x * ratio(NEAR, x * x);
}`,
  },
  erfc: {
    needs: ["erfcx"],
    text: `
/** 1 - erf(x), without cancellation. */
function erfc(x‹: number›)‹: number› {
  const a = Math.abs(x);
  if (a > 0.46875) return x < 0 ? 2 - erfcOf(a) : erfcOf(a);
  return 1 - x * ratio(NEAR, x * x);
}`,
  },
  erfcx: {
    needs: [],
    text: `
// Coefficients of two polynomials each, highest power first.
const NEAR = [
  [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
  [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
]‹ as const›;
const MIDDLE = [
  [2.1531153547440383e-08, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972],
  [1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037495],
]‹ as const›;
const FAR = [
  [0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 0.0006587491615298378],
  [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918],
]‹ as const›;

function ratio([p, q]‹: readonly (readonly number[])[]›, x‹: number›)‹: number› {
  return polynomial(p‹ ?? []›, x) / polynomial(q‹ ?? []›, x);
}

function polynomial(coefficients‹: readonly number[]›, x‹: number›)‹: number› {
  return coefficients.reduce((sum, c) => sum * x + c, 0);
}

/** erfc(x) for x > 0.46875. The square is split so that exp does not magnify its rounding. */
function erfcOf(x‹: number›)‹: number› {
  if (x === Infinity) return 0;
  const head = Math.trunc(x * 16) / 16;
  const e = Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
  if (x <= 4) return e * ratio(MIDDLE, x);
  const z = 1 / (x * x);
  return (e * (0.5641895835477563 - z * ratio(FAR, z))) / x;
}`,
  },
};

/** The text of the functions that `code` calls, and of those that these need, in the target's language. */
export function functionsIn(code: string, target: Target): readonly string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    for (const needed of functions[name]!.needs) add(needed);
    found.add(name);
  };
  for (const name of Object.keys(functions)) if (new RegExp(`\\b${name}\\(`, "u").test(code)) add(name);
  return [...found].map((name) => inTarget(functions[name]!.text.trim(), target));
}

/** TypeScript keeps what stands in `‹…›`, JavaScript drops it, and then has room for parameters in one line. */
export const inTarget = (text: string, target: Target): string =>
  target === "ts"
    ? text.replaceAll(/[‹›]/gu, "")
    : text
        .replaceAll(/‹[^›]*›/gu, "")
        .replaceAll(
          /\(\n((?: {2}\w+,\n)+)\)/gu,
          (_, parameters: string) => `(${parameters.trim().replace(/,$/u, "").replaceAll(/\s+/gu, " ")})`,
        );
