/**
 * The kinked part of a local model, cut into pieces that share no coordinate and no gate.
 *
 * What is asked of the whole can be asked of each piece by itself: with one sample a
 * piece, a thousand samples cost a thousand times one.
 */
import type { Form, Local, Takes } from "./gates.ts";

/** A form with coordinates numbered inside its piece. */
export interface CompactForm {
  readonly at: Int32Array;
  readonly slope: Float64Array;
  readonly gates: readonly { readonly gate: number; readonly coefficient: number }[];
}

export interface CompactGate {
  readonly nodes: readonly number[];
  readonly takes: Takes;
  readonly options: readonly CompactForm[];
  /** The range of the slope of the whole by this gate, over all selections of the others. */
  readonly weight: readonly [number, number];
}

export interface Piece {
  /** The coordinates that the gates move; vectors of this piece have one entry for each. */
  readonly coordinates: readonly number[];
  readonly gates: readonly CompactGate[];
  /** The slope of the whole by each gate, directly. */
  readonly direct: readonly { readonly gate: number; readonly coefficient: number }[];
}

export function pieces({ n, root, gates }: Local): Piece[] {
  const weights = weightRanges(root, gates);
  const matters = gates.map(
    ({ options }, n) => options.length > 1 && (weights[n]![0] < 0 || weights[n]![1] > 0),
  );
  // Coordinates come first, then gates.
  const groups = new Groups(n + gates.length);
  for (const [g, { options }] of gates.entries()) {
    if (weights[g]![0] === 0 && weights[g]![1] === 0) continue;
    for (const { coordinates, gates } of options) {
      for (const c of coordinates.nodes) groups.join(n + g, c);
      for (const t of gates) groups.join(n + g, n + t.gate);
    }
  }
  const members = new Map<number, number[]>();
  for (const g of gates.keys()) {
    if (!matters[g]) continue;
    const name = groups.root(n + g);
    const others = members.get(name);
    if (others === undefined) members.set(name, [g]);
    else others.push(g);
  }
  return [...members.values()].map((numbers) => compact(numbers, { root, gates }, weights));
}

type Weight = readonly [number, number];

/** The slope of the root by each gate, as a range over all selections. */
export function weightRanges(root: Form, gates: Local["gates"]): Weight[] {
  const ranges: Weight[] = gates.map(() => [0, 0]);
  const put = ({ gate, coefficient }: { gate: number; coefficient: number }, [low, high]: Weight): void => {
    const ends = [low * coefficient, high * coefficient].toSorted((a, b) => a - b) as [number, number];
    ranges[gate] = [ranges[gate]![0] + ends[0], ranges[gate]![1] + ends[1]];
  };
  for (const term of root.gates) put(term, [1, 1]);
  for (let n = gates.length - 1; n >= 0; n--) {
    const { options } = gates[n]!;
    const [low, high] = ranges[n]!;
    const share: Weight = options.length > 1 ? [Math.min(0, low), Math.max(0, high)] : [low, high];
    for (const { gates: terms } of options) for (const term of terms) put(term, share);
  }
  return ranges;
}

function compact(
  numbers: readonly number[],
  { root, gates }: Pick<Local, "root" | "gates">,
  weights: readonly Weight[],
): Piece {
  const renumbered = new Map(numbers.map((n, m) => [n, m]));
  const touched = new Set(numbers.flatMap((n) => gates[n]!.options.flatMap((o) => [...o.coordinates.nodes])));
  const coordinates = [...touched].toSorted((a, b) => a - b);
  const places = new Map(coordinates.map((c, n) => [c, n]));
  const terms = (form: Form): CompactForm["gates"] =>
    form.gates
      .filter((t) => renumbered.has(t.gate))
      .map(({ gate, coefficient }) => ({ gate: renumbered.get(gate)!, coefficient }));
  const compactForm = (form: Form): CompactForm => ({
    at: Int32Array.from(form.coordinates.nodes, (c) => places.get(c)!),
    slope: Float64Array.from(form.coordinates.slope),
    gates: terms(form),
  });
  return {
    coordinates,
    gates: numbers.map((n) => {
      const { nodes, takes, options } = gates[n]!;
      return { nodes, takes, options: options.map(compactForm), weight: weights[n]! };
    }),
    direct: terms(root),
  };
}

/** Disjoint sets of numbers. */
class Groups {
  readonly #parent: Int32Array;

  constructor(size: number) {
    this.#parent = Int32Array.from({ length: size }, (_, n) => n);
  }

  root(member: number): number {
    let top = member;
    while (this.#parent[top] !== top) top = this.#parent[top]!;
    for (let at = member; at !== top;) {
      const up = this.#parent[at]!;
      this.#parent[at] = top;
      at = up;
    }
    return top;
  }

  join(a: number, b: number): void {
    this.#parent[this.root(a)] = this.root(b);
  }
}
