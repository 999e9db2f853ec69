/** Python files with NumPy: arrays travel as .npy, through a folder. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Tensor } from "../../binding.ts";
import { formatNpy, parseNpy } from "../../data/npy.ts";
import { UserError } from "../../errors.ts";
import { runChild } from "./child.ts";
import { faultError, type Fault } from "./fault.ts";
import { pythonDriver } from "./python-driver.ts";
import type { Argument, FunctionInfo, Loose, Runner, RunnerOptions } from "./runner.ts";
import { inWorkspace } from "./workspace.ts";

/** What the driver passes back for one value. */
type Passed =
  | { readonly array: string }
  | { readonly items: readonly Passed[] }
  | { readonly entries: Readonly<Record<string, Passed>> }
  | { readonly other: string };

interface Result {
  readonly fault?: Fault;
  readonly functions?: readonly FunctionInfo[];
  readonly results?: readonly Passed[];
}

/** The Python that runs: `DSCORE_PYTHON`, or python3. */
export const python = (): string => process.env["DSCORE_PYTHON"] ?? "python3";

export function pythonRunner(path: string, { timeLimit }: RunnerOptions): Runner {
  const file = basename(path);
  const run = async <T>(
    task: object,
    arrays: ReadonlyMap<string, Tensor>,
    read: (result: Result, folder: string) => T,
  ): Promise<T> =>
    inWorkspace(async (folder) => {
      const driver = join(folder, "dscore_driver.py");
      writeFileSync(driver, pythonDriver);
      writeFileSync(join(folder, "task.json"), JSON.stringify({ ...task, path: resolve(path) }));
      for (const [stem, array] of arrays) writeFileSync(join(folder, `${stem}.npy`), formatNpy(array));
      const { code, errors } = await runChild(python(), [driver], file, timeLimit);
      const result = readResult(folder);
      if (result === undefined)
        throw new UserError(`${python()} ended with code ${code} while it ran ${file}: ${lastLine(errors)}`);
      if (result.fault?.stage === "numpy")
        throw new UserError(`${python()} has no NumPy`, { fix: "set DSCORE_PYTHON to a Python that has it" });
      if (result.fault !== undefined) throw faultError(file, result.fault);
      return read(result, folder);
    });

  return {
    file,
    describe: () => run({ do: "describe" }, new Map(), ({ functions }) => functions ?? []),
    call: (name, args, points) => {
      const arrays = new Map<string, Tensor>();
      const places = points.map((point, n) =>
        Object.fromEntries(
          [...point].map(([input, array], k) => {
            arrays.set(`in${n}_${k}`, array);
            return [input, { file: `in${n}_${k}`, number: array.shape.length === 0 }];
          }),
        ),
      );
      const task = { do: "call", function: name, arguments: args.map(keyword), points: places };
      return run(task, arrays, ({ results }, folder) =>
        (results ?? []).map((passed) => loose(passed, folder)),
      );
    },
  };
}

function keyword(argument: Argument): { name: string; keyword: string } {
  if (argument.kind === "input") return { name: argument.name, keyword: argument.keyword };
  throw new Error("a Python function was to be given an object: only JavaScript functions take one");
}

function readResult(folder: string): Result | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "result.json"), "utf8")) as Result; // our own driver wrote it
  } catch {
    return undefined;
  }
}

function loose(passed: Passed, folder: string): Loose {
  if ("array" in passed) {
    const { shape, data } = parseNpy(readFileSync(join(folder, passed.array)), passed.array);
    return shape.length === 0 ? data[0] : { shape, data };
  }
  if ("items" in passed) return passed.items.map((item) => loose(item, folder));
  if ("entries" in passed)
    return Object.fromEntries(
      Object.entries(passed.entries).map(([key, value]) => [key, loose(value, folder)]),
    );
  return passed.other;
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.slice(0, 200) || "it said nothing";
