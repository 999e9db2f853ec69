/** Runs a program that is not ours: bounded in time and in what it may write, ended with all that it started. */
import { spawn } from "node:child_process";
import { UserError } from "../../errors.ts";

export interface Ended {
  readonly code: number | null;
  /** The end of what it wrote to standard error. */
  readonly errors: string;
}

/** As much of standard error is kept. */
const mostErrors = 20_000;

/** What the user's code prints is not ours to show: standard output would mix with the report. */
export function runChild(
  command: string,
  args: readonly string[],
  what: string,
  timeLimit: number,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
    let errors = "";
    let late = false;
    const end = (): void => {
      late = true;
      // The whole group: it may have started others.
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    };
    const timer = setTimeout(end, timeLimit);
    child.stderr
      .setEncoding("utf8")
      .on("data", (text: string) => (errors = (errors + text).slice(-mostErrors)));
    child.on("error", () => {
      clearTimeout(timer);
      reject(
        new UserError(`${command} cannot be started`, {
          fix: "set DSCORE_PYTHON to a Python that has NumPy",
        }),
      );
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      if (late)
        reject(
          new UserError(`${what} had not ended after ${timeLimit / 1000} s`, {
            fix: "check it at a smaller point",
          }),
        );
      else resolve({ code, errors });
    });
  });
}
