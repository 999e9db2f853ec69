/** The order in which an epoch takes its samples. */
import { Random } from "../check/random.ts";

/**
 * A permutation of 0 … count − 1 for this epoch, from 0. It depends on the seed and the epoch
 * alone, so that a run that goes on after an interruption takes the same samples.
 */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  const random = new Random((Math.imul(seed, 0x9e3779b1) + epoch + 1) >>> 0);
  const order = Int32Array.from({ length: count }, (_, n) => n);
  for (let n = count - 1; n > 0; n--) {
    const other = random.int(0, n);
    [order[n], order[other]] = [order[other]!, order[n]!];
  }
  return order;
}
