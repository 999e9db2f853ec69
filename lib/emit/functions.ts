/**
 * Functions that JavaScript lacks, as text for emitted code: each is emitted when it is used.
 *
 * The error function: the polynomials of lib/wasm/functions/coefficients.ts; the form of erfc is that of M. M. Shepherd
 * and J. G. Laframboise, Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞, Math. Comp. 36 (1981) 249–253.
 *
 * The exponential: P. T. P. Tang, Table-driven implementation of the exponential function in
 * IEEE floating-point arithmetic, ACM Trans. Math. Softw. 15 (1989) 144–157.
 */
import { coefficients } from "../wasm/functions/coefficients.ts";
import { roots, steps } from "../wasm/functions/roots.ts";
import { contractText } from "./contraction.ts";
import { listed } from "./listed.ts";
import type { Target } from "./scalar.ts";

interface EmittedFunction {
  readonly needs: readonly string[];
  /** With TypeScript's types in `‹…›`. */
  readonly text: string;
  /** The same for calls with so many arguments at most. */
  readonly short?: { readonly arguments: number; readonly text: string };
}

const { double } = coefficients;

/** The powers of 2 from 1 to 2. */
const octave = roots.pairs.slice(0, steps);

/** c + z * (d + z * …), in brackets. */
const nested = ([first, ...rest]: readonly number[]): string =>
  rest.length === 0 ? `${first}` : `(${first} + z * ${nested(rest)})`;

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
// 2^(j/64), and what these doubles lack; 2^(m - 1010).
const ROOTS = Float64Array.of(
${listed(octave.map(([head]) => head))}
);
const ROOTS_LACK = Float64Array.of(
${listed(octave.map(([, tail]) => tail))}
);
const POWERS = new Float64Array(2021).fill(1);
for (let m = 1; m <= 1010; m++) {
  POWERS[1010 + m] = POWERS[1009 + m]‹!› * 2;
  POWERS[1010 - m] = POWERS[1011 - m]‹!› / 2;
}
// The bound, 64 / ln 2, a number whose last bit is worth 1, ln 2 / 64 in two parts, and the coefficients of
// (exp(r) - 1 - r) / r^2. An engine reads these from memory faster than it makes constants of them.
const SERIES = Float64Array.of(
  700, 92.33248261689366, 6755399441055744, 0.010830424695996044, 2.5310172166650877e-13,
  0.49999999999947825, 0.1666666666669198, 0.04166672378972571, 0.00833332905395777,
);

/** exp(x + low) within 0.55 ulp, where low is what rounding took from x: 2^m * 2^(j/64) * exp(r), |r| < 0.0055. */
function exp(x‹: number›, low = 0)‹: number› {
  if (!(Math.abs(x) < SERIES[0]‹!›)) {
    const e = Math.exp(x);
    return e > 0 && e < Infinity ? e + e * low : e;
  }
  // x in 64ths of ln 2, rounded.
  const n = x * SERIES[1]‹!› + SERIES[2]‹!› - SERIES[2]‹!›;
  const r = x - n * SERIES[3]‹!› - (n * SERIES[4]‹!› - low);
  const s = r * r;
  const k = n | 0;
  const root = ROOTS[k & 63]‹!›;
  // Products with the root do not wait for the series.
  const curved = SERIES[5]‹!› + r * SERIES[6]‹!› + s * (SERIES[7]‹!› + r * SERIES[8]‹!›);
  return POWERS[(k >> 6) + 1010]‹!› * (root + (ROOTS_LACK[k & 63]‹!› + root * r + root * s * curved));
}`,
  },
  hypot: {
    needs: [],
    text: `
