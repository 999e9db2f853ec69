import { expect } from "chai";
import { type Wide, wide } from "../../../lib/number/wide/wide.ts";
import {
  coefficients,
  type Coefficients,
  type Polynomial,
  type Split,
  nearRoots,
} from "../../../lib/wasm/functions/coefficients.ts";
import { double, single, type Format } from "../../../lib/wasm/functions/lanes.ts";
import { roots, steps } from "../../../lib/wasm/functions/roots.ts";
import { erfcx, erfPerX, perRootPi } from "./erfc.ts";
import { horner, minimax, type Wanted } from "./minimax.ts";
import { lanesOf } from "./points.ts";

const field = wide(320);
const { add, sub, mul, div, exp, expm1, log, sqrt, abs } = field.functions;
const number = field.fromNumber;

const cube = (x: Wide): Wide => mul(x, mul(x, x));
/** (eʳ − 1 − r − r²/2) / r³ */
const expRest = (r: Wide): Wide => div(sub(sub(expm1(r), r), div(mul(r, r), number(2))), cube(r));
/** (2 artanh(s) / s − 2) / s² of z = s² */
const logRest = (z: Wide): Wide => {
  const s = sqrt(z);
  const twice = log(div(add(number(1), s), sub(number(1), s)));
  return div(sub(div(twice, s), number(2)), z);
};
/** (3 artanh(s) / s − 3 − s²) / s⁴ of z = s² */
const logRestOf3 = (z: Wide): Wide => div(sub(mul(number(1.5), logRest(z)), number(1)), z);
/** A little more than ln 2 / 2, as k is rounded. */
const half = (Math.LN2 / 2) * (1 + 1 / 256);
const steepest = ((Math.SQRT2 - 1) / (Math.SQRT2 + 1)) ** 2 * 1.001;

/** (erf(x) / x − 2/√π) / x² of z = x² */
const erfRest = (z: Wide): Wide => div(sub(erfPerX(sqrt(z)), mul(number(2), perRootPi)), z);
/** (1 + 2x) exp(x²) erfc(x) − 5/4 of t = (x − c) / (x + c) */
const erfcRest =
  (c: number) =>
  (t: Wide): Wide => {
    const x = div(mul(number(c), add(number(1), t)), sub(number(1), t));
    return sub(mul(add(number(1), mul(number(2), x)), erfcx(x)), number(1.25));
  };
const from = (c: number, x: number): number => (x - c) / (x + c);

type Named<T> = { [P in keyof Coefficients]: Coefficients[P] extends T ? P : never }[keyof Coefficients];

interface Row extends Omit<Wanted, "terms"> {
  /** The greatest error relative to the function, as a power of 2. */
  readonly error: number;
}

const ofBoth = (
  row: Omit<Row, "error">,
  double: number,
  single: number,
): Readonly<Record<Format["name"], Row>> => ({
  double: { ...row, error: double },
  single: { ...row, error: single },
});

/** How each polynomial is found, in each format. */
// prettier-ignore
const rows: Readonly<Record<Exclude<Named<Polynomial>, Named<Split>>, Readonly<Record<Format["name"], Row>>>> = {
  exp:        ofBoth({ target: expRest,    weight: (r) => div(cube(r), exp(r)),        from: -half, to: half },     -57, -27.9),
  expm1:      ofBoth({ target: expRest,    weight: (r) => div(cube(r), expm1(r)),      from: -half, to: half },     -61, -31),
  log:        ofBoth({ target: logRest,    weight: (z) => div(z, number(2)),           from: 1e-8,  to: steepest }, -59, -30),
  logTwofold: ofBoth({ target: logRestOf3, weight: (z) => div(mul(z, z), number(3)),   from: 1e-6,  to: steepest }, -66, -36),
  erf:        ofBoth({ target: erfRest,    weight: (z) => z,                           from: 1e-8,  to: 0.25 * 1.001 }, -65, -36),
  erfc: {
    double: { target: erfcRest(3.75), weight: () => number(1), from: from(3.75, 0.5), to: from(3.75, 28), error: -57 },
    single: { target: erfcRest(2.5),  weight: () => number(1), from: from(2.5, 0.5),  to: from(2.5, 10.5), error: -29 },
  },
};

