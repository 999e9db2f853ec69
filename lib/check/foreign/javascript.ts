/** JavaScript modules: imported in a process of their own. Arrays are nested lists, as one would write them. */
import { fork } from "node:child_process";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { volume, type Tensor } from "../../binding.ts";
import { UserError } from "../../errors.ts";
import { faultError } from "./fault.ts";
import type { Answer, Task } from "./javascript-driver.ts";
import type { Argument, Runner, RunnerOptions } from "./runner.ts";

// As source it is .ts, built it is .js.
const driver = fileURLToPath(
  new URL(import.meta.url.replace(/javascript(\.[jt]s)$/u, "javascript-driver$1")),
);

export function javascriptRunner(path: string, { timeLimit }: RunnerOptions): Runner {
  const file = basename(path);
  const ask = async (task: Task): Promise<Answer> => {
    const answer = await converse(task, file, timeLimit);
    if (answer.fault !== undefined) throw faultError(file, answer.fault);
    return answer;
  };
  return {
    file,
    describe: async () => (await ask({ do: "describe", path: resolve(path) })).functions ?? [],
    call: async (name, args, points) => {
      const values = points.map((point) => args.map((argument) => valueFor(argument, point)));
      return (await ask({ do: "call", path: resolve(path), function: name, points: values })).results ?? [];
    },
  };
}

function converse(task: Task, file: string, timeLimit: number): Promise<Answer> {
  return new Promise((done, fail) => {
    const child = fork(driver, [], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    let answered = false;
    const timer = setTimeout(() => {
      answered = true;
      child.kill("SIGKILL");
      fail(
        new UserError(`${file} had not ended after ${timeLimit / 1000} s`, {
          fix: "check it at a smaller point",
        }),
      );
    }, timeLimit);
    child.on("message", (answer: Answer) => {
      answered = true;
      clearTimeout(timer);
      done(answer);
    });
    child.on("exit", (code) => {
      clearTimeout(timer);
      if (!answered) fail(new UserError(`${file} ended its process with code ${code} before it returned`));
    });
    child.send(task);
  });
}

function valueFor(argument: Argument, point: ReadonlyMap<string, Tensor>): unknown {
  if (argument.kind === "input") return nested(point.get(argument.name)!);
  const form = argument.typed ? typed : nested;
  return Object.fromEntries([...argument.names].map(([key, name]) => [key, form(point.get(name)!)]));
}

const typed = (array: Tensor): unknown =>
  array.shape.length === 0 ? array.data[0]! : { shape: [...array.shape], data: array.data.slice() };

/** A number, or lists of lists. */
export function nested({ shape, data }: Tensor): unknown {
  if (shape.length === 0) return data[0]!;
  const [size = 0, ...rest] = shape;
  const step = volume(rest);
  return Array.from({ length: size }, (_, n) =>
    nested({ shape: rest, data: data.subarray(n * step, (n + 1) * step) }),
  );
}
