/**
 * What the documents show, made anew: outputs of commands, included files, pages of the catalogue.
 *
 * In a ```console block, each line that begins with `$ npx dscore` is run, in a scratch
 * folder that holds the JSON files of `examples/`, and what it prints belongs below it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root: string = fileURLToPath(new URL("..", import.meta.url));

/** What lets Node run TypeScript, from any folder. */
const loader: string = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

export const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The README with every output and every included file as it is now. */
export function readme(): string {
  const outputs = withOutputs(read("README.md"));
  return withExample(outputs, "examples/library.ts");
}

/**
 * The pages of the catalogue by name, made in a process of their own: which of two equal names
 * of a bound index is shown depends on what a process has seen before.
 */
export function pages(): Readonly<Record<string, string>> {
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", loader, "derivations/pages.ts"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (stderr !== "") throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, string>;
}

const blocks = /^```(\w+)\n([\s\S]*?)^```$/gmu;

/** The contents of the blocks in one language. */
export const blocksOf = (markdown: string, language: string): readonly string[] =>
  [...markdown.matchAll(blocks)].filter((block) => block[1] === language).map((block) => block[2]!);

function withOutputs(markdown: string): string {
  const folder = mkdtempSync(join(tmpdir(), "dscore-readme-"));
  try {
    for (const file of readdirSync(join(root, "examples")).filter((name) => name.endsWith(".json")))
      cpSync(join(root, "examples", file), join(folder, "examples", file));
    return markdown.replaceAll(blocks, (block, language: string, content: string) => {
      if (language !== "console") return block;
      const commands = content.split("\n").filter((line) => line.startsWith("$ "));
      const shown = commands.map((command) => `${command}\n${output(command, folder)}`);
      return `\`\`\`console\n${shown.join("")}\`\`\``;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a command prints, errors last. */
function output(command: string, cwd: string): string {
  const [npx, name, ...args] = words(command.slice(2));
  if (npx !== "npx" || name !== "dscore") throw new Error(`a document runs ${command}, which is not dscore`);
  const { stdout, stderr } = dscore(args, { cwd });
  return stdout + stderr;
}

/** The command in a process of its own, from source. */
export function dscore(
  args: readonly string[],
  { cwd = root, input = "" }: { readonly cwd?: string; readonly input?: string } = {},
): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  const command = ["--import", loader, join(root, "lib/cli/main.ts"), ...args];
  const { stdout, stderr, status } = spawnSync(process.execPath, command, { cwd, input, encoding: "utf8" });
  return { stdout, stderr, status };
}

/** The words of a command line; quotes hold one together. */
export const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/gu)].map(([, quoted, plain]) => quoted ?? plain!);

/** The file in the first ```ts block, and what it prints in the ```text block after it. */
function withExample(markdown: string, path: string): string {
  const ts = markdown.indexOf("```ts\n");
  const text = markdown.indexOf("```text\n", ts);
  const end = (from: number): number => markdown.indexOf("\n```\n", from) + 1;
  const { stdout } = spawnSync(process.execPath, ["--import", loader, path], {
    cwd: root,
    encoding: "utf8",
  });
  return [
    markdown.slice(0, ts),
    `\`\`\`ts\n${read(path)}`,
    markdown.slice(end(ts), text),
    `\`\`\`text\n${stdout}`,
    markdown.slice(end(text)),
  ].join("");
}
