/** What inputs are drawn from that have no meaning elsewhere: a variance is positive, a probability between 0 and 1. */
import type { Random } from "../check/random.ts";

export interface Domain {
  /** A number of ordinary size. */
  readonly draw: (random: Random) => number;
  /** The number of the domain that is like one of a regime: as small, or as near to the other end as that is large. */
  readonly into: (x: number) => number;
}

/** The largest double below 1. */
const belowOne = 1 - 2 ** -53;

// prettier-ignore
export const domains = {
  positive: { draw: (random) => 0.1 + 2 * random.uniform(),     into: (x) => Math.max(2 ** -1022, Math.abs(x)) },
  unit:     { draw: (random) => 0.02 + 0.96 * random.uniform(), into: (x) => Math.min(belowOne, Math.abs(x) / (1 + Math.abs(x))) },
  "01":     { draw: (random) => random.int(0, 1),               into: (x) => (x > 0 ? 1 : 0) },
  sign:     { draw: (random) => random.pick([-1, 1]),           into: (x) => (x > 0 ? 1 : -1) },
} satisfies Readonly<Record<string, Domain>>;

export type DomainName = keyof typeof domains;

export const isDomain = (name: string): name is DomainName => Object.hasOwn(domains, name);
