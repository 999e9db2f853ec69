/**
 * The process that runs a JavaScript module's function: told what to do by one message,
 * answers with one. It runs the user's module, so it shares nothing with the checker.
 */
import { pathToFileURL } from "node:url";
import type { Fault } from "./fault.ts";
import type { FunctionInfo, Parameter } from "./runner.ts";

export type Task = { readonly path: string } & (
  | { readonly do: "describe" }
  | { readonly do: "call"; readonly function: string; readonly points: readonly (readonly unknown[])[] }
);

export interface Answer {
  readonly fault?: Fault;
  readonly functions?: readonly FunctionInfo[];
  readonly results?: readonly unknown[];
}

type Callable = (...args: readonly unknown[]) => unknown;

process.on("message", (task: Task) => {
  void answer(task).then((reply) => process.send!(reply, () => process.exit(0)));
});

async function answer(task: Task): Promise<Answer> {
  let functions: ReadonlyMap<string, Callable>;
  try {
    functions = functionsOf((await import(pathToFileURL(task.path).href)) as Record<string, unknown>);
  } catch (error) {
    return { fault: faultOf("load", error, task.path) };
  }
  if (task.do === "describe")
    return { functions: [...functions].map(([name, f]) => ({ name, parameters: parametersOf(f) })) };
  try {
    const results: unknown[] = [];
    for (const args of task.points) results.push(plain(await functions.get(task.function)!(...args), 0));
    return { results };
  } catch (error) {
    return { fault: faultOf("call", error, task.path) };
  }
}

const isCallable = (value: unknown): value is Callable => typeof value === "function";

/** What a module offers; a CommonJS module offers the properties of its exports. */
function functionsOf(module: Record<string, unknown>): ReadonlyMap<string, Callable> {
  const inner = module["default"];
  const from = typeof inner === "object" && inner !== null ? { ...inner, ...module } : module;
  return new Map(Object.entries(from).flatMap(([name, f]) => (isCallable(f) ? [[name, f] as const] : [])));
}

/** The parameters as they are written: `f(W, X, y, reg = 0)`, `f({ W, X })`. Comments are passed over. */
function parametersOf(f: Callable): readonly Parameter[] {
  const text = Function.prototype.toString.call(f).replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/gu, "");
  const bare = /^(?:async\s+)?([\w$]+)\s*=>/u.exec(text);
  if (bare !== null) return [{ name: bare[1]!, optional: false }];
  const open = text.indexOf("(");
  return open < 0 ? [] : split(text.slice(open + 1)).map(parameter);
}

function parameter(text: string): Parameter {
  if (text.startsWith("{")) {
    const inside = split(text.slice(1), "}");
    const fields = inside
      .filter((field) => !field.startsWith("..."))
      .map((field) => field.split(/[:=]/u)[0]!.trim());
    return { name: "inputs", optional: false, fields };
  }
  return {
    name: text
      .split("=")[0]!
      .replace(/^\.\.\./u, "")
      .trim(),
    optional: text.includes("=") || text.startsWith("..."),
  };
}

/** The parts between commas, up to the bracket that closes what is open here. */
function split(text: string, close = ")"): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let n = 0; n < text.length; n++) {
    const c = text[n]!;
    if (depth === 0 && (c === "," || c === close)) {
      parts.push(text.slice(from, n).trim());
      from = n + 1;
      if (c === close) break;
    } else if ("([{".includes(c)) depth++;
    else if (")]}".includes(c)) depth--;
  }
  return parts.filter((part) => part !== "");
}

/** Results as data that can be passed on: typed arrays and classes of other libraries as plain lists. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return typeof value === "number" ? value : String(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number>, Number);
  if (depth > 6) return "…";
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [String(key), plain(item, depth + 1)]));
}

function faultOf(stage: Fault["stage"], error: unknown, path: string): Fault {
  if (!(error instanceof Error)) return { stage, kind: "thrown", message: String(error), line: null };
  const file = pathToFileURL(path).href;
  const frame = (error.stack ?? "").split("\n").find((line) => line.includes(file) || line.includes(path));
  const line = frame === undefined ? undefined : /:(\d+)(?::\d+)?\)?$/u.exec(frame)?.[1];
  return { stage, kind: error.name, message: error.message, line: line === undefined ? null : Number(line) };
}
