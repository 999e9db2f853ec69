import { assert } from "chai";
import { bind } from "../../lib/bind.ts";
import { Random } from "../../lib/check/random.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { evaluate } from "../../lib/eval.ts";
import { double } from "../../lib/number/double.ts";
import { parse } from "../../lib/parse.ts";
import { randomGiven } from "../diff/points.ts";
import { programs } from "../diff/programs.ts";
import { askNerdamer, byMathjs, derivativeByAlgebrite, valueOf, type Answer } from "./systems.ts";
import { writtenOut } from "./written-out.ts";

/** Two samples, two features, three classes, whatever the arrays are called. */
// prettier-ignore
const sizes = {
  "X.0": 2, "X.1": 2, "W.0": 2, "W.1": 3, "s.0": 2, "s.1": 3, "x.0": 3, "x.1": 2, "a.0": 2, "a.1": 2, "A.0": 2, "A.1": 2,
  "t.0": 2, "z.0": 2, "S.0": 3, "u.0": 2, "W1.1": 2, "W2.1": 3, "w.0": 2, "E.0": 3, "E.1": 2,
};

const titles = [
  "hinge",
  "squared hinge",
  "softmax as a quotient",
  "softmax as a logsumexp",
  "Crammer-Singer with the label's own term",
  "Crammer-Singer with the label left out",
  "binary logistic of a linear score",
  "ignored labels by ?:",
  "labels weighted by class",
  "label smoothing",
  "softmax shifted by its maximum",
  "a softmax layer",
  "logistic from sigmoids",
  "Huber",
  "Huber by min",
  "epsilon-insensitive",
  "Cauchy",
  "Poisson",
  "dice",
  "triplet",
  "InfoNCE, both ways",
  "cosine",
  "ranking",
  "center loss",
  "affine layer",
  "causal convolution",
  "max-pooling with overlap",
  "layer normalization",
  "swish",
  "attention",
  "embedding lookup",
  "total variation",
  "products of squares",
  "range",
  "nested maxima",
  "scalars only",
  "a chain of ?:",
];

/** Algebrite takes seconds for longer formulas. */
const longest = 2500;

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * (1 + Math.abs(b));

/** A derivative that the engine has, and the formula it is the derivative of. */
interface Entry {
  readonly title: string;
  readonly text: string;
  readonly symbol: string;
  readonly values: Readonly<Record<string, number>>;
  readonly closed: number;
}

/** Some entries of each gradient of a program, at two points and so mostly on two smooth pieces. */
function entriesOf(title: string): readonly Entry[] {
  const specimen = programs.find((p) => p.title === title);
  assert.isDefined(specimen, `there is no program "${title}"`);
  const program = parse(specimen!.text);
  const derivation = differentiate(program);
  return [11, 12].flatMap((seed) => {
    const given = randomGiven(derivation, seed, { ...specimen!, sizes: { ...sizes, ...specimen!.sizes } });
    const closed = evaluate(derivation.definitions, bind(derivation, given), double);
    const random = new Random(seed);
    const { text, values, symbol } = writtenOut(program, derivation.inputs, given);
    return derivation.wrt.flatMap((input) => {
      const { data } = closed.get(derivation.gradients.get(input)!)!;
      const positions = [...new Set([random.int(0, data.length - 1), random.int(0, data.length - 1)])];
      return positions.map((position): Entry => ({
        title,
        text,
        symbol: symbol(input, position),
        values,
        closed: data[position]!,
      }));
    });
  });
}

/** Short, and without the roots that it has wrong. */
const isFitForNerdamer = ({ text }: Entry): boolean => text.length < 400 && !text.includes("^(1/2)");

