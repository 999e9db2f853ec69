/** `dscore check`: whether a gradient is right, at a point or at many. */
import { readArray } from "../bind/array.ts";
import { bind, type Given } from "../bind.ts";
import { volume, type Binding } from "../binding.ts";
import { misshapenReport } from "../check/against.ts";
import { check, type Claim } from "../check/check.ts";
import { diagnose, wrongOf } from "../check/diagnose.ts";
import { isCode } from "../check/foreign/foreign.ts";
import { isWrong, passes } from "../check/judge.ts";
import { outputShape, type Point } from "../check/point.ts";
import { Random } from "../check/random.ts";
import { UserError } from "../errors.ts";
import { output, type Program } from "../expr/program.ts";
import { shorten } from "../text/names.ts";
import { againstCode } from "./check-against.ts";
import { checkMany, kernelGradients } from "./check-many.ts";
import { manyJson, manyText, reportJson, reportText } from "./check-report.ts";
import { ink } from "./ink.ts";
import { readGradients } from "./gradients-file.ts";
import { inputFlag, only, readGiven } from "./inputs.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import { readLoss, wanted, type Loss } from "./loss.ts";
import { lossAbout, lossFlags, wrtFlag, type Call, type Verb } from "./verb.ts";

export const verb: Verb = {
  name: "check",
  usage: "LOSS [--input FILE] [--against FILE[:FUNCTION]] [--wrt NAME…] [--seed N]",
  about: `Whether a gradient of LOSS is right: ours, or one given with --against.\n${lossAbout}.\nWithout --input, at generated points, most of them on a kink or right beside one.\nA function takes inputs by their names, or is (W, X, y, reg) → [loss, dW] as in CS231n; Python runs in\npython3, or $DSCORE_PYTHON, with NumPy. JavaScript gets nested lists.`,
  operands: 1,
  flags: {
    ...lossFlags,
    input: inputFlag,
    against: {
      value: "FILE",
      about: "a function, FILE.js or FILE.py:FUNCTION; or gradients claimed at --input: JSON or .npz",
    },
    wrt: wrtFlag,
    seed: { value: "N", about: "of everything that is drawn at random (default 1)" },
    points: { value: "N", about: "how many points to generate (default 100; 30 for code)" },
    certificate: { value: "FILE", about: "run the checks of a certificate again; LOSS need not be given" },
    "time-limit": { value: "SECONDS", about: "how long code may run (default 30)" },
  },
  exits: "Exit code 0: correct, correct-at-kink. 1: bug, artefact, inconclusive. 2: bad input.",
  examples: [
    "dscore check hinge",
    "dscore check hinge --input point.json --against mine.json",
    "dscore check hinge --against my_svm.py:svm_loss",
  ],
  run,
};

async function run(call: Call, io: Io): Promise<number> {
  const seed = wholeNumber(call, "seed") ?? 1;
  const points = wholeNumber(call, "points", 1) ?? 100;
  const json = call.has("json");
  const [path, against] = [call.value("input"), call.value("against")];
  if (against !== undefined && isCode(against)) return againstFunction(call, io, against);
  if (against !== undefined && path === undefined)
    throw new UserError("--against wants the point at which the gradients are claimed", {
      fix: "--input FILE",
    });
  const certificate = call.value("certificate");
  if (certificate !== undefined) {
    const { checkCertificate } = await import("./certificate.ts");
    const compared = call.operands.length > 0 || call.has("expression") ? readLoss(call, io) : undefined;
    return checkCertificate(certificate, compared, json, io);
  }
  const loss = readLoss(call, io);
  if (path === undefined) {
    const many = loss.within(() => checkMany(loss.program, names(call, loss), points, seed));
    if (json) writeJson(io, manyJson(many));
    else io.out(manyText(loss.name, many, ink(io.colour.out)));
    return passes(many.verdict) ? 0 : 1;
  }
  const point = loss.within(() => pointOf(loss, names(call, loss), readGiven(path, io), seed));
  const gradients =
    against === undefined ? kernelGradients(point)(point) : claimed(call, loss.program, against);
  const { binding, program, upstream } = point;
  const options = {
    at: binding,
    gradients,
    seed,
    explain: [...gradients.values()].reduce((n, { shape }) => n + volume(shape), 0) <= 200,
    ...(upstream && { upstream }),
  };
  const report = misshapenReport(point, gradients, seed) ?? (await check(program, options));
  const diagnosis = isWrong(report.verdict)
    ? diagnose([{ point, gradients: wrongOf(gradients, report) }])
    : undefined;
  const paint = ink(io.colour.out);
  if (json)
    writeJson(io, { ...(reportJson(report) as object), ...(diagnosis !== undefined && { diagnosis }) });
  else
    io.out(
      reportText(loss.name, report, paint) + (diagnosis === undefined ? "" : `  ${paint.name(diagnosis)}\n`),
    );
  return passes(report.verdict) ? 0 : 1;
}

