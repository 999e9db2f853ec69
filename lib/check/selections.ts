/**
 * What a piece amounts to when each gate has chosen, and which choices a direction makes.
 *
 * Vectors have an entry for each coordinate of the piece. A *selection* is the
 * chosen option of each gate; its gradient is the piece's part of the slope of the root.
 */
import type { Takes } from "./gates.ts";
import type { CompactForm, Piece } from "./piece.ts";

/** A vertex of a set of gradients in a direction: the one with the greatest product. */
export type Support = (direction: Float64Array) => Float64Array;

// prettier-ignore
const taken: Readonly<Record<Takes, (rates: readonly number[]) => number>> = {
  greatest: (rates) => Math.max(...rates),
  least:    (rates) => Math.min(...rates),
  length:   (rates) => Math.hypot(...rates),
};

/** The gradient of the selection that chooses `selection[g]` for gate g. */
export function gradientOf(piece: Piece, selection: ArrayLike<number>): Float64Array {
  return weighted(piece, (gate, option) => (selection[gate] === option ? 1 : 0));
}

/** The gradient when gate g passes on `share(g, option)` of each option. */
export function weighted(
  { coordinates, gates, direct }: Piece,
  share: (gate: number, option: number) => number,
): Float64Array {
  const out = new Float64Array(coordinates.length);
  const weight = new Float64Array(gates.length);
  for (const { gate, coefficient } of direct) weight[gate]! += coefficient;
  for (let g = gates.length - 1; g >= 0; g--) {
    if (weight[g] === 0) continue;
    const { options } = gates[g]!;
    for (let o = 0; o < options.length; o++) {
      const part = weight[g]! * share(g, o);
      if (part === 0) continue;
      const { at, slope, gates: terms } = options[o]!;
      for (let n = 0; n < at.length; n++) out[at[n]!]! += part * slope[n]!;
      for (const { gate, coefficient } of terms) weight[gate]! += part * coefficient;
    }
  }
  return out;
}

const along = ({ at, slope, gates }: CompactForm, direction: Float64Array, rates: Float64Array): number => {
  let sum = 0;
  for (let n = 0; n < at.length; n++) sum += slope[n]! * direction[at[n]!]!;
  for (const { gate, coefficient } of gates) sum += coefficient * rates[gate]!;
  return sum;
};

/**
 * The gradient a little way along a direction. A gate passes on the first of its options that tie, and a
 * length the share of each entry, which is 0 where all are.
 */
export function gradientAlong(
  piece: Piece,
  direction: Float64Array,
): { gradient: Float64Array; tied: boolean } {
  const { gates } = piece;
  const rates = new Float64Array(gates.length);
  const selection = new Int32Array(gates.length);
  const entries: (readonly number[])[] = [];
  let tied = false;
  for (const [g, { takes, options }] of gates.entries()) {
    if (takes === "length") {
      entries[g] = options.map((o) => along(o, direction, rates));
      rates[g] = Math.hypot(...entries[g]);
      if (rates[g] === 0) tied = true;
      continue;
    }
    const sign = takes === "greatest" ? 1 : -1;
    let best = -Infinity;
    for (let o = 0; o < options.length; o++) {
      const rate = sign * along(options[o]!, direction, rates);
      if (rate === best) tied = true;
      if (rate > best) [best, selection[g]] = [rate, o];
    }
    rates[g] = sign * best;
  }
  const gradient = weighted(piece, (g, o) => {
    if (gates[g]!.takes !== "length") return selection[g] === o ? 1 : 0;
    return rates[g] === 0 ? 0 : entries[g]![o]! / rates[g]!;
  });
  return { gradient, tied };
}

/** How fast the piece's part of the root changes along a direction, to the one side. */
export function rateAlong(piece: Piece, direction: Float64Array): number {
  const rates = new Float64Array(piece.gates.length);
  for (const [g, { takes, options }] of piece.gates.entries())
    rates[g] = taken[takes](options.map((o) => along(o, direction, rates)));
  return piece.direct.reduce((sum, { gate, coefficient }) => sum + coefficient * rates[gate]!, 0);
}

