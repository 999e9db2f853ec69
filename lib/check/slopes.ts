/** Gradients as lists: the slope by each node that there is one for, with the room it leaves to others. */

/** Slopes by some nodes, in ascending order. */
export interface Slopes {
  readonly nodes: readonly number[];
  readonly slope: readonly number[];
  /** A slope further than this from ours is wrong. */
  readonly slack: readonly number[];
}

export const noSlopes: Slopes = { nodes: [], slope: [], slack: [] };

/** x − y; what is 0 within its slack is left out. */
export function subtract(x: Slopes, y: Slopes): Slopes {
  const all = new Map<number, { slope: number; slack: number }>();
  for (const [n, node] of x.nodes.entries()) all.set(node, { slope: x.slope[n]!, slack: x.slack[n]! });
  for (const [n, node] of y.nodes.entries()) {
    const { slope, slack } = all.get(node) ?? { slope: 0, slack: 0 };
    all.set(node, { slope: slope - y.slope[n]!, slack: slack + y.slack[n]! });
  }
  const kept = [...all]
    .filter(([, { slope, slack }]) => !(Math.abs(slope) <= slack))
    .toSorted(([a], [b]) => a - b);
  return {
    nodes: kept.map(([node]) => node),
    slope: kept.map(([, { slope }]) => slope),
    slack: kept.map(([, { slack }]) => slack),
  };
}
