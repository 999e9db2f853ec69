/** The side of the protocol in `host.ts` that a process of JavaScript speaks. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { parseNpy } from "../../../lib/data/npy.ts";
import { writeNpy } from "../../../lib/data/write-arrays.ts";
import type { Tensor } from "../../../lib/binding.ts";
import { Absent } from "./host.ts";
import type { Arrays, ProblemName } from "./problem.ts";

/** A candidate that has its inputs: what is timed is `call`, or `wait` where a call is asynchronous. */
export interface Ready {
  readonly call?: () => unknown;
  readonly wait?: () => Promise<unknown>;
  /** The value under "value", gradients by the name of their input. */
  results(): Arrays | Promise<Arrays>;
  close?(): void;
}

/** Throws `Absent` when it cannot be had here. */
export type Candidate = (problem: ProblemName, inputs: Arrays) => Ready | Promise<Ready>;

/** Reads the inputs of a case: a file an array. Labels are integers. */
export function readArrays(folder: string): Arrays {
  const files = readdirSync(folder).filter((file) => file.endsWith(".npy"));
  return new Map(
    files.map((file) => {
      const name = basename(file, ".npy");
      const { shape, data } = parseNpy(readFileSync(join(folder, file)), file);
      return [name, { shape, data: name === "y" ? Int32Array.from(data) : data }];
    }),
  );
}

export function writeArrays(folder: string, arrays: Arrays): void {
  for (const [name, { shape, data }] of arrays)
    writeNpy(join(folder, `${name}.npy`), { shape, data } satisfies Tensor);
}

/** Answers requests from standard input until it ends. */
export async function serve(candidates: Readonly<Record<string, Candidate>>): Promise<void> {
  const ready = new Map<string, Ready>();
  let latest: { readonly folder: string; readonly inputs: Arrays } | undefined;
  const inputsIn = (folder: string): Arrays => {
    if (latest?.folder !== folder) latest = { folder, inputs: readArrays(folder) };
    return latest.inputs;
  };
  const verbs: Readonly<Record<string, (id: string, ...words: string[]) => Promise<string>>> = {
    async prepare(id, problem, folder, name) {
      const candidate = candidates[name!];
      if (candidate === undefined) return `absent\tno candidate ${name}`;
      ready.set(id, await candidate(problem as ProblemName, inputsIn(folder!)));
      return "ok";
    },
    async results(id, folder) {
      writeArrays(folder!, await ready.get(id)!.results());
      return "ok";
    },
    time: async (id, calls) => `seconds\t${await time(ready.get(id)!, Number(calls))}`,
    async drop(id) {
      ready.get(id)?.close?.();
      ready.delete(id);
      if (ready.size === 0) latest = undefined;
      return "ok";
    },
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, id, ...words] = line.split("\t");
    try {
      console.log(await verbs[verb!]!(id!, ...words));
    } catch (error) {
      const message = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/gu, " ");
      console.log(`${error instanceof Absent ? "absent" : "failed"}\t${message}`);
    }
  }
}

async function time({ call, wait }: Ready, calls: number): Promise<number> {
  const from = performance.now();
  if (call !== undefined) for (let n = 0; n < calls; n++) call();
  else for (let n = 0; n < calls; n++) await wait!();
  return (performance.now() - from) / 1000;
}
