/**
 * A certificate of generated code: which definition and which code, what was checked with
 * which seeds, what came out. Anyone can run it again.
 */
import { createHash } from "node:crypto";
import { campaign, type Gradients } from "./campaign.ts";
import type { Claim } from "./check.ts";
import { unvisited } from "./coverage.ts";
import { differentiateNumerically } from "./high-precision.ts";
import { passes, worst, type Verdict } from "./judge.ts";
import type { Point } from "./point.ts";
import { randomPoint } from "./points.ts";
import { Random } from "./random.ts";
import type { GuardCoverage } from "./report.ts";
import { ulp } from "./ulps.ts";
import { compile, type Kernel } from "../compile.ts";
import type { Derivation } from "../diff/derivation.ts";
import { output } from "../expr/program.ts";
import { printProgram } from "../text/print.ts";
import { decimal, type Decimal } from "../number/decimal.ts";

export interface Certificate {
  /** The format of this file. */
  readonly certificate: 1;
  /** `catalogue`: whether the name is that of an entry, whose text is then compared. */
  readonly definition: {
    readonly name: string;
    readonly catalogue: boolean;
    readonly text: string;
    readonly sha256: string;
  };
  readonly code: {
    readonly file: string;
    readonly target: string;
    readonly style: string;
    /** `float32` where real arrays are stored so. The checks run on the same code with arrays of doubles. */
    readonly precision?: string;
    /** How many threads compute at most, where loops are shared out. The checks run on the same loops in one piece. */
    readonly threads?: number;
    readonly sha256: string;
  };
  readonly wrt: readonly string[];
  readonly checks: Checks;
  readonly versions: { readonly dscore: string; readonly node: string };
}

export interface Checks {
  readonly verdict: Verdict;
  /** Generated points, aimed at kinks; point n has the seed `seed` + n. */
  readonly kinks: {
    readonly seed: number;
    readonly points: number;
    readonly verdicts: Readonly<Record<Verdict, number>>;
  };
  readonly guards: readonly GuardCoverage[];
  readonly unvisited: readonly { readonly guard: string; readonly side: string }[];
  /** Against the definition, differentiated by differences at many digits. */
  readonly precision: Precision;
}

export interface Precision {
  readonly digits: number;
  readonly seed: number;
  readonly points: number;
  readonly coordinates: number;
  /** The largest error of a gradient's value, in units of its own last place. */
  readonly worstUlps: number;
  /** The same, in units of the last place of the largest value of the gradient. */
  readonly worstUlpsOfLargest: number;
}

