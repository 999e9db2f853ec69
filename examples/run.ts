/**
 * Runs examples: `npm run examples -- [NAME…] [--data DIR] [--quick] [--out DIR] [--write]`.
 *
 * Pictures go to --out, ./pictures when absent. With --write, the output goes into each
 * example's page, between its marks, and the pictures beside it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readCifar } from "../lib/train/cifar.ts";
import { drawDataset } from "../lib/train/drawn.ts";
import type { Dataset } from "../lib/train/image-set.ts";
import type { Example, Stage } from "./example.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Every folder here that holds an example. */
export const names: readonly string[] = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(here, entry.name, "example.ts")))
  .map(({ name }) => name)
  .toSorted();

export const load = async (name: string): Promise<Example> =>
  ((await import(new URL(`./${name}/example.ts`, import.meta.url).href)) as { example: Example }).example;

/** Python with NumPy: the one that DSCORE_PYTHON names, or python3. */
export const pythonWithNumpy = (): string | undefined =>
  [process.env["DSCORE_PYTHON"], "python3"].find(
    (python) => python !== undefined && spawnSync(python, ["-c", "import numpy"]).status === 0,
  );

const marks = ["<!-- output -->", "<!-- end of output -->"] as const;

/** A page with another output between its marks. */
export function withOutput(page: string, output: string): string {
  const [from, to] = marks.map((mark) => page.indexOf(mark));
  if (from! < 0 || to! < 0) throw new Error(`the page has no ${marks.join(" … ")}`);
  return `${page.slice(0, from! + marks[0].length)}\n\n\`\`\`text\n${output.trimEnd()}\n\`\`\`\n\n${page.slice(to!)}`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: "string" },
      quick: { type: "boolean", default: false },
      out: { type: "string", default: "pictures" },
      write: { type: "boolean", default: false },
    },
  });
  const dataset = values.data === undefined ? drawDataset(1) : readCifar(values.data);
  const python = pythonWithNumpy();
  for (const name of positionals.length > 0 ? positionals : names) {
    const folder = values.write ? join(here, name) : values.out;
    mkdirSync(folder, { recursive: true });
    let output = "";
    const stage: Stage = {
      dataset: named(dataset, values.data),
      quick: values.quick,
      showsImages: !values.write || values.data === undefined,
      python,
      print: (text) => {
        output += text;
        process.stdout.write(text);
      },
      picture: (file, content) => writeFileSync(join(folder, file), content),
    };
    const { formula, run } = await load(name);
    process.stdout.write(`── ${name}\n${formula}\n\n`);
    await run(stage);
    process.stdout.write("\n");
    const page = join(folder, "page.md");
    if (values.write) writeFileSync(page, withOutput(readFileSync(page, "utf8"), output));
  }
}

/** The data set under a name that says nothing of this machine. */
const named = (dataset: Dataset, directory: string | undefined): Dataset =>
  directory === undefined
    ? dataset
    : {
        ...dataset,
        origin: `CIFAR-10 (${dataset.train.labels.length} training images, ${dataset.test.labels.length} test images)`,
      };

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
