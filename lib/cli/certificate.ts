/** Certificates on the command line: written by `generate`, run again by `check --certificate`. */
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { entry } from "../catalogue.ts";
import { certify, recheck, type Certificate, type Checks, type Recheck } from "../check/certificate.ts";
import { order } from "../check/judge.ts";
import { reason } from "../data/read-inputs.ts";
import { writeWhole } from "../data/write-arrays.ts";
import { differentiate } from "../diff/differentiate.ts";
import type { Derivation } from "../diff/derivation.ts";
import { UserError } from "../errors.ts";
import { generate, type Generated } from "../generate.ts";
import { parse } from "../parse.ts";
import { shorten } from "../text/names.ts";
import { ink, type Ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import type { Loss } from "./loss.ts";
import { version } from "./version.ts";

/** `svm.cert.json` for `svm.ts`. */
export const certificatePath = (code: string): string => `${code.replace(/\.[^./\\]*$/u, "")}.cert.json`;

/** Checks generated code and writes what was found beside it. */
export async function writeCertificate(
  path: string,
  loss: Loss,
  derivation: Derivation,
  generated: Generated,
): Promise<Certificate> {
  const { code, target, style, precision, threads } = generated;
  const certificate = await certify(derivation, {
    name: loss.name,
    catalogue: loss.title !== undefined,
    file: basename(path),
    code,
    target,
    style,
    precision,
    threads,
    version: version(),
  });
  writeWhole(certificatePath(path), `${JSON.stringify(certificate, undefined, 2)}\n`);
  return certificate;
}

/** `dscore check --certificate FILE`: the exit code is 0 when it still holds. `loss` is what it is compared with, if not what it says. */
export async function checkCertificate(
  path: string,
  loss: Loss | undefined,
  json: boolean,
  io: Io,
): Promise<number> {
  const certificate = readCertificate(path);
  const { name, catalogue, text } = certificate.definition;
  // The catalogue's entry of that name is what the user means by it.
  const program = loss?.program ?? parse((catalogue ? entry(name)?.text : undefined) ?? text);
  const derivation = differentiate(program, {
    wrt: certificate.wrt.filter((w) => program.inputs.some((i) => i.name === w)),
  });
  const { target, style, file, precision, threads } = certificate.code;
  const code = readBeside(path, file);
  const found = await recheck({
    certificate,
    code,
    derivation,
    generated: generate(derivation, { target, style, precision, threads }).code,
  });
  if (json) writeJson(io, { file: path, ...found });
  else io.out(asText(certificate, found, ink(io.colour.out)));
  return found.holds ? 0 : 1;
}

function readCertificate(path: string): Certificate {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UserError(
      error instanceof SyntaxError
        ? `${shorten(path)} is not JSON`
        : `cannot read ${shorten(path)}: ${reason(error)}`,
    );
  }
  if (isCertificate(parsed)) return parsed;
  throw new UserError(`${shorten(path)} is not a certificate of dscore`, {
    fix: "dscore generate … -o FILE.ts writes FILE.cert.json",
  });
}

/** A property of an object; undefined of anything else. */
const has = (of: unknown, key: string): unknown =>
  typeof of === "object" && of !== null && Object.hasOwn(of, key)
    ? (of as Record<string, unknown>)[key]
    : undefined;

/** What is used of it is there; the rest is compared, not trusted. */
function isCertificate(value: unknown): value is Certificate {
  const [definition, code, checks, wrt] = ["definition", "code", "checks", "wrt"].map((key) =>
    has(value, key),
  );
  return (
    has(value, "certificate") === 1 &&
    ["name", "text", "sha256"].every((key) => typeof has(definition, key) === "string") &&
    ["file", "target", "style", "sha256"].every((key) => typeof has(code, key) === "string") &&
    Array.isArray(wrt) &&
    wrt.every((w) => typeof w === "string") &&
    Number.isInteger(has(has(checks, "kinks"), "seed")) &&
    typeof has(has(checks, "precision"), "worstUlpsOfLargest") === "number" &&
    typeof has(has(value, "versions"), "dscore") === "string"
  );
}

/** The certified file; it stands beside the certificate, wherever that is. */
function readBeside(path: string, file: string): string | undefined {
  try {
    return readFileSync(join(dirname(path), basename(file)), "utf8");
  } catch {
    return undefined;
  }
}

function asText({ definition, code }: Certificate, { holds, reasons, checks }: Recheck, paint: Ink): string {
  const head = holds ? paint.good("holds") : paint.bad("does not hold");
  return [
    `${head}  the certificate of ${code.file}, ${definition.name}`,
    ...reasons.map((r) => `  ${r}`),
    ...(checks === undefined ? [] : checksText(checks).map((l) => paint.aside(`  ${l}`))),
    "",
  ].join("\n");
}

/** What was checked, in two or three lines. */
export function checksText({ kinks, precision, unvisited, guards }: Checks): readonly string[] {
  const counts = order
    .flatMap((v) => (kinks.verdicts[v] > 0 ? [`${kinks.verdicts[v]} ${v}`] : []))
    .join(", ");
  const sides = guards.flatMap((g) => g.sides).length;
  return [
    `${kinks.points} points aimed at kinks: ${counts}${sides === 0 ? "" : `; ${sides - unvisited.length} of ${sides} sides visited`}`,
    `worst error at ${precision.coordinates} coordinates, against ${precision.digits} digits: ${precision.worstUlps} ulp`,
  ];
}
