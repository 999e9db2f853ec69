/**
 * Random piecewise linear functions at their common kink, judged by brute force: the slopes in thousands of cells around
 * it, by exact differences, span the subdifferential. Neither the checker nor its witnesses have a part in that.
 */
import { assert } from "chai";
import { inspect } from "../../lib/check/check.ts";
import type { Verdict } from "../../lib/check/judge.ts";
import { Random } from "../../lib/check/random.ts";
import { parse } from "../../lib/parse.ts";

/** A function, written in the language and as it is. */
interface Piecewise {
  readonly text: string;
  readonly value: (x: readonly number[]) => number;
}

const names = ["a", "b", "c"] as const;

function linear(random: Random): Piecewise {
  const slopes = names.map(() => random.int(-2, 2));
  return {
    text: `(${slopes.map((k, n) => `${k} * ${names[n]}`).join(" + ")})`,
    value: (x) => slopes.reduce((sum, k, n) => sum + k * x[n]!, 0),
  };
}

function piecewise(random: Random, depth: number): Piecewise {
  if (depth === 0) return linear(random);
  const [p, q, r] = [0, 1, 2].map(() => piecewise(random, depth - 1)) as [Piecewise, Piecewise, Piecewise];
  const [u, v] = [random.int(-2, 2), random.int(-2, 2)];
  return random.pick<Piecewise>([
    { text: `max(${p.text}, ${q.text})`, value: (x) => Math.max(p.value(x), q.value(x)) },
    { text: `min(${p.text}, ${q.text})`, value: (x) => Math.min(p.value(x), q.value(x)) },
    {
      text: `max(${p.text}, ${q.text}, ${r.text})`,
      value: (x) => Math.max(p.value(x), q.value(x), r.value(x)),
    },
    { text: `abs(${p.text})`, value: (x) => Math.abs(p.value(x)) },
    { text: `relu(${p.text})`, value: (x) => Math.max(0, p.value(x)) },
    { text: `(${p.text} - ${q.text})`, value: (x) => p.value(x) - q.value(x) },
    { text: `(${p.text} + 2 * ${q.text})`, value: (x) => p.value(x) + 2 * q.value(x) },
    {
      text: `(${p.text} > 0 ? ${u} * ${p.text} : ${v} * ${p.text})`,
      value: (x) => (p.value(x) > 0 ? u : v) * p.value(x),
    },
  ]);
}

/** The slopes in the cells around 0: integers, so differences of powers of two are exact. */
function cells({ value }: Piecewise, random: Random): readonly (readonly number[])[] {
  const found = new Map<string, readonly number[]>();
  const step = 2 ** -10;
  for (let n = 0; n < 1000; n++) {
    const x = names.map(() => random.int(-1_000_003, 1_000_003));
    const sides = names.map((_, c) => [step, -step].map((h) => (value(x.with(c, x[c]! + h)) - value(x)) / h));
    if (sides.every(([right, left]) => right === left))
      found.set(
        sides.join(),
        sides.map(([right]) => right!),
      );
  }
  return [...found.values()];
}

const along = (x: readonly number[], y: readonly number[]): number =>
  x.reduce((sum, v, n) => sum + v * y[n]!, 0);

/** A mixture of the slopes of some cells. */
function inside(slopes: readonly (readonly number[])[], random: Random): readonly number[] {
  const weights = slopes.map(() => -Math.log(1 - random.uniform()));
  const total = weights.reduce((a, b) => a + b, 0);
  return names.map((_, c) => slopes.reduce((sum, slope, n) => sum + (slope[c]! * weights[n]!) / total, 0));
}

/** The furthest in some direction, and a little more. */
function outside(slopes: readonly (readonly number[])[], random: Random): readonly number[] {
  const direction = names.map(() => random.normal());
  const furthest = slopes.reduce((best, s) => (along(s, direction) > along(best, direction) ? s : best));
  const beyond = random.pick([1, 1e-3, 1e-6]) / Math.hypot(...direction);
  return furthest.map((v, c) => v + beyond * direction[c]!);
}

function verdictOf({ text }: Piecewise, gradient: readonly number[]): Verdict {
  // Every name is in the program, whatever the function makes of it.
  const program = parse(`loss = ${names.map((name) => `0 * ${name}`).join(" + ")} + ${text}`);
  const at = Object.fromEntries(names.map((name) => [name, 0]));
  const gradients = new Map(names.map((name, c) => [name, { shape: [], data: [gradient[c]!] }]));
  return inspect(program, { at, gradients, numeric: false }).verdict;
}

describe("a random piecewise linear function at its kink", () => {
  for (let block = 0; block < 6; block++)
    it(`has the subdifferential that the cells around it span: seeds from ${block * 20 + 1} on`, () => {
      for (let seed = block * 20 + 1; seed <= block * 20 + 20; seed++) {
        const random = new Random(seed);
        const f = piecewise(random, random.int(1, 3));
        const slopes = cells(f, random);
        for (const gradient of [...slopes.slice(0, 4), inside(slopes, random), inside(slopes, random)])
          assert.include(
            ["correct", "correct-at-kink"],
            verdictOf(f, gradient),
            `${f.text}: ${gradient.join()}`,
          );
        for (const gradient of [outside(slopes, random), outside(slopes, random), outside(slopes, random)])
          assert.include(["bug", "artefact"], verdictOf(f, gradient), `${f.text}: ${gradient.join()}`);
      }
    });
});
