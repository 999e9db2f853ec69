/**
 * The numbers in the descriptions: polynomials and split constants, a set for each format.
 *
 * The polynomials have the least greatest error on their interval, relative to the function that the row is named
 * after (Remez's second algorithm in numbers of 320 bits), and are then rounded. `spec/wasm/functions/minimax.ts` is the
 * algorithm; `spec/wasm/functions/coefficients.spec.ts` makes each row anew and compares.
 *
 *   exp        (eʳ − 1 − r − r²/2) / r³ in r, |r| ≤ ln 2 / 2 and a little
 *   expm1      the same
 *   log        (2 artanh(s) / s − 2) / s² in s², |s| ≤ (√2 − 1) / (√2 + 1)
 *   logTwofold (3 artanh(s) / s − 3 − s²) / s⁴ in s², for logarithms with more bits than the format has
 *   erf        (erf(x) / x − 2/√π) / x² in x², |x| ≤ 1/2
 *   erfc       (1 + 2x) exp(x²) erfc(x) − 5/4 in (x − c) / (x + c), 1/2 ≤ x, up to where erfc is 0 and a little; c is erfcCenter
 *              (M. M. Shepherd and J. G. Laframboise, Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞,
 *              Math. Comp. 36 (1981) 249–253, for the form)
 *   perRootPi2 2/√π as the sum of two numbers
 *   perLn2, perLn10, twoThirds   1 / ln 2, 1 / ln 10 and 2/3, likewise
 *   ln2High    ln 2 to so few bits that its product with any exponent is exact
 *   ln2Low     what is left of ln 2
 */
import type { Format } from "./lanes.ts";

/** Lowest power first, as all polynomials here. */
export type Polynomial = readonly number[];

/** The sum of two numbers. */
export type Split = readonly [head: number, tail: number];

export interface Coefficients {
  readonly exp: Polynomial;
  readonly expm1: Polynomial;
  readonly log: Polynomial;
  readonly logTwofold: Polynomial;
  readonly erf: Polynomial;
  readonly erfc: Polynomial;
  readonly erfcCenter: number;
  readonly perRootPi2: Split;
  readonly perLn2: Split;
  readonly perLn10: Split;
  readonly twoThirds: Split;
  readonly ln2High: number;
  readonly ln2Low: number;
}

export const coefficients: Readonly<Record<Format["name"], Coefficients>> = {
  double: {
    exp: [
      0.16666666666666424, 0.04166666666660195, 0.008333333333505012, 0.0013888888927694634,
      0.00019841269457894633, 0.000024801507450379455, 0.000002755764550727583, 2.7625715301600936e-7,
      2.4977911112511487e-8,
    ],
    expm1: [
      0.16666666666666677, 0.041666666666666574, 0.008333333333321818, 0.0013888888888944609,
      0.00019841269885943356, 0.000024801587195243304, 0.0000027557244166625146, 2.755738859942739e-7,
      2.5109116952980216e-8, 2.0878769191910752e-9,
    ],
    log: [
      0.6666666666666735, 0.3999999999941093, 0.2857142874330872, 0.22222198471014418, 0.18183569997531548,
      0.15313896794262846, 0.14797570440878594,
    ],
    logTwofold: [
      0.6000000000000341, 0.42857142855137603, 0.33333333782099067, 0.2727267634829213, 0.23080145666281646,
      0.19884994254888944, 0.1979671046292566,
    ],
    erf: [
      -0.37612638903183754, 0.11283791670954915, -0.026866170645014408, 0.005223977622272041,
      -0.0008548326536628358, 0.00012055287786738745, -0.000014923060854480918, 0.0000016372372862776882,
      -1.4630392940056656e-7,
    ],
    erfc: [
      -0.012487369162172423, -0.140240598585547, 0.0035854154854657564, 0.08227673849014927,
      -0.10880393014185055, 0.09230432116027167, -0.05869339858668136, 0.02836227742010114,
      -0.009746579601240911, 0.0017556258476136078, 0.00029371402940317617, -0.00029015407918612135,
      0.000051647205246758895, 0.000022384334914615014, -0.000011437843344143149, -9.74026914972857e-7,
      0.0000017381568311261272, -5.6114024468182125e-8, -2.406273776207774e-7, 2.1800907576958578e-8,
      2.4681451777958055e-8, -2.7030622291188258e-9,
    ],
    erfcCenter: 3.75,
    perRootPi2: [1.1283791670955126, 1.533545961316588e-17],
    perLn2: [Math.LOG2E, 2.0355273740931033e-17],
    perLn10: [Math.LOG10E, 1.098319650216765e-17],
    twoThirds: [0.6666666666666666, 3.700743415417188e-17],
    ln2High: 0.6931471805598903,
    ln2Low: 5.497923018708371e-14,
  },
  single: {
    exp: [0.1666653208355831, 0.04166724604885163, 0.008367734381779394, 0.001386363350478651],
    expm1: [
      0.16666666291933016, 0.04166647980307635, 0.008333420742928092, 0.0013933593634616332,
      0.00019824093556288872,
    ],
    log: [0.6666677675794397, 0.3997748476975069, 0.2987341107453256],
    logTwofold: [0.6000022895693748, 0.4282062681541334, 0.35129698797629705],
    erf: [
      -0.3761263863993733, 0.11283776665503745, -0.026863389589331304, 0.005201407114302969,
      -0.0007709010795377293,
    ],
    erfc: [
      0.014838182956197161, -0.1223567727294087, -0.09902435543292065, 0.1576303631983064,
      -0.10297086758214145, 0.032754743467106405, 0.0009594690076398251, -0.004345230475907176,
      0.00040980982374427865, 0.0005301591339673868,
    ],
    erfcCenter: 2.5,
    perRootPi2: [1.128379225730896, -5.8635382771399236e-8],
    perLn2: [1.4426950216293335, 1.925963033500011e-8],
    perLn10: [0.4342944920063019, -1.0103049952192578e-8],
    twoThirds: [0.6666666865348816, -1.9868215517249155e-8],
    ln2High: 0.693145751953125,
    ln2Low: 0.000001428606765330187,
  },
};

/** For eʳ in doubles where |r| ≤ ln 2 / 128 and a little; the table that goes with it is in `roots.ts`. */
export const nearRoots = {
  /** 64 / ln 2 */
  perStep: 92.33248261689366,
  /** ln 2 / 64 to so few bits that its product with any number of steps is exact, and what is left of it. */
  stepHigh: 0.010830424695996044,
  stepLow: 2.5310172166650877e-13,
  /** (eʳ − 1 − r) / r² in r */
  series: [0.49999999999947825, 0.1666666666669198, 0.04166672378972571, 0.00833332905395777],
} as const;