/** √(x² + y²) within 1.25 ulp; both are brought to size where their squares are no ordinary numbers. */
function hypot(x‹: number›, y‹: number›)‹: number› {
  const sum = x * x + y * y;
  if (sum > 1e-270 && sum < 1e300) return Math.sqrt(sum);
  if (Math.abs(x) === Infinity || Math.abs(y) === Infinity) return Infinity;
  const scale = Math.abs(x) > 1 || Math.abs(y) > 1 ? 2 ** -600 : 2 ** 600;
  return Math.sqrt(scale * x * (scale * x) + scale * y * (scale * y)) / scale;
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
  const k = (least * 92.33248261689366 + 64640.5) | 0;
  const power = POWERS[k >> 6]‹!›;
  const head = power * ROOTS[k & 63]‹!›;
  const tail = power * ROOTS_LACK[k & 63]‹!› + head * less1(least, k);
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
  const k = (least * 92.33248261689366 + 64640.5) | 0;
  const power = POWERS[k >> 6]‹!›;
  const head = power * ROOTS[k & 63]‹!›;
  const tail = power * ROOTS_LACK[k & 63]‹!› + head * less1(least, k);
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
    ${double.log[0]} +
    z * ${nested(double.log.slice(1))};
  const small = s * (square + squareLacks + z * series) - squareLacks + lost / (1 + e) + (halved ? ${double.ln2Low} : 0);
  const bent = f - square;
  const straight = Math.max(0, x) + (halved ? ${double.ln2High} : 0);
  const straightLacks = roundoff(Math.max(0, x), halved ? ${double.ln2High} : 0);
  return straight + bent + (roundoff(straight, bent) + (f - bent - square) + straightLacks + small);
}`,
  },
  less1: {
    needs: [],
    text: `
/** exp(r) - 1, r what remains of x without k - 64640 64ths of ln 2. */
function less1(x‹: number›, k‹: number›)‹: number› {
  const n = k - 64640;
  const r = x - n * 0.010830424695996044 - n * 2.5310172166650877e-13;
  const s = r * r;
  return r + s * (0.49999999999947825 + r * 0.1666666666669198 + s * (0.04166672378972571 + r * 0.00833332905395777));
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
    needs: ["erfcOf"],
    text: `
/** The error function within 1.5 ulp: a polynomial near 0, 1 - erfc elsewhere. */
function erf(x‹: number›)‹: number› {
  const size = Math.abs(x);
  return size > 0.5 ? Math.sign(x) * (1 - erfcOf(size)) : x + erfLess(x);
}`,
  },
  erfc: {
    needs: ["erfcOf"],
    text: `
/** 1 - erf(x) within 2 ulp, without cancellation. */
function erfc(x‹: number›)‹: number› {
  if (x > 0.25 && x <= 0.5) return 0.5 - (x - 0.5 + erfLess(x));
  if (!(Math.abs(x) > 0.5)) return 1 - (x + erfLess(x));
  return x < 0 ? 2 - erfcOf(-x) : erfcOf(x);
}`,
  },
  erfcOf: {
    needs: ["exp", "upperHalf", "mulRoundoff"],
    text: `
// Polynomials, lowest power first.
const ERF = [
${listed(double.erf)}
];
const ERFC = [
${listed(double.erfc)}
];

function polynomial(coefficients‹: readonly number[]›, x‹: number›)‹: number› {
  let sum = 0;
  for (let n = coefficients.length - 1; n >= 0; n--) sum = sum * x + coefficients[n]‹!›;
  return sum;
}

/** erf(x) - x for |x| <= 0.5: x * (2 / sqrt(pi) - 1 + z * P(z)), z = x^2. */
function erfLess(x‹: number›)‹: number› {
  const z = x * x;
  return x * (0.12837916709551256 + z * polynomial(ERF, z));
}

/** erfc(x) for x > 0.5: exp(-x^2) * (5/4 + Q(t)) / (1 + 2x), t = (x - c) / (x + c), what each step loses made good. */
function erfcOf(x‹: number›)‹: number› {
  if (x > 28) return 0;
  const upper = upperHalf(x);
  const square = upper * upper;
  const more = (x - upper) * (x + upper);
  const whole = square + more;
  const e = exp(-whole, whole - square - more);
  const q = polynomial(ERFC, (x - ${double.erfcCenter}) / (x + ${double.erfcCenter}));
  const above = 1.25 + q;
  const below = 1 + 2 * x;
  const ratio = above / below;
  const left = above - ratio * below - mulRoundoff(ratio, below);
  const lost = (q - (above - 1.25) + left) / above - (1 - (below - 2 * x)) / below;
  return e * (ratio + ratio * lost);
}`,
  },
};

/** The text of the functions that `code` calls, and of those that these need, in the target's language. */
export function functionsIn(code: string, target: Target): readonly string[] {
  const found = new Set<string>();
  const called = new Set<string>();
  // Formulas in comments call functions, too.
  const calls = code.replaceAll(/^ *\/\/.*$/gmu, "");
  const add = (name: string): void => {
    for (const needed of functions[name]!.needs) add(needed);
    found.add(name);
  };
  for (const [, name] of calls.matchAll(/(?<!\.)\b(\w+)\(/gu)) called.add(name!);
  for (const name of Object.keys(functions)) if (called.has(name)) add(name);
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
