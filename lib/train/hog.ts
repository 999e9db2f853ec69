/**
 * Histograms of oriented gradients of the grey image.
 *
 * Dalal and Triggs, Histograms of oriented gradients for human detection, CVPR 2005, in the plain
 * form of CS231n: 9 orientations of 20°, without sign, in cells of 8×8 pixels, no blocks.
 */
import { gray } from "./gray.ts";
import { side } from "./image-set.ts";

const orientations = 9;
const cell = 8;
const cells = side / cell;

/** Numbers that `hog` gives: 4 × 4 cells, 9 each. */
export const hogWidth: number = cells * cells * orientations;

/** The mean length of brightness gradients, for each cell and orientation: row-major, cells by rows. */
export function hog(image: Uint8Array): Float64Array {
  const brightness = gray(image);
  const at = (row: number, column: number): number => brightness[inside(row) * side + inside(column)]!;
  const histogram = new Float64Array(hogWidth);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const across = (at(row, column + 1) - at(row, column - 1)) / 2;
      const down = (at(row + 1, column) - at(row - 1, column)) / 2;
      const turn = Math.atan2(down, across) / Math.PI; // −1 to 1; a direction and its opposite are 1 apart
      const orientation = Math.floor((turn < 0 ? turn + 1 : turn) * orientations) % orientations;
      const place = Math.floor(row / cell) * cells + Math.floor(column / cell);
      histogram[place * orientations + orientation]! += Math.hypot(across, down) / (cell * cell);
    }
  return histogram;
}

/** The nearest row or column that exists. */
const inside = (n: number): number => Math.max(0, Math.min(side - 1, n));
