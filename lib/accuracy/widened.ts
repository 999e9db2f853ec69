/** Sizes of axes that are large enough for what is read of them: x has 2*n places where `x[2*i + u]` is read, u < 2. */
import { Evaluator } from "../eval.ts";
import { extentKey, sizeOf, type Sizes } from "../expr/extent.ts";
import type { Index } from "../expr/node.ts";
import type { Bound } from "../expr/program.ts";
import { namesRead } from "../expr/names-read.ts";
import { double } from "../number/double.ts";

type Axis = Sizes["axis"];

/** A window that grows may move another, which moves the first: after so many rounds none has an end. */
const mostRounds = 8;
const largest = 64;

/** Sizes as `wanted`, but for axes that subscripts without labels would leave: these are as long as they reach. */
export function widened(bounds: readonly Bound[], wanted: Axis): Axis {
  const longer = new Map<string, number>();
  const axis: Axis = (array, n) => longer.get(`${array}.${n}`) ?? wanted(array, n);
  const sizes: Sizes = { axis, scalar: () => 3 };
  const known = bounds.filter(
    ({ extent, subscript, guard }) =>
      extent.kind === "axis" && [subscript, ...(guard ? [guard] : [])].every((e) => namesRead(e).size === 0),
  );
  for (let round = 0; round < mostRounds; round++) {
    const short = known.filter((bound) => reach(bound, sizes) > sizeOf(bound.extent, sizes));
    if (short.length === 0) break;
    for (const bound of short) longer.set(extentKey(bound.extent), Math.min(largest, reach(bound, sizes)));
  }
  return axis;
}

/** One more than the largest value of the subscript where it is read. */
function reach({ subscript, over, guard }: Bound, sizes: Sizes): number {
  const evaluator = new Evaluator({ field: double, sizes, tables: new Map() });
  let most = 0;
  const place = new Map<Index, number>();
  const go = (depth: number): void => {
    const index = over[depth];
    if (index === undefined) {
      if (guard === undefined || evaluator.holds(guard, place))
        most = Math.max(most, evaluator.int(subscript, place) + 1);
      return;
    }
    for (let value = 0; value < sizeOf(index.extent, sizes); value++) {
      place.set(index, value);
      go(depth + 1);
    }
  };
  go(0);
  return most;
}
