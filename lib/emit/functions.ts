/**
 * Functions that JavaScript lacks, as text for emitted code: each is emitted when it is used.
 *
 * The error function: W. J. Cody, Rational Chebyshev approximations for the error
 * function, Math. Comp. 23 (1969) 631–637, coefficients of his routine CALERF.
 *
 * The exponential: P. T. P. Tang, Table-driven implementation of the exponential function in
 * IEEE floating-point arithmetic, ACM Trans. Math. Softw. 15 (1989) 144–157.
 */
import { contractText } from "./contraction.ts";
import type { Target } from "./scalar.ts";

interface EmittedFunction {
  readonly needs: readonly string[];
  /** With TypeScript's types in `‹…›`. */
  readonly text: string;
  /** The same for calls with so many arguments at most. */
  readonly short?: { readonly arguments: number; readonly text: string };
}

// prettier-ignore
export const functions: Readonly<Record<string, EmittedFunction>> = {
  contract: { needs: [], text: contractText },
  relu: {
    needs: [],
    text: `
/** max(0, x) without a branch: no processor can tell the sign of the next x. */
function relu(x‹: number›)‹: number› {
  return +(x > 0) * Math.max(x, -Number.MAX_VALUE) + 0;
}`,
  },
  exp: {
    needs: [],
    text: `
// 2^(j/32), and what these doubles lack; 2^(m - 1010).
const ROOTS = Float64Array.of(
  1, 1.0218971486541166, 1.0442737824274138, 1.0671404006768237, 1.0905077326652577,
  1.1143867425958924, 1.1387886347566916, 1.1637248587775775, 1.189207115002721, 1.215247359980469,
  1.241857812073484, 1.2690509571917332, 1.2968395546510096, 1.3252366431597413,
  1.3542555469368927, 1.383909881963832, 1.4142135623730951, 1.4451808069770467,
  1.4768261459394993, 1.5091644275934228, 1.5422108254079407, 1.5759808451078865,
  1.6104903319492543, 1.645755478153965, 1.681792830507429, 1.718619298122478, 1.7562521603732995,
  1.7947090750031072, 1.8340080864093424, 1.8741676341103, 1.9152065613971474, 1.9571441241754002,
);
const ROOTS_LACK = Float64Array.of(
  0, 5.109225028973444e-17, 8.551889705537965e-17, -7.899853966841582e-17,
  -3.046782079812471e-17, 1.0410278456845571e-16, 8.912812676025408e-17, 3.8292048369240935e-17,
  3.982015231465646e-17, -7.712630692681488e-17, 4.658027591836937e-17, 2.667932131342186e-18,
  2.5382502794888315e-17, -2.8587312100388614e-17, 7.70094837980299e-17, -6.770511658794786e-17,
  -9.667293313452913e-17, -3.0237581349939873e-17, -3.483994556892796e-17, -1.016455327754295e-16,
  7.949834809697621e-17, -1.0136916471278304e-17, 2.4707192569797888e-17, -1.0125679913674773e-16,
  8.199010020581497e-17, -1.851380418263111e-17, 2.960140695448873e-17, 1.8227458427912087e-17,
  3.283107224245627e-17, -6.122763413004143e-17, -1.0619946056195963e-16, 8.960767791036668e-17,
);
const POWERS = new Float64Array(2021).fill(1);
for (let m = 1; m <= 1010; m++) {
  POWERS[1010 + m] = POWERS[1009 + m]‹!› * 2;
  POWERS[1010 - m] = POWERS[1011 - m]‹!› / 2;
}
// The bound, 32 / ln 2, a number whose last bit is worth 1, ln 2 / 32 in two parts, 1/2!, 1/3!, ... 1/6!. An engine
// reads these from memory faster than it makes constants of them.
const SERIES = Float64Array.of(
  700, 46.16624130844683, 6755399441055744, 0.021660834550857544, 1.4841640746973977e-8,
  1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720,
);

/** exp(x + low) within 0.55 ulp, where low is what rounding took from x: 2^m * 2^(j/32) * exp(r), |r| < 0.011. */
function exp(x‹: number›, low = 0)‹: number› {
  if (!(Math.abs(x) < SERIES[0]‹!›)) {
    const e = Math.exp(x);
    return e > 0 && e < Infinity ? e + e * low : e;
  }
  // x in 32nds of ln 2, rounded.
  const n = x * SERIES[1]‹!› + SERIES[2]‹!› - SERIES[2]‹!›;
  const r = x - n * SERIES[3]‹!› - (n * SERIES[4]‹!› - low);
  const s = r * r;
  const less1 = r + s * (SERIES[5]‹!› + r * SERIES[6]‹!› + s * (SERIES[7]‹!› + r * SERIES[8]‹!› + s * SERIES[9]‹!›));
  const k = n | 0;
  const root = ROOTS[k & 31]‹!›;
  return POWERS[(k >> 5) + 1010]‹!› * (root + (ROOTS_LACK[k & 31]‹!› + root * less1));
}`,
  },
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
  sharpSigmoid: {
    needs: ["exp", "less1", "upperHalf"],
    text: `
/** 1 / (1 + exp(-x)) within 0.55 ulp: 1 / (1 + e) or e / (1 + e), e = exp(-|x|) and what e and 1 + e lack. */
function sharpSigmoid(x‹: number›)‹: number› {
  const least = -Math.abs(x);
  if (!(least > -700)) return x > 0 ? 1 : exp(x);
  const k = (least * 46.16624130844683 + 32320.5) | 0;
  const power = POWERS[k >> 5]‹!›;
  const head = power * ROOTS[k & 31]‹!›;
  const tail = power * ROOTS_LACK[k & 31]‹!› + head * less1(least, k);
  const e = head + tail;
  const eLacks = tail - (e - head);
  const whole = 1 + e;
  const inverse = 1 / whole;
  const above = x < 0 ? e : 1;
  // Products of halves are exact, and so is what a quotient of half the digits leaves.
  const quotient = upperHalf(above * inverse);
  const upper = upperHalf(whole);
  const lower = whole - upper + (e - (whole - 1) + eLacks);
  const left = above - quotient * upper - quotient * lower + (x < 0 ? eLacks : 0);
  return quotient + left * inverse;
}`,
  },
  sharpSoftplus: {
    needs: ["exp", "less1", "upperHalf", "roundoff"],
    text: `
/** log(1 + exp(x)) within 0.6 ulp: max(0, x) + log(1 + e), e = exp(-|x|) and what it lacks; log(1 + e) = k ln 2 + log(1 + f). */
function sharpSoftplus(x‹: number›)‹: number› {
  const least = -Math.abs(x);
  if (!(least > -700)) return x > 0 ? x : exp(x);
  const k = (least * 46.16624130844683 + 32320.5) | 0;
  const power = POWERS[k >> 5]‹!›;
  const head = power * ROOTS[k & 31]‹!›;
  const tail = power * ROOTS_LACK[k & 31]‹!› + head * less1(least, k);
  const e = head + tail;
  const halved = e > 0.41421356237309503;
  const less = e - 1;
  const f = halved ? less / 2 : e;
  const lost = tail - (e - head) + (halved ? e - (less + 1) : 0);
  // log(1 + f) = f - f^2/2 + s * (f^2/2 + s^2 * P(s^2)), s = f / (2 + f).
  const s = f / (2 + f);
  const z = s * s;
  const upper = upperHalf(f);
  const square = 0.5 * (upper * upper);
  const squareLacks = 0.5 * ((f - upper) * (f + upper));
  const series =
    0.6666666666666735 +
    z * (0.3999999999941093 + z * (0.2857142874330872 + z * (0.22222198471014418 + z * (0.18183569997531548 + z * (0.15313896794262846 + z * 0.14797570440878594)))));
  const small = s * (square + squareLacks + z * series) - squareLacks + lost / (1 + e) + (halved ? 5.497923018708371e-14 : 0);
  const bent = f - square;
  const straight = Math.max(0, x) + (halved ? 0.6931471805598903 : 0);
  const straightLacks = roundoff(Math.max(0, x), halved ? 0.6931471805598903 : 0);
  return straight + bent + (roundoff(straight, bent) + (f - bent - square) + straightLacks + small);
}`,
  },
  less1: {
    needs: [],
    text: `
/** exp(r) - 1, r what remains of x without k - 32320 32nds of ln 2. */
function less1(x‹: number›, k‹: number›)‹: number› {
  const n = k - 32320;
  const r = x - n * 0.021660834550857544 - n * 1.4841640746973977e-8;
  const s = r * r;
  return r + s * (1 / 2 + r * (1 / 6) + s * (1 / 24 + r * (1 / 120) + s * (1 / 720)));
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
  mulRoundoff: {
    needs: ["upperHalf"],
    text: `
/** What a * b loses when it is rounded, exactly (T. J. Dekker); 0 where that would overflow on the way. */
function mulRoundoff(a‹: number›, b‹: number›)‹: number› {
  const aUpper = upperHalf(a);
  const bUpper = upperHalf(b);
  const aLower = a - aUpper;
  const bLower = b - bUpper;
  const lost = aLower * bLower - (a * b - aUpper * bUpper - aLower * bUpper - aUpper * bLower);
  return Math.abs(lost) < Infinity ? lost : 0;
}`,
  },
  upperHalf: {
    needs: [],
    text: `
/** x without the lower half of its digits (G. W. Veltkamp's way). */
function upperHalf(x‹: number›)‹: number› {
  const larger = x * 134217729;
  return larger - (larger - x);
}`,
  },
  expSum: {
    needs: ["roundoff", "exp"],
    text: `
/** exp(a + b + c); what rounding takes from the sum is put back: it would be magnified by the size of the sum. */
function expSum(a‹: number›, b‹: number›, c = 0)‹: number› {
  const sum = a + b;
  return exp(sum + c, roundoff(a, b) + roundoff(sum, c));
}`,
    short: {
      arguments: 2,
      text: `
/** exp(a + b); what rounding takes from the sum is put back: it would be magnified by the size of the sum. */
function expSum(a‹: number›, b‹: number›)‹: number› {
  return exp(a + b, roundoff(a, b));
}`,
    },
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
    short: {
      arguments: 3,
      text: `
/** a + b + c with one rounding at the end, also where the terms cancel. */
function exactSum(a‹: number›, b‹: number›, c = 0)‹: number› {
  const first = a + b;
  const sum = first + c;
  const lost = roundoff(a, b) + roundoff(first, c);
  return Math.abs(sum) < Infinity ? sum + lost : sum;
}`,
    },
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
  if (x > 28) return 0;
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
  // Formulas in comments call functions, too.
  const calls = code.replaceAll(/^ *\/\/.*$/gmu, "");
  const add = (name: string): void => {
    for (const needed of functions[name]!.needs) add(needed);
    found.add(name);
  };
  for (const name of Object.keys(functions))
    if (new RegExp(`(?<!\\.)\\b${name}\\(`, "u").test(calls)) add(name);
  return [...found].map((name) => {
    const { text, short } = functions[name]!;
    return inTarget((short && widestCall(calls, name) <= short.arguments ? short.text : text).trim(), target);
  });
}

/** The most arguments that a function is called with. */
function widestCall(code: string, name: string): number {
  let widest = 0;
  for (const { index, 0: head } of code.matchAll(new RegExp(`(?<!\\.)\\b${name}\\(`, "gu"))) {
    let commas = 0;
    for (let n = index + head.length, depth = 1; depth > 0 && n < code.length; n++) {
      if ("([".includes(code[n]!)) depth++;
      else if (")]".includes(code[n]!)) depth--;
      else if (code[n] === "," && depth === 1) commas++;
    }
    widest = Math.max(widest, commas + 1);
  }
  return widest;
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