/** What the split constants are the sums of. */
const splits: Readonly<Record<Named<Split>, Wide>> = {
  perLn2: div(number(1), log(number(2))),
  perLn10: div(number(1), log(number(10))),
  twoThirds: div(number(2), number(3)),
  perRootPi2: mul(number(2), perRootPi),
};

describe("coefficients of functions in WebAssembly", () => {
  for (const [name, ofFormats] of Object.entries(rows) as [keyof typeof rows, (typeof rows)["exp"]][])
    for (const format of [double, single])
      it(`the polynomial of ${name} in ${format.name} precision is the best of its degree, to the last digit`, () => {
        const { error, ...wanted } = ofFormats[format.name];
        const own = coefficients[format.name][name];
        const best = minimax({ ...wanted, terms: own.length });
        const { constant } = lanesOf(format);
        expect(own.map(constant)).to.deep.equal(best.coefficients.map((c) => constant(field.toNumber(c))));
        expect(Math.log2(best.error)).to.be.at.most(error);
      });

  for (const format of [double, single])
    it(`the two parts of ln 2 in ${format.name} precision have room for an exponent, and make it up`, () => {
      const { ln2High, ln2Low } = coefficients[format.name];
      const { constant } = lanesOf(format);
      const greatest = format.bias + 2 * format.precision;
      for (const k of [1, 3, greatest, greatest - 1]) expect(constant(ln2High * k)).to.equal(ln2High * k);
      const lost = abs(sub(sub(log(number(2)), number(ln2High)), number(ln2Low)));
      expect(field.toNumber(lost)).to.be.below(ln2Low * 2 ** -format.precision);
    });

  for (const [name, value] of Object.entries(splits) as [keyof typeof splits, Wide][])
    for (const format of [double, single])
      it(`the two parts of ${name} in ${format.name} precision make it up`, () => {
        const [head, tail] = coefficients[format.name][name];
        const lost = abs(sub(sub(value, number(head)), number(tail)));
        expect(field.toNumber(lost)).to.be.below(Math.abs(tail) * 2 ** -format.precision);
      });

  it("the polynomial beside the table of roots is the best of its degree, to the last digit", () => {
    const most = (Math.LN2 / (2 * steps)) * (1 + 1 / 256);
    const best = minimax({
      target: (r) => div(sub(expm1(r), r), mul(r, r)),
      weight: (r) => div(mul(r, r), exp(r)),
      from: -most,
      to: most,
      terms: nearRoots.series.length,
    });
    expect([...nearRoots.series]).to.deep.equal(best.coefficients.map(field.toNumber));
    expect(Math.log2(best.error)).to.be.at.most(-59);
  });

  it("the two parts of a step between roots have room for any number of steps, and make it up", () => {
    const { perStep, stepHigh, stepLow } = nearRoots;
    const step = div(log(number(2)), number(steps));
    expect(perStep).to.equal(field.toNumber(div(number(1), step)));
    // Products with the highest bits of a number are exact when those with all ones are.
    for (const k of [1, 746 * 93, 2 ** 17 - 1])
      expect(BigInt(stepHigh * 2 ** 60) * BigInt(k)).to.equal(BigInt(stepHigh * k * 2 ** 60));
    const lost = abs(sub(sub(step, number(stepHigh)), number(stepLow)));
    expect(field.toNumber(lost)).to.be.below(stepLow * 2 ** -52);
  });

  it("the table has the roots of two octaves, each rounded, and what it lacks", () => {
    expect(roots.pairs.length).to.equal(2 * steps);
    for (const [n, [head, tail]] of roots.pairs.entries()) {
      const root = exp(mul(log(number(2)), div(number(n), number(steps))));
      expect(head).to.equal(field.toNumber(root));
      expect(field.toNumber(abs(sub(sub(root, number(head)), number(tail))))).to.be.at.most(2 ** -105);
    }
  });

  it("the algorithm finds Chebyshev's line for a square", () => {
    const best = minimax({ target: (x) => mul(x, x), weight: () => number(1), from: 0, to: 1, terms: 2 });
    expect(best.coefficients.map(field.toNumber)[1]).to.be.closeTo(1, 1e-3);
    expect(field.toNumber(horner(best.coefficients, number(0)))).to.be.closeTo(-1 / 8, 1e-3);
    expect(best.error).to.be.closeTo(1 / 8, 1e-3);
  });
});