export interface CertifyOptions {
  readonly name: string;
  readonly catalogue: boolean;
  readonly file: string;
  readonly code: string;
  readonly target: string;
  readonly style: string;
  readonly precision?: string;
  readonly threads?: number | undefined;
  readonly version: string;
  readonly seed?: number;
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The definitions as they are hashed: comments, spaces and the order of writing do not count. */
export const definitionText = ({ program }: Derivation): string => printProgram(program.definitions, program);

/** Throws a `UserError` when no points fit the program. */
export async function certify(derivation: Derivation, options: CertifyOptions): Promise<Certificate> {
  const {
    name,
    catalogue,
    file,
    code,
    target,
    style,
    precision = "float64",
    threads,
    version,
    seed = 1,
  } = options;
  const text = definitionText(derivation);
  return {
    certificate: 1,
    definition: { name, catalogue, text, sha256: sha256(text) },
    code: {
      file,
      target,
      style,
      ...(precision !== "float64" && { precision }),
      ...(threads !== undefined && { threads }),
      sha256: sha256(code),
    },
    wrt: derivation.wrt,
    checks: await runChecks(derivation, style, seed, target),
    versions: { dscore: version, node: process.version },
  };
}

const points = 60;
const precisePoints = 2;
const digits = 64;

/** Coordinates differentiated at many digits, at each point. */
const mostPrecise = 12;

/** The checks of a certificate, on the code that this derivation gives in that style; TypeScript runs as JavaScript. */
export async function runChecks(
  derivation: Derivation,
  style: string,
  seed: number,
  target = "js",
): Promise<Checks> {
  const kernel = compile(derivation, { style, target: target === "wasm" ? "wasm" : "js" });
  const gradients = kernelGradients(derivation, kernel);
  const checked = campaign(derivation.program, gradients, points, seed);
  const precision = await measure(derivation, gradients, seed);
  const found = worst(Object.entries(checked.verdicts).flatMap(([v, n]) => (n > 0 ? [v as Verdict] : [])));
  return {
    verdict: found,
    kinks: { seed, points, verdicts: checked.verdicts },
    guards: checked.guards,
    unvisited: unvisited(checked.guards),
    precision,
  };
}

/** The gradients that a kernel gives at a point. */
function kernelGradients({ program, wrt }: Derivation, kernel: Kernel): Gradients {
  return ({ binding, upstream }) => {
    const inputs = [...binding.arrays].map(
      ([name, array]) => [name, array.shape.length === 0 ? array.data[0]! : array] as const,
    );
    const more = upstream === undefined ? [] : [[`d${output(program).name}`, upstream] as const];
    const { gradients } = kernel.run(Object.fromEntries([...inputs, ...more]));
    return new Map(
      wrt.map((name): [string, Claim] => {
        const g = gradients[name]!;
        return [name, typeof g === "number" ? { shape: [], data: [g] } : g];
      }),
    );
  };
}

async function measure(derivation: Derivation, gradients: Gradients, seed: number): Promise<Precision> {
  const field = await decimal(digits);
  let [coordinates, worstUlps, worstUlpsOfLargest] = [0, 0, 0];
  for (let n = 0; n < precisePoints; n++) {
    const point = randomPoint(derivation.program, new Random(seed + n), { most: 3 });
    for (const [name, claim] of gradients(point)) {
      const largest = Array.from(claim.data, Math.abs).reduce((m, x) => Math.max(m, x), 0);
      for (const { position, reference } of await references(point, name, mostPrecise)) {
        const true64 = field.toNumber(reference);
        const error = Math.abs(
          field.toNumber(field.functions.sub(field.fromNumber(claim.data[position]!), reference)),
        );
        coordinates++;
        worstUlpsOfLargest = Math.max(worstUlpsOfLargest, error / ulp(largest));
        // Where the true value is 0, differences give the residue of their rounding.
        if (Math.abs(true64) > 1e-30 * largest) worstUlps = Math.max(worstUlps, error / ulp(true64));
      }
    }
  }
  return {
    digits,
    seed,
    points: precisePoints,
    coordinates,
    worstUlps: rounded(worstUlps),
    worstUlpsOfLargest: rounded(worstUlpsOfLargest),
  };
}

const rounded = (x: number): number => Number(x.toPrecision(3));

/** The derivatives of the definition at some coordinates of an input, evenly spread. */
async function references(
  point: Point,
  name: string,
  most: number,
): Promise<readonly { position: number; reference: Decimal }[]> {
  const { program, binding, upstream } = point;
  const { length } = binding.arrays.get(name)!.data;
  const count = Math.min(most, length);
  const positions = Array.from({ length: count }, (_, n) => Math.floor((n * length) / count));
  const slope = { output: output(program).name, input: name, upstream: upstream?.data };
  const found: { position: number; reference: Decimal }[] = [];
  for (const position of positions)
    found.push({
      position,
      reference: await differentiateNumerically(
        program.definitions,
        binding,
        { ...slope, position },
        { digits },
      ),
    });
  return found;
}

/** What a certificate says today. */
export interface Recheck {
  readonly holds: boolean;
  /** What has changed or failed; empty when it holds. */
  readonly reasons: readonly string[];
  readonly checks: Checks | undefined;
}

export interface RecheckOptions {
  readonly certificate: Certificate;
  /** The code beside it; undefined when the file is gone. */
  readonly code: string | undefined;
  /** The derivation of the definition that is certified, or of the one that it is to be compared with. */
  readonly derivation: Derivation;
  /** The code that this derivation gives now. */
  readonly generated: string;
}

/** Runs the checks of a certificate again, and says whether it still holds. */
export async function recheck({
  certificate,
  code,
  derivation,
  generated,
}: RecheckOptions): Promise<Recheck> {
  const { definition, code: certified, checks: before } = certificate;
  const reasons: string[] = [];
  if (sha256(definition.text) !== definition.sha256)
    reasons.push("the certificate's own text of the definition is not what was certified");
  if (sha256(definitionText(derivation)) !== definition.sha256)
    reasons.push(`the definition of ${definition.name} has changed`);
  if (code === undefined) reasons.push(`the code ${certified.file} is not there`);
  else if (sha256(code) !== certified.sha256) reasons.push(`the code ${certified.file} has changed`);
  if (reasons.length > 0) return { holds: false, reasons, checks: undefined };
  if (code !== generated)
    return {
      holds: false,
      reasons: [
        `dscore ${certificate.versions.dscore} made this code and today's makes other code: generate it again`,
      ],
      checks: undefined,
    };
  const checks = await runChecks(derivation, certified.style, before.kinks.seed, certified.target);
  if (!passes(checks.verdict)) reasons.push(`its gradients are not right: ${checks.verdict}`);
  if (checks.precision.worstUlpsOfLargest > 2 * before.precision.worstUlpsOfLargest + 1)
    reasons.push(
      `its worst error is ${checks.precision.worstUlpsOfLargest} ulp, where ${before.precision.worstUlpsOfLargest} was certified`,
    );
  return { holds: reasons.length === 0, reasons, checks };
}
