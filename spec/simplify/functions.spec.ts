import { assert } from "chai";
import { Random } from "../../lib/check/random.ts";
import { evaluateAt } from "../../lib/eval.ts";
import type { Expr } from "../../lib/expr/node.ts";
import { output } from "../../lib/expr/program.ts";
import { decimal } from "../../lib/number/decimal.ts";
import { parse } from "../../lib/parse.ts";
import { rows } from "../../lib/simplify/functions.ts";
import { algebra } from "../../lib/simplify/simplify.ts";
import { print } from "../../lib/text/print.ts";

const field = await decimal(64);
const bodyOf = (text: string): Expr => output(parse(`value = ${text}`)).body;

/** Values of x and y; half of them positive, so that logarithms and roots are defined. */
const points = Array.from({ length: 20 }, (_, n) => {
  const random = new Random(n);
  const draw = (): number =>
    (random.uniform() < 0.6 ? 1 : -1) * random.uniform() * random.pick([0.9, 0.9, 3]);
  return { x: draw(), y: draw() };
});

const valueAt = (e: Expr, { x, y }: { x: number; y: number }) => {
  const scalar = (value: number) => ({ shape: [], data: [field.fromNumber(value)] });
  const tables = new Map([
    ["x", scalar(x)],
    ["y", scalar(y)],
  ]);
  return evaluateAt(e, new Map(), { field, sizes: { axis: () => 0, scalar: () => 0 }, tables });
};

describe("an identity of functions", () => {
  for (const { identity } of rows) {
    const [left, right] = identity.map(bodyOf) as [Expr, Expr];

    it(`holds at 64 digits: ${identity[0]} = ${identity[1]}`, () => {
      let compared = 0;
      for (const at of points) {
        const [a, b] = [valueAt(left, at), valueAt(right, at)];
        if (!a.isFinite()) continue;
        compared++;
        const near = a.minus(b).abs().lte(a.abs().plus(1).times(1e-55));
        assert.isTrue(near, `${a.toNumber()} and ${b.toNumber()} at x = ${at.x}, y = ${at.y}`);
      }
      assert.isAtLeast(compared, 5);
    });

    it(`is found: ${identity[0]} = ${identity[1]}`, () => {
      const s = algebra();
      assert.equal(print(s.simplify(left)), print(s.simplify(right)));
      assert.isTrue(s.simplify(left) === s.simplify(right));
    });
  }

  // Identities that hold for some x only.
  const untrue = [
    "sqrt(x^2) - x",
    "log(x*y) - log(x) - log(y)",
    "asin(sin(x)) - x",
    "sign(x)^2 - 1",
    "exp(log(x)) - abs(x)",
    "abs(x*y) - x*y",
    "max(x, y) - x",
    "tanh(abs(x)) - tanh(x)",
    "(x^3)^(1/3) - x",
    "atan2(x, y) - atan(x/y)",
  ];
  for (const text of untrue)
    it(`is not found where it does not hold: ${text} = 0`, () => {
      const zero = bodyOf("0");
      assert.isFalse(algebra().simplify(bodyOf(text)) === zero);
    });
});
