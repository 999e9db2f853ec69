import { assert } from "chai";
import fc from "fast-check";
import { exactSum, expSum, mulRoundoff, roundoff } from "../../lib/number/compensated.ts";
import { ulps } from "../../lib/number/ulp.ts";
import { wide } from "../../lib/number/wide/wide.ts";

const number = fc
  .tuple(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), fc.integer({ min: -60, max: 10 }))
  .map(([n, e]) => n * 2 ** e);
const { functions, fromNumber, toNumber } = wide(640);

describe("compensated sums", () => {
  it("roundoff is what the rounding of a sum takes, exactly", () => {
    fc.assert(
      fc.property(number, number, (x, y) => {
        const exact = functions.add(fromNumber(x), fromNumber(y));
        assert.equal(roundoff(x, y), toNumber(functions.sub(exact, fromNumber(x + y))));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("mulRoundoff is what the rounding of a product takes, exactly, and 0 where it would overflow on the way", () => {
    fc.assert(
      fc.property(number, number, (x, y) => {
        const exact = functions.mul(fromNumber(x), fromNumber(y));
        assert.equal(mulRoundoff(x, y), toNumber(functions.sub(exact, fromNumber(x * y))));
      }),
      { seed: 4, numRuns: 500 },
    );
    assert.equal(mulRoundoff(1e305, 0.3), 0);
    assert.equal(mulRoundoff(Infinity, 1), 0);
  });

  it("exactSum is within an ulp where its terms cancel", () => {
    fc.assert(
      fc.property(number, number, number, (x, y, small) => {
        const exact = functions.exactsum(
          fromNumber(x),
          fromNumber(y),
          fromNumber(-(x + y)),
          fromNumber(small / 2 ** 50),
        );
        assert.isAtMost(ulps(exactSum(x, y, -(x + y), small / 2 ** 50), exact, wide(640)), 1);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it("expSum is within 2 ulp at exponents of any size", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -800, max: 0, noNaN: true }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        (x, y) => {
          assert.isAtMost(ulps(expSum(x, y), functions.expsum(fromNumber(x), fromNumber(y)), wide(640)), 2);
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });

  const edges: [number[], number][] = [
    [[-Infinity, 3], 0],
    [[3, -Infinity], 0],
    [[Infinity, 3], Infinity],
    [[NaN, 3], NaN],
    [[-1e308, -1e308], 0],
  ];
  for (const [[x, y], want] of edges as [[number, number], number][])
    it(`expSum(${x}, ${y}) is ${want}`, () => assert.deepEqual(expSum(x, y), want));

  it("exactSum keeps infinities and NaN", () => {
    assert.equal(exactSum(Infinity, 1, 2), Infinity);
    assert.equal(exactSum(1e308, 1e308, 1), Infinity);
    assert.isNaN(exactSum(Infinity, -Infinity, 2));
  });
});
