/** From a derivation to code: `generate(derivation, { target: "ts", style: "loops" })`. */
import { described, expectArgument, expectOptions } from "./argument.ts";
import type { Derivation } from "./diff/derivation.ts";
import { emitModule, type Module } from "./emit/js.ts";
import type { Precision } from "./emit/options.ts";
import { UserError } from "./errors.ts";
import { extentKey } from "./expr/extent.ts";
import { partsOf } from "./expr/parts.ts";
import type { Definition } from "./expr/program.ts";
import type { SizeName } from "./expr/extent.ts";
import type { Nest } from "./loop/nest.ts";
import { lowerDerivation } from "./loop/lower.ts";
import { chooseExtrema } from "./schedule/extrema.ts";
import { leaveOut } from "./schedule/leave-out.ts";
import { reuseElements } from "./schedule/reuse.ts";
import { scheduleNest } from "./schedule/schedule.ts";
import { unroll } from "./schedule/unroll.ts";
import { inSinglePrecision } from "./stable/single.ts";
import { stabilise } from "./stable/stabilise.ts";
import { wasmKernel } from "./wasm/kernel.ts";
import { wasmBody, wasmData } from "./wasm/wrapper.ts";
import { print, printDefinition, printProgram } from "./text/print.ts";

export interface GenerateOptions {
  readonly target: string;
  /** `loops` (the default): as on paper. `fused`: for speed, with a bare kernel. */
  readonly style?: string | undefined;
  /** What the exported function is called; the output's name when missing. */
  readonly name?: string | undefined;
  /**
   * How real arrays are stored: `float64` (the default) or `float32`. In js and ts arithmetic and sums are in doubles
   * all the same, and each element of a result is rounded once; in wasm they are in single precision, too.
   */
  readonly precision?: string | undefined;
  /**
   * For the target `wasm`: how many threads compute, at most, where arrays are large. The results are the same bits
   * for any number, 1 included; without this option, in which loops are not shared out, sums may differ in their
   * rounding.
   */
  readonly threads?: number | undefined;
  /**
   * Whether the code is rewritten for floating point, or computes the closed form as it stands.
   * By default fused code is rewritten, and loops are left as on paper.
   */
  readonly stable?: boolean | undefined;
}

export interface Generated extends Module {
  readonly target: "js" | "ts" | "wasm";
  readonly style: "loops" | "fused";
  readonly precision: Precision;
  /** How many threads compute at most; undefined where loops are not shared out. */
  readonly threads: number | undefined;
  /** What the code does. */
  readonly nest: Nest;
  /** The bare module of WebAssembly that `code` holds, for the target `wasm`. */
  readonly binary?: Uint8Array;
}

/** Styles of each target. */
const styles = { js: ["loops", "fused"], ts: ["loops", "fused"], wasm: ["fused"] } as const;

/**
 * Code that computes a derivation's value and gradients.
 *
 * @throws UserError when there is no such target or style.
 */
export function generate(derivation: Derivation, options: GenerateOptions): Generated {
  expectArgument("generate", "derivation", derivation);
  expectOptions("generate", options, ["target", "style", "name", "precision", "threads", "stable"]);
  if (options.name !== undefined) expectArgument("generate", "name", options.name);
  if (options.stable !== undefined) expectArgument("generate", "truth", options.stable);
  const precision = chosen("precision", options.precision ?? "float64", precisions);
  const threads = threadsOf(options.threads);
  const target = chosen("target", options.target, Object.keys(styles) as (keyof typeof styles)[]);
  const style = chosen(`style of ${target}`, options.style ?? styles[target][0], styles[target]);
  const given = new Map(derivation.definitions.map((d) => [d.name, d]));
  const describe = (d: Definition, sizeName: SizeName): string =>
    printDefinition(given.get(d.name) ?? d, { sizeName });
  const isSingle = target === "wasm" && precision === "float32";
  const stable = (options.stable ?? style === "fused") ? stabilise(derivation) : undefined;
  const lowered = stable && isSingle ? inSinglePrecision(derivation, stable) : (stable ?? derivation);
  const nest = lowerDerivation(lowered, { style, describe });
  const names = new Map(nest.sizes.map(({ extent, name }) => [extentKey(extent), name]));
  const scheduled =
    style === "fused"
      ? chooseExtrema(
          scheduleNest(nest, { given: new Set(derivation.program.definitions.map((d) => d.name)) }),
        )
      : nest;
  const kernel = target === "wasm" ? wasmKernel(scheduled, { precision, threads: threads > 0 }) : undefined;
  const module = emitModule(
    style === "fused" && kernel === undefined ? reuseElements(leaveOut(unroll(scheduled))) : scheduled,
    {
      target: target === "ts" ? "ts" : "js",
      style,
      precision,
      output: derivation.value,
      name: options.name ?? derivation.value,
      head: headOf(derivation, (extent) => names.get(extentKey(extent))),
      written: writtenInputs(derivation),
      ...(kernel && { body: (parts) => wasmBody(kernel, parts, threads), data: wasmData(kernel) }),
    },
  );
  return {
    ...module,
    target,
    style,
    precision,
    threads: options.threads,
    nest: scheduled,
    ...(kernel && { binary: kernel.bytes }),
  };
}

function threadsOf(threads: number | undefined): number {
  if (threads === undefined) return 0;
  if (Number.isInteger(threads) && threads >= 1 && threads <= 64) return threads;
  throw new UserError(
    `there cannot be ${typeof threads === "number" ? threads : described(threads)} threads`,
    { fix: "a whole number from 1 to 64" },
  );
}

const precisions = ["float64", "float32"] as const;

/** The definition as it was given, then the closed form: what is not a definition of the program. */
function headOf({ program, inputs, definitions }: Derivation, sizeName: SizeName): readonly string[] {
  const given = new Set(program.definitions.map((d) => `${d.name} ${d.body.id}`));
  const derived = definitions.filter((d) => !given.has(`${d.name} ${d.body.id}`));
  const lines = (of: readonly Definition[]) =>
    printProgram(of, { sizeName, inputs })
      .split("\n")
      .map((line) => `  ${line}`);
  const closed = derived.length === 0 ? [] : ["", "in closed form", "", ...lines(derived)];
  return [...lines(program.definitions), ...closed];
}

/** How each input is first read: `X[i,d]`. */
function writtenInputs({ definitions }: Derivation): ReadonlyMap<string, string> {
  const written = new Map<string, string>();
  for (const e of partsOf(...definitions.map((d) => d.body)))
    if (e.kind === "read" && !written.has(e.name)) written.set(e.name, print(e));
  return written;
}

function chosen<T extends string>(what: string, wanted: unknown, available: readonly T[]): T {
  const found = available.find((a) => a === wanted);
  if (found !== undefined) return found;
  const fix = `choose ${available.join(" or ")}`;
  if (typeof wanted !== "string")
    throw new UserError(`the ${what} is ${described(wanted)}, not a name`, { fix });
  const name = wanted.length > 40 ? `${wanted.slice(0, 40)}…` : wanted;
  throw new UserError(`there is no ${what} named "${name}"`, { fix });
}
