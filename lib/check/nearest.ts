/**
 * The point of a polytope nearest to the origin, when the polytope is only known by its vertices in any direction.
 *
 * Wolfe's algorithm: keep a few vertices whose affine hull holds its nearest point in
 * their midst; add the vertex that lies furthest towards the origin; drop those that the
 * new nearest point leaves on the outside. Finite and, unlike Frank and Wolfe's, exact.
 *
 * P. Wolfe, Finding the nearest point in a polytope, Mathematical Programming 11 (1976), 128–149.
 */

/** The vertex v that makes direction·v least. */
export type LeastVertex = (direction: Float64Array) => Float64Array;

export interface Nearest {
  readonly point: Float64Array;
  /** `inside`: the origin is within `tolerance` (the greatest coordinate of the point); `outside`: `point` separates it. */
  readonly verdict: "inside" | "outside" | "undecided";
}

/** Vertices added at most; a polytope of dimension m has needed 2 to 4 m. */
const mostSteps = 20_000;

/** The nearest point, in units in which no square of what matters overflows or vanishes. */
export function nearestToOrigin(vertex: LeastVertex, start: Float64Array, tolerance: number): Nearest {
  const unit = powerOf2(tolerance > 0 ? tolerance : greatest(start));
  const inUnits = (x: Float64Array): Float64Array => x.map((v) => v / unit);
  const { point, verdict } = nearest((d) => inUnits(vertex(d)), inUnits(start), tolerance / unit);
  return { point: point.map((v) => v * unit), verdict };
}

/** The power of 2 at or below a number, for numbers whose inverse is finite; 1 for 0. */
const powerOf2 = (x: number): number => (x > 0 ? 2 ** Math.max(-1000, Math.floor(Math.log2(x))) : 1);

function nearest(vertex: LeastVertex, start: Float64Array, tolerance: number): Nearest {
  const corral = new Corral(start);
  let point = start;
  for (let step = 0; step < mostSteps; step++) {
    if (greatest(point) <= tolerance) return { point, verdict: "inside" };
    const next = vertex(point);
    const square = dot(point, point);
    const least = dot(point, next);
    if (!Number.isFinite(least)) break;
    // Every vertex is at least this far from the origin along `point`.
    if (least > tolerance * Math.sqrt(square)) return { point, verdict: "outside" };
    if (least >= square * (1 - 1e-10) || corral.has(next)) break;
    corral.add(next);
    point = corral.settle();
  }
  return { point, verdict: greatest(point) <= 10 * tolerance ? "inside" : "undecided" };
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < x.length; n++) sum += x[n]! * y[n]!;
  return sum;
}

function greatest(x: Float64Array): number {
  let size = 0;
  for (let n = 0; n < x.length; n++) size = Math.max(size, Math.abs(x[n]!));
  return size;
}

/**
 * Affinely independent points with positive weights.
 *
 * The Gram matrix plus a constant is positive definite exactly when the points are
 * affinely independent; its Cholesky factor is kept row by row.
 */
class Corral {
  readonly #points: Float64Array[] = [];
  #weights: number[] = [];
  #rows: Float64Array[] = [];
  #lift = 1;

  constructor(first: Float64Array) {
    this.#lift = dot(first, first) || 1;
    this.add(first);
    this.#weights = [1];
  }

  has(x: Float64Array): boolean {
    return this.#points.some((p) => p.every((v, n) => v === x[n]));
  }

  add(x: Float64Array): void {
    this.#points.push(x);
    this.#weights.push(0);
    this.#factor(this.#points.length - 1);
  }

  /** Moves to the nearest point of the affine hull, dropping points on the way until it lies in the convex hull. */
  settle(): Float64Array {
    for (;;) {
      const ideal = this.#affine();
      let [stop, least] = [1, -1];
      for (const [n, target] of ideal.entries()) {
        if (target > 0) continue;
        const weight = this.#weights[n]!;
        const t = weight / (weight - target);
        if (least < 0 || t < stop) [stop, least] = [Math.min(t, 1), n];
      }
      if (least < 0) {
        this.#weights = [...ideal];
        return this.#combine(this.#weights);
      }
      this.#weights = this.#weights.map((w, n) => Math.max(0, w + stop * (ideal[n]! - w)));
      this.#drop(least);
    }
  }

  #drop(n: number): void {
    this.#points.splice(n, 1);
    this.#weights.splice(n, 1);
    this.#rows.splice(n);
    const total = this.#weights.reduce((a, b) => a + b, 0);
    this.#weights = this.#weights.map((w) => (total > 0 ? w / total : 1 / this.#weights.length));
    for (let m = n; m < this.#points.length; m++) this.#factor(m);
  }

  /** Row m of the Cholesky factor of lift + pᵢ·pⱼ. */
  #factor(m: number): void {
    const row = new Float64Array(m + 1);
    const point = this.#points[m]!;
    for (let n = 0; n <= m; n++) {
      let sum = this.#lift + dot(point, this.#points[n]!);
      const above = n === m ? row : this.#rows[n]!;
      for (let k = 0; k < n; k++) sum -= row[k]! * above[k]!;
      row[n] = n === m ? Math.sqrt(Math.max(sum, 1e-300)) : sum / above[n]!;
    }
    this.#rows[m] = row;
  }

  #solve(right: Float64Array): Float64Array {
    const size = right.length;
    const x = Float64Array.from(right);
    for (let m = 0; m < size; m++) {
      for (let k = 0; k < m; k++) x[m]! -= this.#rows[m]![k]! * x[k]!;
      x[m]! /= this.#rows[m]![m]!;
    }
    for (let m = size - 1; m >= 0; m--) {
      x[m]! /= this.#rows[m]![m]!;
      for (let k = 0; k < m; k++) x[k]! -= this.#rows[m]![k]! * x[m]!;
    }
    return x;
  }

  /** The weights, of sum 1, of the nearest point in the affine hull; refined once, as the Gram matrix has lost digits. */
  #affine(): Float64Array {
    const size = this.#points.length;
    const ones = this.#solve(new Float64Array(size).fill(1));
    const total = ones.reduce((a, b) => a + b, 0);
    const weights = ones.map((v) => v / total);
    for (let round = 0; round < 2; round++) {
      const point = this.#combine(weights);
      const slopes = this.#points.map((p) => dot(p, point));
      const mean = slopes.reduce((sum, s, n) => sum + s * weights[n]!, 0);
      const change = this.#solve(Float64Array.from(slopes, (s) => mean - s));
      const drift = change.reduce((a, b) => a + b, 0);
      for (let n = 0; n < size; n++) weights[n]! += change[n]! - (drift * ones[n]!) / total;
    }
    return weights;
  }

  #combine(weights: ArrayLike<number>): Float64Array {
    const out = new Float64Array(this.#points[0]!.length);
    for (const [n, point] of this.#points.entries())
      for (let k = 0; k < out.length; k++) out[k]! += weights[n]! * point[k]!;
    return out;
  }
}
