import { assert } from "chai";
import fc from "fast-check";
import { bind, type Given } from "../../lib/bind.ts";
import { localModel } from "../../lib/check/gates.ts";
import { range, subdifferential, type Subdifferential } from "../../lib/check/subdifferential.ts";
import { trace } from "../../lib/check/trace.ts";
import { parse } from "../../lib/parse.ts";

const at = (text: string, point: Given): Subdifferential => {
  const program = parse(text);
  return subdifferential(localModel(trace(program, bind(program, point), ["x"], undefined)));
};

/** The range of each coordinate. */
const ranges = (right: Subdifferential): [number, number][] =>
  Array.from(right.slope, (slope, c) => {
    const set = right.sets.find((s) => s.coordinates.includes(c));
    return set === undefined ? [slope, slope] : range(set, right, c);
  });

describe("subdifferential", () => {
  // prettier-ignore
  const cases: readonly [string, number[], [number, number][]][] = [
    ["loss = sum(i, abs(x[i]))",                            [0, 2],    [[-1, 1], [1, 1]]],
    ["loss = abs(x[0]) - abs(x[0])",                        [0],       [[0, 0]]],
    ["loss = abs(x[0]) - abs(2 * x[0]) / 2",                [0],       [[0, 0]]],
    ["loss = abs(x[0]) - 3 * relu(x[0])",                   [0],       [[-2, -1]]],
    ["loss = relu(x[0] + x[1]) - relu(x[0]) - relu(x[1])",  [0, 0],    [[-1, 1], [-1, 1]]],
    ["loss = max(relu(x[0]), x[1])",                        [0, 0],    [[0, 1], [0, 1]]],
    ["loss = abs(relu(x[0]) - relu(x[1]))",                 [0, 0],    [[-1, 1], [-1, 1]]],
    ["loss = min(1, max(0, x[0]))",                         [0],       [[0, 1]]],
    ["loss = min(1, max(0, x[0]))",                         [1],       [[0, 1]]],
    ["loss = min(1, relu(x[0])) + min(1, relu(x[1]))",      [0, 1],    [[0, 1], [0, 1]]],
    ["loss = relu(x[0]) * relu(x[1])",                      [0, 3],    [[0, 3], [0, 0]]],
    ["loss = relu(x[0]) * relu(x[1])",                      [0, 0],    [[0, 0], [0, 0]]],
    ["loss = exp(relu(x[0]))",                              [0],       [[0, 1]]],
  ];
  for (const [text, x, expected] of cases)
    it(`has the ranges ${JSON.stringify(expected)} for ${text} at ${JSON.stringify(x)}`, () => {
      assert.deepEqual(
        ranges(at(text, { x })).map((r) => r.map((v) => v + 0)),
        expected,
      );
    });

  it("leaves out selections that no neighbour makes: |x| and relu(x) turn together", () => {
    const right = at("loss = abs(x[0]) - relu(x[0]) + abs(x[1] - x[0])", { x: [0, 1] });
    assert.deepEqual(ranges(right), [
      [-2, -1],
      [1, 1],
    ]);
  });

  it("contains the slope on both sides of random sums of kinks along one line", () => {
    const weight = fc.integer({ min: -4, max: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(weight, weight), { minLength: 1, maxLength: 6 }), (terms) => {
        const text = `loss = ${terms.map(([c, a]) => `(${c}) * relu((${a}) * x[0])`).join(" + ")}`;
        const [[low, high]] = ranges(at(text, { x: [0] })) as [[number, number]];
        const side = (sign: number): number => terms.reduce((s, [c, a]) => s + (sign * a > 0 ? c * a : 0), 0);
        assert.approximately(low, Math.min(side(1), side(-1)), 1e-13);
        assert.approximately(high, Math.max(side(1), side(-1)), 1e-13);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});