/**
 * +1 when the piece is regular: every gate takes the greatest, or is a length, and counts
 * positively (or takes the least and counts negatively), so that chain rule and sum rule hold with equality and
 * the subdifferential is the hull of all selections, whose furthest vertex in a
 * direction is what the gates choose along it. −1 when its negative is. 0 when neither.
 */
export function regularity({ gates }: Piece): 1 | -1 | 0 {
  const bends = gates.map(({ takes, weight: [low, high] }) => {
    const sign = low >= 0 ? 1 : high <= 0 ? -1 : 0;
    return takes === "least" ? -sign : sign;
  });
  if (bends.every((b) => b === 1)) return 1;
  return bends.every((b) => b === -1) ? -1 : 0;
}

/** The support of the subdifferential of a regular piece, or of one whose negative is regular. */
export function regularSupport(piece: Piece, sign: 1 | -1): Support {
  return (direction) => {
    const towards = sign === 1 ? direction : direction.map((v) => -v);
    return gradientAlong(piece, towards).gradient;
  };
}

/**
 * The support of all that any choice of branches, gate by gate, can give: what rules
 * applied one by one may return. A gate that is read twice may choose twice. The entries of a length have no gates.
 */
export function ruleSupport(piece: Piece): Support {
  const { coordinates, gates, direct } = piece;
  return (direction) => {
    const most = new Float64Array(gates.length);
    const least = new Float64Array(gates.length);
    const bestOption = new Int32Array(gates.length);
    const worstOption = new Int32Array(gates.length);
    const entries: (readonly number[])[] = [];
    for (const [g, { takes, options }] of gates.entries()) {
      if (takes === "length") {
        entries[g] = options.map((form) => along(form, direction, most));
        most[g] = Math.hypot(...entries[g]);
        least[g] = -most[g]!;
        continue;
      }
      most[g] = -Infinity;
      least[g] = Infinity;
      for (const [o, form] of options.entries()) {
        let [high, low] = [along({ ...form, gates: [] }, direction, most), 0];
        low = high;
        for (const { gate, coefficient } of form.gates) {
          high += coefficient * (coefficient > 0 ? most : least)[gate]!;
          low += coefficient * (coefficient > 0 ? least : most)[gate]!;
        }
        if (high > most[g]!) [most[g], bestOption[g]] = [high, o];
        if (low < least[g]!) [least[g], worstOption[g]] = [low, o];
      }
    }
    const out = new Float64Array(coordinates.length);
    const up = new Float64Array(gates.length);
    const down = new Float64Array(gates.length);
    const put = (gate: number, weight: number): void => {
      if (weight > 0) up[gate]! += weight;
      else down[gate]! += weight;
    };
    for (const { gate, coefficient } of direct) put(gate, coefficient);
    const pass = ({ at, slope, gates: terms }: CompactForm, weight: number): void => {
      if (weight === 0) return;
      for (let n = 0; n < at.length; n++) out[at[n]!]! += weight * slope[n]!;
      for (const { gate, coefficient } of terms) put(gate, weight * coefficient);
    };
    for (let g = gates.length - 1; g >= 0; g--) {
      const { takes, options } = gates[g]!;
      if (takes === "length") {
        const share = most[g] === 0 ? 0 : (up[g]! - down[g]!) / most[g]!;
        for (const [o, form] of options.entries()) pass(form, share * entries[g]![o]!);
        continue;
      }
      pass(options[bestOption[g]!]!, up[g]!);
      pass(options[worstOption[g]!]!, down[g]!);
    }
    return out;
  };
}

/** The support of the hull of listed vertices. */
export function listSupport(vertices: readonly Float64Array[]): Support {
  return (direction) => {
    let [best, most] = [vertices[0]!, -Infinity];
    for (const vertex of vertices) {
      let sum = 0;
      for (let n = 0; n < vertex.length; n++) sum += vertex[n]! * direction[n]!;
      if (sum > most) [best, most] = [vertex, sum];
    }
    return best;
  };
}
