/** Inputs of ordinary size for a loss that is measured. */
import { domains, isDomain, type DomainName } from "../../lib/accuracy/domains.ts";
import { Random } from "../../lib/check/random.ts";
import type { RawInputs } from "../../lib/compile.ts";
import { parse } from "../../lib/parse.ts";
import type { Loss } from "../losses.ts";

/** Sizes by the letters of shapes. */
export type SizesByLetter = Readonly<Record<string, number>>;

/** The distribution of this name; a normal one where an input names none. */
const drawOf = (name: string | undefined): ((random: Random) => number) =>
  name !== undefined && isDomain(name) ? domains[name].draw : (random) => random.normal();

/** A scalar without a distribution of its own is like a margin, a weight or a probability. */
const scalar = 0.4;

const written = /^(?<name>\w+)(?::(?<axes>[\w,]+))?(?:<(?<end>\w+))?(?:~(?<from>\w+))?$/u;

/** The domains that inputs of a loss name. */
export const domainsOf = ({ inputs }: Loss): ReadonlyMap<string, DomainName> =>
  new Map(
    inputs.split(" ").flatMap((text) => {
      const { name, from } = written.exec(text)?.groups ?? {};
      return name !== undefined && from !== undefined && isDomain(from) ? [[name, from] as const] : [];
    }),
  );

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
      const one = end === undefined ? drawOf(from) : () => random.int(0, size(end) - 1);
      if (axes === undefined) return [parts["name"]!, from === undefined ? scalar : one(random)];
      const shape = axes.split(",").map(size);
      const length = shape.reduce((product, n) => product * n, 1);
      const data = isInt(parts["name"]!) ? new Int32Array(length) : new Float64Array(length);
      return [parts["name"]!, { shape, data: data.map(() => one(random)) }];
    }),
  );
}
