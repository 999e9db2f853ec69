/**
 * The limiting gradients of a piece that is neither convex nor concave: those of the
 * selections that some open set of neighbours makes.
 *
 * Gate by gate, a choice is kept while a direction exists in which all choices so far
 * strictly win. Where inner kinks cancel, this is what leaves out the selections that
 * rules one by one would mix.
 */
import { nearestToOrigin } from "./nearest.ts";
import type { CompactForm, Piece } from "./piece.ts";
import { gradientOf } from "./selections.ts";

/**
 * The distinct limiting gradients; undefined when more than `most` systems of inequalities would have to be
 * solved, or when there is a length among the gates, which has no end of them.
 */
export function limitingGradients(
  piece: Piece,
  scale: Float64Array,
  most: number,
): Float64Array[] | undefined {
  const { gates, coordinates } = piece;
  if (gates.some(({ takes }) => takes === "length")) return undefined;
  const found: Float64Array[] = [];
  const selection = new Int32Array(gates.length);
  const resolved: Float64Array[] = [];
  let work = 0;
  const explore = (g: number, rows: readonly Float64Array[]): boolean => {
    if (g === gates.length) {
      const gradient = gradientOf(piece, selection);
      if (!found.some((known) => isNear(known, gradient, scale))) found.push(gradient);
      return true;
    }
    const { takes, options } = gates[g]!;
    const forms = options.map((form) => resolve(form, resolved, coordinates.length));
    for (const [o, chosen] of forms.entries()) {
      // Of options that are equal under the choices so far, the first stands for all.
      if (forms.some((other, m) => m < o && isNear(other, chosen, scale))) continue;
      const wins: Float64Array[] = [];
      for (const other of forms) {
        if (isNear(other, chosen, scale)) continue;
        const row = chosen.map((v, n) => (takes === "least" ? other[n]! - v : v - other[n]!));
        wins.push(unitRow(row));
      }
      const system = [...rows, ...wins];
      if (wins.length > 0) {
        if (++work > most) return false;
        if (!isFeasible(system)) continue;
      }
      selection[g] = o;
      resolved[g] = chosen;
      if (!explore(g + 1, system)) return false;
    }
    return true;
  };
  return explore(0, []) ? found : undefined;
}

/** The gradient of a form under the choices made so far. */
function resolve(
  { at, slope, gates }: CompactForm,
  resolved: readonly Float64Array[],
  size: number,
): Float64Array {
  const out = new Float64Array(size);
  for (let n = 0; n < at.length; n++) out[at[n]!]! += slope[n]!;
  for (const { gate, coefficient } of gates)
    for (let n = 0; n < size; n++) out[n]! += coefficient * resolved[gate]![n]!;
  return out;
}

/** Whether a direction d exists with row·d > 0 for all rows: exactly when 0 is not in their hull (Gordan). */
export function isFeasible(rows: readonly Float64Array[]): boolean {
  const vertex = (direction: Float64Array): Float64Array => {
    let [best, least] = [rows[0]!, Infinity];
    for (const row of rows) {
      let sum = 0;
      for (let n = 0; n < row.length; n++) sum += row[n]! * direction[n]!;
      if (sum < least) [best, least] = [row, sum];
    }
    return best;
  };
  return rows.length === 0 || nearestToOrigin(vertex, rows[0]!, 1e-9).verdict === "outside";
}

function unitRow(row: Float64Array): Float64Array {
  let size = 0;
  for (const v of row) size = Math.max(size, Math.abs(v));
  return row.map((v) => v / size);
}

export const isNear = (x: Float64Array, y: Float64Array, scale: Float64Array): boolean =>
  x.every((v, n) => Math.abs(v - y[n]!) <= 1e-12 * scale[n]!);