/** `--against my_svm.py:svm_loss`. */
function againstFunction(call: Call, io: Io, against: string): Promise<number> {
  const seed = wholeNumber(call, "seed") ?? 1;
  const loss = readLoss(call, io);
  const wrt = call.has("wrt") ? names(call, loss) : undefined;
  const path = call.value("input");
  const reals = loss.program.inputs.filter(({ type }) => type === "real").map(({ name }) => name);
  const points = wholeNumber(call, "points", 1) ?? 30;
  const timeLimit = wholeNumber(call, "time-limit", 1) ?? 30;
  const at =
    path === undefined
      ? undefined
      : () => loss.within(() => pointOf(loss, wrt ?? reals, readGiven(path, io), seed));
  return againstCode(loss, { against, wrt, seed, points, timeLimit, json: call.has("json") }, at, io);
}

/** The real inputs whose gradients are checked. */
function names(call: Call, loss: Loss): readonly string[] {
  const reals = loss.program.inputs.filter(({ type }) => type === "real").map(({ name }) => name);
  const asked = wanted(call, loss) ?? reals;
  const unknown = asked.find((name) => !reals.includes(name));
  if (unknown !== undefined)
    throw new UserError(`${shorten(unknown)} is not a real input of ${loss.name}`, {
      fix: `choose among ${reals.join(", ")}`,
    });
  return asked;
}

/** A layer whose upstream gradient is not given gets a random one. */
function pointOf({ program }: Loss, wrt: readonly string[], given: Given, seed: number): Point {
  const binding = bind(program, only(given, program.inputs));
  const shape = outputShape(program, binding);
  if (shape === undefined) return { program, binding, wrt, upstream: undefined };
  return {
    program,
    binding,
    wrt,
    upstream: { shape, data: upstreamOf(program, binding, given, shape, seed) },
  };
}

function upstreamOf(
  program: Program,
  { arrays }: Binding,
  given: Given,
  shape: readonly number[],
  seed: number,
): Float64Array {
  const name = `d${output(program).name}`;
  const value = arrays.get(name)?.data ?? given[name];
  if (value === undefined) {
    const random = new Random(seed);
    return Float64Array.from({ length: volume(shape) }, () => random.normal());
  }
  const array = readArray(name, value, shape.length, name);
  if (array.data.length !== volume(shape))
    throw new UserError(
      `${name} has the shape ${array.shape.join(" × ")}, but the layer's output has ${shape.join(" × ")}`,
    );
  return array.data;
}

/** The gradients in a file, under the names of the inputs: `W`, or `dW`. */
function claimed(call: Call, program: Program, path: string): ReadonlyMap<string, Claim> {
  const values = readGradients(path);
  const inputs = program.inputs.filter(({ type }) => type === "real");
  const asked = call.values("wrt");
  const claims = new Map<string, Claim>();
  for (const [key, value] of Object.entries(values)) {
    const input = inputs.find(({ name }) => name === key) ?? inputs.find(({ name }) => `d${name}` === key);
    if (input === undefined)
      throw new UserError(
        `${shorten(path)} has a gradient by ${shorten(key)}, which is no real input of the loss`,
        {
          fix: `name gradients after inputs: ${inputs.map(({ name }) => name).join(", ")}`,
        },
      );
    if (asked.length > 0 && !asked.includes(input.name)) continue;
    const { shape, data } = readArray(key, value, input.shape.length, input.name);
    claims.set(input.name, { shape: shape.map((size) => size ?? 0), data });
  }
  const missing = asked.find((name) => !claims.has(name));
  if (missing !== undefined) throw new UserError(`${shorten(path)} has no gradient by ${shorten(missing)}`);
  if (claims.size === 0) throw new UserError(`${shorten(path)} has no gradients`);
  return claims;
}

function wholeNumber(call: Call, flag: string, least = 0): number | undefined {
  const text = call.value(flag);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/u.test(text)) throw new UserError(`--${flag} is "${shorten(text)}", not a whole number`);
  if (Number(text) < least) throw new UserError(`--${flag} is ${text}, but must be ${least} at least`);
  return Number(text);
}
