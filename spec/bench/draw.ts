/** Inputs of ordinary size for a loss that is measured. */
import { Random } from "../../lib/check/random.ts";
import type { RawInputs } from "../../lib/compile.ts";
import { parse } from "../../lib/parse.ts";
import type { Loss } from "../losses.ts";

/** Sizes by the letters of shapes. */
export type SizesByLetter = Readonly<Record<string, number>>;

// prettier-ignore
const draws: Readonly<Record<string, (random: Random) => number>> = {
  normal:   (random) => random.normal(),
  positive: (random) => 0.1 + 2 * random.uniform(),
  unit:     (random) => 0.02 + 0.96 * random.uniform(),
  "01":     (random) => random.int(0, 1),
  sign:     (random) => random.pick([-1, 1]),
};

/** A scalar without a distribution of its own is like a margin, a weight or a probability. */
const scalar = 0.4;

const written = /^(?<name>\w+)(?::(?<axes>[\w,]+))?(?:<(?<end>\w+))?(?:~(?<from>\w+))?$/u;

/** Inputs for a loss of these sizes; a letter that `sizes` lacks is an error. */
export function drawInputs(
  { name, inputs, text: definition }: Loss,
  sizes: SizesByLetter,
  random: Random,
): RawInputs {
  const size = (text: string): number => {
    const value = /^\d+$/u.test(text) ? Number(text) : sizes[text];
    if (value === undefined) throw new Error(`no size for ${text} in the inputs of ${name}`);
    return value;
  };
  const { inputs: typed } = parse(definition);
  const isInt = (input: string): boolean => typed.some((i) => i.name === input && i.type === "int");
  return Object.fromEntries(
    inputs.split(" ").map((text) => {
      const parts = written.exec(text)?.groups;
      if (parts === undefined) throw new Error(`inputs of ${name}: ${text}`);
      const { axes, end, from } = parts;
      const one = end === undefined ? draws[from ?? "normal"]! : () => random.int(0, size(end) - 1);
      if (axes === undefined) return [parts["name"]!, from === undefined ? scalar : one(random)];
      const shape = axes.split(",").map(size);
      const length = shape.reduce((product, n) => product * n, 1);
      const data = isInt(parts["name"]!) ? new Int32Array(length) : new Float64Array(length);
      return [parts["name"]!, { shape, data: data.map(() => one(random)) }];
    }),
  );
}
