/** A gradient by somebody's code: `my_svm.js`, `my_svm.py:svm_loss_vectorized`. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Tensor } from "../../binding.ts";
import { UserError } from "../../errors.ts";
import { output, type Program } from "../../expr/program.ts";
import type { Point } from "../point.ts";
import { arrange, type Arrangement } from "./arrange.ts";
import { javascriptRunner } from "./javascript.ts";
import { pythonRunner } from "./python.ts";
import { readOutcome, type Outcome } from "./result.ts";
import type { FunctionInfo, Runner, RunnerOptions } from "./runner.ts";

export interface Foreign {
  /** As errors and reports call it: `svm_loss of my_svm.py`. */
  readonly title: string;
  readonly passed: readonly string[];
  /** Scalars that it does not take; it is checked where they are 1. */
  readonly held: readonly string[];
  /** What it gives at each of these points. */
  readonly at: (points: readonly Point[]) => Promise<readonly Outcome[]>;
}

const runners: Readonly<Record<string, (path: string, options: RunnerOptions) => Runner>> = {
  js: javascriptRunner,
  mjs: javascriptRunner,
  cjs: javascriptRunner,
  py: pythonRunner,
};

const target = /^(?<path>.+?\.(?<extension>[cm]?[jt]s|py))(?::(?<name>[\p{L}_$][\p{L}\d_$]*))?$/u;

/** Whether `--against` names code, not a file of numbers. */
export const isCode = (against: string): boolean => target.test(against);

/** @throws UserError when there is no such file or function, or when it does not take the program's inputs. */
export async function openForeign(
  against: string,
  program: Program,
  options: RunnerOptions,
): Promise<Foreign> {
  const { path = "", extension = "", name } = target.exec(against)?.groups ?? {};
  const open = runners[extension];
  if (open === undefined)
    throw new UserError(`${basename(path)} is TypeScript, which has to be compiled first`, {
      fix: "give the .js file",
    });
  if (!existsSync(path)) throw new UserError(`cannot read ${path}: there is no such file`);
  const runner = open(path, options);
  const info = chosen(runner.file, await runner.describe(), name, program);
  const arrangement = arrange(program, info);
  const title = `${info.name} of ${runner.file}`;
  return {
    title,
    passed: arrangement.passed,
    held: arrangement.held,
    at: (points) => outcomes(runner, info, arrangement, title, points),
  };
}

async function outcomes(
  runner: Runner,
  { name }: FunctionInfo,
  { args, passed }: Arrangement,
  title: string,
  points: readonly Point[],
): Promise<readonly Outcome[]> {
  const inputs = points.map(({ program, binding, upstream }) => {
    const arrays = new Map<string, Tensor>(binding.arrays);
    if (upstream !== undefined) arrays.set(`d${output(program).name}`, upstream);
    return new Map(passed.map((input) => [input, arrays.get(input)!]));
  });
  const given = await runner.call(name, args, inputs);
  const reals = passed.flatMap(
    (input) => points[0]?.program.inputs.filter((i) => i.name === input && i.type === "real") ?? [],
  );
  return given.map((g) => readOutcome(title, g, reals));
}

/** The function of that name; else the one that is exported by default, alone, or takes what is wanted. */
function chosen(
  file: string,
  functions: readonly FunctionInfo[],
  name: string | undefined,
  program: Program,
): FunctionInfo {
  const all = functions.map((f) => f.name);
  if (name !== undefined) {
    const found = functions.find((f) => f.name === name);
    if (found !== undefined) return found;
    throw new UserError(
      `there is no function ${name} in ${file}; it has ${all.length === 0 ? "none" : all.join(", ")}`,
    );
  }
  const byDefault = functions.find((f) => f.name === "default");
  if (byDefault !== undefined) return byDefault;
  const fitting = functions.filter((f) => fits(program, f));
  const [only] = functions.length === 1 ? functions : fitting;
  if (only !== undefined && (functions.length === 1 || fitting.length === 1)) return only;
  if (all.length === 0) throw new UserError(`${file} has no functions`);
  throw new UserError(`${file} has ${all.length} functions: ${all.join(", ")}`, {
    fix: `choose one: ${file}:${(fitting[0] ?? functions[0]!).name}`,
  });
}

function fits(program: Program, info: FunctionInfo): boolean {
  try {
    arrange(program, info);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}
