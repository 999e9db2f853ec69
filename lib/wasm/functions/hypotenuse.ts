/** The length of (x, y): the root of the sum of squares, which is no ordinary number where x and y are far from 1. */
import type { Lanes } from "./lanes.ts";

/** Between these, a sum of squares has lost nothing to overflow or underflow; the scale brings others there, and is exact. */
const sizes = {
  double: { least: 2 ** -900, most: 2 ** 1000, scale: 2 ** 600 },
  single: { least: 2 ** -80, most: 2 ** 120, scale: 2 ** 100 },
} as const;

export function hypot<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F): F {
  const { constant, mul, sqrt, abs, lt, eq, both, either, not, select, rare, format } = lanes;
  const { least, most, scale } = sizes[format.name];
  const sum = sumOfSquares(lanes, x, y);
  const isOrdinary = both(lt(constant(least), sum), lt(sum, constant(most)));
  return rare(not(isOrdinary), sqrt(sum), () => {
    const isLarge = either(lt(constant(1), abs(x)), lt(constant(1), abs(y)));
    const [up, down] = [constant(scale), constant(1 / scale)];
    const by = select(isLarge, down, up);
    const length = mul(sqrt(sumOfSquares(lanes, mul(x, by), mul(y, by))), select(isLarge, up, down));
    const infinite = constant(Infinity);
    return select(either(eq(abs(x), infinite), eq(abs(y), infinite)), infinite, length);
  });
}

const sumOfSquares = <F, I, M>({ add, mul }: Lanes<F, I, M>, x: F, y: F): F => add(mul(x, x), mul(y, y));
