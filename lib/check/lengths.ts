/**
 * Euclidean lengths that are 0: roots of sums of squares, all of which vanish within their rounding error.
 *
 * Such a root has no slope, but to first order it is the length of a vector of slopes, √Σ(c·q)²,
 * whose subdifferential is the image of the unit ball. Weights in front of the squares do not
 * have to be constant: near the point they are what they are at it.
 */
import type { Tape } from "./tape.ts";
import { nearZero } from "./ties.ts";

/** An entry of the vector: `factor` times a node that is 0 at the point. */
export interface Entry {
  readonly node: number;
  readonly factor: number;
  /** A bound of the error of `factor`. */
  readonly error: number;
}

/** The vector that a node is the length of, where it is 0; undefined when the node is no such length. */
export function vanishingLength(tape: Tape, node: number): readonly Entry[] | undefined {
  if (tape.active[node] === 0) return undefined;
  if (tape.op[node] === "hypot") {
    const both = [tape.operand(node, 0), tape.operand(node, 1)];
    const vanish = both.every((n) => nearZero(tape, n) || isZero(tape, n));
    return vanish ? both.flatMap((n) => square(tape, n, one)) : undefined;
  }
  if (!isRoot(tape, node) || !nearZero(tape, tape.operand(node, 0))) return undefined;
  return squares(tape, tape.operand(node, 0), one);
}

const isRoot = (tape: Tape, node: number): boolean =>
  tape.op[node] === "sqrt" ||
  (tape.op[node] === "pow" &&
    isConstant(tape, tape.operand(node, 1)) &&
    tape.value[tape.operand(node, 1)] === 0.5);

const isConstant = (tape: Tape, node: number): boolean => tape.active[node] === 0;

const isZero = (tape: Tape, node: number): boolean => isConstant(tape, node) && tape.value[node] === 0;

/** What squares are weighted with. */
interface Weight {
  readonly value: number;
  readonly error: number;
}

const one: Weight = { value: 1, error: 0 };

const square = (tape: Tape, node: number, { value, error }: Weight): Entry[] =>
  isConstant(tape, node)
    ? []
    : [{ node, factor: Math.sqrt(value), error: error === 0 ? 0 : error / Math.sqrt(value) }];

/** The entries of Σ weight · square; undefined when a node is no such sum. */
function squares(tape: Tape, node: number, weight: Weight): Entry[] | undefined {
  if (isZero(tape, node)) return [];
  const operands = Array.from({ length: tape.arity(node) }, (_, n) => tape.operand(node, n));
  switch (tape.op[node]) {
    case "add":
      return all(operands.map((n) => squares(tape, n, weight)));
    case "dot": {
      const pairs = operands.flatMap((n, k) => (k % 2 === 0 ? [[n, operands[k + 1]!]] : []));
      return all(pairs.map((pair) => product(tape, pair, weight)));
    }
    case "mul":
      return product(tape, operands, weight);
    case "div": {
      const [above, below] = operands as [number, number];
      const size = positive(tape, below);
      return size && squares(tape, above, over(weight, size));
    }
    case "pow": {
      const [base, exponent] = operands as [number, number];
      const power = isConstant(tape, exponent) ? tape.value[exponent]! : NaN;
      if (power === 2) return square(tape, base, weight);
      return power > 2 && power % 2 === 0 ? [] : undefined; // √x⁴ has slope 0 at 0
    }
    case "select":
      return squares(tape, operands[1 + tape.picked[node]!]!, weight);
    default:
      return undefined;
  }
}

function all(parts: readonly (Entry[] | undefined)[]): Entry[] | undefined {
  const found: Entry[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    found.push(...part);
  }
  return found;
}

/** x · x, or positive weights times one sum of squares. */
function product(tape: Tape, factors: readonly number[], weight: Weight): Entry[] | undefined {
  const rest: number[] = [];
  let total = weight;
  for (const factor of factors) {
    const size = positive(tape, factor);
    if (size === undefined) rest.push(factor);
    else total = times(total, size);
  }
  if (rest.length === 2 && rest[0] === rest[1]) return square(tape, rest[0]!, total);
  return rest.length === 1
    ? squares(tape, rest[0]!, total)
    : rest.some((n) => isZero(tape, n))
      ? []
      : undefined;
}

/** A factor that no rounding makes 0 or negative. */
function positive({ value, error }: Tape, node: number): Weight | undefined {
  return value[node]! > 4 * error[node]! ? { value: value[node]!, error: error[node]! } : undefined;
}

const times = (a: Weight, b: Weight): Weight => ({
  value: a.value * b.value,
  error: a.error * b.value + b.error * a.value,
});

const over = (a: Weight, b: Weight): Weight =>
  times(a, { value: 1 / b.value, error: b.error / b.value ** 2 });
