/** What other checkers see of a program: a function of a vector, and a point. */

export interface Problem {
  readonly value: (x: Float64Array) => number;
  readonly x: Float64Array;
}

const remembered = new WeakMap<Problem, Map<number, Float64Array>>();

/** Central differences with a fixed step along every coordinate; computed once for each problem and step. */
export function centralDifferences(problem: Problem, step: number): Float64Array {
  let bySteps = remembered.get(problem);
  if (bySteps === undefined) remembered.set(problem, (bySteps = new Map()));
  let slopes = bySteps.get(step);
  if (slopes === undefined)
    bySteps.set(step, (slopes = problem.x.map((_, n) => along(problem, step, (m) => (m === n ? 1 : 0)))));
  return slopes;
}

/** One central difference along a direction. */
export function along({ value, x }: Problem, step: number, direction: (n: number) => number): number {
  const at = (t: number): number => value(x.map((v, n) => v + t * direction(n)));
  return (at(step) - at(-step)) / (2 * step);
}