describe("algebra systems", () => {
  const entries = new Map<string, readonly Entry[]>();
  before(() => {
    for (const title of titles) entries.set(title, entriesOf(title));
  });

  for (const title of titles) {
    it(`mathjs finds the gradient of ${title}`, () => {
      for (const { text, symbol, values, closed } of entries.get(title)!) {
        const expected = byMathjs(text, symbol, values);
        assert.isTrue(near(closed, expected), `by ${symbol} of ${text}: ${closed}, mathjs says ${expected}`);
      }
    });

    it(`Algebrite finds the gradient of ${title}`, () => {
      for (const { text, symbol, values, closed } of entries
        .get(title)!
        .filter((e, n) => n % 2 === 0 && e.text.length < longest)) {
        const expected = valueOf(derivativeByAlgebrite(text, symbol), values);
        assert.isTrue(
          near(closed, expected),
          `by ${symbol} of ${text}: ${closed}, Algebrite says ${expected}`,
        );
      }
    });
  }

  it("nerdamer finds the gradients of what it reads as it is written", () => {
    const asked = titles.flatMap((title) => entries.get(title)!.filter(isFitForNerdamer).slice(0, 2));
    const answers = askNerdamer(asked);
    let sound = 0;
    for (const [n, { parsed, derivative }] of answers.entries()) {
      const { title, text, symbol, values, closed } = asked[n]!;
      if (!near(valueOf(parsed, values), valueOf(text, values))) continue;
      sound++;
      const expected = valueOf(derivative, values);
      assert.isTrue(near(closed, expected), `${title}, by ${symbol}: ${closed}, nerdamer says ${expected}`);
    }
    assert.isAtLeast(sound, 12);
  }).timeout(20_000);
});

/** Formulas that nerdamer 1.1.13 has wrong, as central differences show. */
// prettier-ignore
const mistaken: readonly (readonly [what: string, formula: string, about: "parsed" | "derivative"])[] = [
  ["reads a softmax as a power",                      "exp(x)/(exp(x) + exp(y))", "parsed"],
  ["reads the logarithm of a sum of exponentials as 1", "log(exp(x) + exp(y))",   "parsed"],
  ["takes a hinge for a constant",                    "max(0, x)",                "derivative"],
  ["differentiates a quotient by a root wrongly",     "x/sqrt(x^2 + 1)",          "derivative"],
  ["differentiates a product with a root wrongly",    "(x + y)*(x^2 + y^2)^(-1/2)", "derivative"],
];

describe("nerdamer, which is not asked for these", () => {
  const values = { x: 0.5, y: 1.25 };
  const answers: Answer[] = [];
  before(() => answers.push(...askNerdamer(mistaken.map(([, text]) => ({ text, symbol: "x" })))));

  for (const [n, [what, formula, about]] of mistaken.entries())
    it(`${what}: ${formula}`, () => {
      const at = (x: number): number => valueOf(formula, { ...values, x });
      const h = 2 ** -17;
      const right = about === "parsed" ? at(values.x) : (at(values.x + h) - at(values.x - h)) / (2 * h);
      const told = valueOf(answers[n]![about], values);
      assert.isAbove(Math.abs(told - right), 0.1, `nerdamer is right by now: ${told}; it may be asked`);
    });

  it("are right by the other systems, and by ours", () => {
    for (const formula of [
      "exp(x)/(exp(x) + exp(y))",
      "log(exp(x) + exp(y))",
      "x/sqrt(x^2 + 1)",
      "(x + y)/sqrt(x^2 + y^2)",
    ]) {
      const derivation = differentiate(parse(`f = ${formula} + 0*y`), { wrt: ["x"] });
      const given = Object.fromEntries(
        derivation.inputs.map(({ name }) => [name, values[name as "x" | "y"]]),
      );
      const ours = evaluate(derivation.definitions, bind(derivation, given), double).get("dx")!.data[0]!;
      assert.isTrue(near(ours, byMathjs(formula, "x", values)), formula);
      assert.isTrue(near(ours, valueOf(derivativeByAlgebrite(formula, "x"), values)), formula);
    }
  });
});
