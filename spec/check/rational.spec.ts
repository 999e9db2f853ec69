import { assert } from "chai";
import fc from "fast-check";
import { isRational, rational, type Rational } from "../../lib/check/rational.ts";
import { parse } from "../../lib/parse.ts";

const { fromNumber, toNumber, compare, functions } = rational;

const same = (a: Rational, b: Rational): void => assert.equal(compare(a, b), 0);

describe("rationals", () => {
  it("hold every double exactly and give it back", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => assert.equal(toNumber(fromNumber(x)), x)),
      { seed: 1, numRuns: 500 },
    );
  });

  it("do not round: 0.1 + 0.2 − 0.3 is 2^-54 · 0.5, not 2^-54", () => {
    const { add, sub } = functions;
    const gap = sub(add(fromNumber(0.1), fromNumber(0.2)), fromNumber(0.3));
    assert.equal(toNumber(gap), 2 ** -55);
  });

  it("undo what they do, and powers are products", () => {
    const { add, sub, mul, div, pow } = functions;
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.constant(0.75),
    );
    fc.assert(
      fc.property(number, number, number, (x, y, z) => {
        const [a, b] = [div(fromNumber(x), fromNumber(z || 3)), fromNumber(y || 7)];
        same(sub(add(a, b), b), a);
        same(div(mul(a, b), b), a);
        same(pow(b, fromNumber(-3)), div(fromNumber(1), mul(mul(b, b), b)));
        same(pow(a, fromNumber(2)), mul(a, a));
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it("keep the order of doubles, infinities included", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (x, y) =>
        assert.equal(compare(fromNumber(x), fromNumber(y)), x < y ? -1 : x > y ? 1 : 0),
      ),
      { seed: 2, numRuns: 500 },
    );
  });

  it("are NaN after division by 0", () => {
    assert.isTrue(rational.isNaN(functions.div(fromNumber(1), fromNumber(0))));
    assert.isTrue(Number.isNaN(compare(undefined, fromNumber(0))));
  });

  const programs: readonly [string, boolean][] = [
    ["loss = mean(i, max(0, x[i]))^2", true],
    ["loss = max(j, s[j]) / 3", true],
    ["loss = sum(i, abs(x[i]) > 1 ? x[i] : 0)", true],
    ["loss = x^0.5", false],
    ["loss = exp(x)", false],
    ["loss = logsumexp(j, s[j])", false],
    ["u = sqrt(x); loss = u * u", false],
  ];
  for (const [text, yes] of programs)
    it(`${yes ? "suffice" : "do not suffice"} for ${text}`, () => {
      assert.equal(isRational(parse(text).definitions), yes);
    });
});
