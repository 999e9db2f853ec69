/** The slopes to both sides along single coordinates, by the local model. */
import type { Local } from "./gates.ts";
import { withoutAliases } from "./merge.ts";
import { pieces, type Piece } from "./piece.ts";
import { rateAlong } from "./selections.ts";

export class OneSided {
  readonly #slope = new Map<number, number>();
  readonly #pieces = new Map<number, Piece>();

  constructor(local: Local) {
    if (local.gates.length === 0 || local.obstacles.length > 0) return;
    const plain = withoutAliases(local);
    const { nodes, slope } = plain.root.coordinates;
    for (const [n, c] of nodes.entries()) this.#slope.set(c, slope[n]!);
    for (const piece of pieces(plain)) for (const c of piece.coordinates) this.#pieces.set(c, piece);
  }

  /** Undefined where no kink moves the coordinate. */
  at(c: number): { readonly left: number; readonly right: number } | undefined {
    const piece = this.#pieces.get(c);
    if (piece === undefined) return undefined;
    const along = Float64Array.from(piece.coordinates, (other) => (other === c ? 1 : 0));
    const back = along.map((v) => -v);
    const common = this.#slope.get(c) ?? 0;
    return { left: common - rateAlong(piece, back), right: common + rateAlong(piece, along) };
  }
}
