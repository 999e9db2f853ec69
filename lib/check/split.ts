/**
 * Parts of a piece whose gates choose independently of each other.
 *
 * Gates whose rows (differences of options, or the entries of a length) are linearly independent of those of other
 * gates can be turned by a direction of their own, so the limiting gradients of the
 * whole are sums of those of the parts, in every combination.
 */
import type { Piece } from "./piece.ts";

/** Entries below this, after scaling, are taken for rounding. */
const negligible = 1e-9;

/** A piece as independent parts over the same coordinates; itself alone when gates are nested. */
export function independentParts(piece: Piece): Piece[] {
  const { gates, coordinates } = piece;
  if (gates.some((g) => g.options.some((o) => o.gates.length > 0))) return [piece];
  const rows: { gate: number; row: Float64Array }[] = [];
  for (const [gate, { takes, options }] of gates.entries()) {
    const dense = options.map(({ at, slope }) => {
      const out = new Float64Array(coordinates.length);
      for (let n = 0; n < at.length; n++) out[at[n]!]! += slope[n]!;
      return out;
    });
    if (takes === "length") rows.push(...dense.map((row) => ({ gate, row: scaled(row) })));
    else
      for (const other of dense.slice(1))
        rows.push({ gate, row: scaled(dense[0]!.map((v, n) => v - other[n]!)) });
  }
  const part = connected(gates.length, rows);
  return [...new Set(part)].map((p) => restrict(piece, (gate) => part[gate] === p));
}

function scaled(row: Float64Array): Float64Array {
  const size = row.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return size === 0 ? row : row.map((v) => v / size);
}

/**
 * For each gate, the number of its part. Elimination writes each row that depends on
 * earlier ones as a combination of a basis; those of the basis that it needs are its kin.
 */
function connected(count: number, rows: readonly { gate: number; row: Float64Array }[]): number[] {
  const part = Array.from({ length: count }, (_, gate) => gate);
  const join = (a: number, b: number): void => {
    const [from, to] = [part[a]!, part[b]!];
    if (from !== to) for (let n = 0; n < count; n++) if (part[n] === from) part[n] = to;
  };
  const basis: { pivot: number; row: Float64Array; mix: Map<number, number> }[] = [];
  for (const [number, { gate, row }] of rows.entries()) {
    const rest = Float64Array.from(row);
    const mix = new Map<number, number>([[number, 1]]);
    for (const b of basis) {
      const factor = rest[b.pivot]! / b.row[b.pivot]!;
      if (Math.abs(factor) <= negligible) continue;
      for (let n = 0; n < rest.length; n++) rest[n]! -= factor * b.row[n]!;
      for (const [k, weight] of b.mix) mix.set(k, (mix.get(k) ?? 0) - factor * weight);
    }
    let pivot = 0;
    for (let n = 1; n < rest.length; n++) if (Math.abs(rest[n]!) > Math.abs(rest[pivot]!)) pivot = n;
    if (Math.abs(rest[pivot] ?? 0) > negligible) basis.push({ pivot, row: rest, mix });
    else for (const [k, weight] of mix) if (Math.abs(weight) > negligible) join(gate, rows[k]!.gate);
    for (const other of rows.slice(0, number)) if (other.gate === gate) join(gate, other.gate);
  }
  return part;
}

function restrict(piece: Piece, keeps: (gate: number) => boolean): Piece {
  const numbers = new Map<number, number>();
  for (const gate of piece.gates.keys()) if (keeps(gate)) numbers.set(gate, numbers.size);
  return {
    coordinates: piece.coordinates,
    gates: piece.gates.filter((_, gate) => keeps(gate)),
    direct: piece.direct
      .filter((t) => numbers.has(t.gate))
      .map(({ gate, coefficient }) => ({ gate: numbers.get(gate)!, coefficient })),
  };
}
