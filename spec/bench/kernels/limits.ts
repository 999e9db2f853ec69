/** What the machine can do at most, measured in the same run. */
import { availableParallelism } from "node:os";
import type { Candidate, Precision, Unit } from "./candidate.ts";
import { builds, compileNative, type Build } from "./compile-native.ts";
import { Absent, Host } from "./host.ts";

export interface Limits {
  /** Additions and multiplications a second in registers, one thread; undefined where it cannot be measured. */
  rate(unit: Unit, precision: Precision): Promise<number | undefined>;
  /** Bytes read a second, over and over, from so many. */
  bandwidth(bytes: number): Promise<number>;
  /** How it was measured. */
  readonly by: string;
  stop(): void;
}

const buildOf: Readonly<Record<Unit, Build>> = {
  scalar: builds.sse2,
  "128": builds.sse2,
  "128 fma": builds.fma,
  "256 fma": builds.avx2,
  "512 fma": builds.native,
};

/** By C where there is a compiler, otherwise by JavaScript, which knows single numbers only. */
export function limits(): Limits {
  try {
    compileNative(builds.sse2);
    return byC();
  } catch (error) {
    if (error instanceof Absent) return byJavaScript();
    throw error;
  }
}

function byC(): Limits {
  const hosts = new Map<Build, Host>();
  const known = new Map<string, number>();
  const ask = async (build: Build, ...words: string[]): Promise<number> => {
    const key = [build.name, ...words].join(" ");
    if (!known.has(key)) {
      if (!hosts.has(build)) hosts.set(build, new Host({ command: compileNative(build), argv: [] }));
      const [verb, ...rest] = words;
      known.set(key, Number(await hosts.get(build)!.ask(verb!, "0", ...rest)));
    }
    return known.get(key)!;
  };
  return {
    by: "C",
    rate: (unit, precision) =>
      orUndefined(() => ask(buildOf[unit], "rate", unit === "scalar" ? "real" : "lanes", precision)),
    async bandwidth(bytes) {
      const widest = await orUndefined(() => ask(builds.avx2, "bandwidth", String(bytes)));
      return bytes / (widest ?? (await ask(builds.sse2, "bandwidth", String(bytes))));
    },
    stop: () => hosts.forEach((host) => host.stop()),
  };
}

/** A program that does not compile, or whose instructions this processor does not have, measures nothing. */
async function orUndefined(measure: () => Promise<number>): Promise<number | undefined> {
  try {
    return await measure();
  } catch {
    return undefined;
  }
}

function byJavaScript(): Limits {
  const rates = best(() => chains(1e7)) * 16;
  return {
    by: "JavaScript",
    rate: async (unit) => (unit === "scalar" ? rates : undefined),
    async bandwidth(bytes) {
      const numbers = new Float64Array(Math.max(64, bytes / 8)).fill(1);
      const times = Math.ceil(1e6 / numbers.length);
      return best(() => sums(numbers, times)) * 8;
    },
    stop: () => {},
  };
}

/** The largest of five rates. */
const best = (measure: () => number): number => Math.max(...Array.from({ length: 5 }, measure));

/** Rounds a second of eight multiply-adds that do not wait for each other. */
function chains(rounds: number): number {
  let [a, b, c, d, e, f, g, h] = [1, 2, 3, 4, 5, 6, 7, 8];
  const from = performance.now();
  for (let n = 0; n < rounds; n++) {
    a = a * 0.999 + 1e-9;
    b = b * 0.999 + 1e-9;
    c = c * 0.999 + 1e-9;
    d = d * 0.999 + 1e-9;
    e = e * 0.999 + 1e-9;
    f = f * 0.999 + 1e-9;
    g = g * 0.999 + 1e-9;
    h = h * 0.999 + 1e-9;
  }
  const seconds = (performance.now() - from) / 1000;
  return a + b + c + d + e + f + g + h > 0 ? rounds / seconds : 0;
}

/** Numbers read a second. */
function sums(numbers: Float64Array, times: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const from = performance.now();
  for (let t = 0; t < times; t++)
    for (let n = 0; n + 3 < numbers.length; n += 4) {
      a += numbers[n]!;
      b += numbers[n + 1]!;
      c += numbers[n + 2]!;
      d += numbers[n + 3]!;
    }
  const seconds = (performance.now() - from) / 1000;
  return a + b + c + d > 0 ? (numbers.length * times) / seconds : 0;
}

export interface Bound {
  readonly seconds: number;
  readonly by: "memory" | "arithmetic";
}

/**
 * The least time that the machine needs for it: bytes over bandwidth or operations over rate,
 * whichever is more. Threads count as if both grew with them.
 */
export async function bound(
  { unit, precision, threads }: Candidate,
  { flops, bytes }: { readonly flops: number; readonly bytes: number },
  machine: Limits,
): Promise<Bound | undefined> {
  const rate = await machine.rate(unit, precision);
  if (rate === undefined) return undefined;
  const cores = threads === "all" ? availableParallelism() : Math.min(threads, availableParallelism());
  const arithmetic = flops / rate / cores;
  const memory = bytes / (await machine.bandwidth(bytes)) / cores;
  return memory > arithmetic ? { seconds: memory, by: "memory" } : { seconds: arithmetic, by: "arithmetic" };
}
