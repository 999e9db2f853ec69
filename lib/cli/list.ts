/** `dscore list`: the catalogue. */
import { catalogue, type Entry } from "../catalogue.ts";
import { isLayer } from "../expr/program.ts";
import { parse } from "../parse.ts";
import { ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import type { Call, Verb } from "./verb.ts";

export const verb: Verb = {
  name: "list",
  usage: "",
  about: "The catalogue: losses and layers by name, each one definition in the language.",
  operands: 0,
  flags: {},
  examples: ["dscore list", "dscore derive softmax"],
  run,
};

const kind = (entry: Entry): "loss" | "layer" => (isLayer(parse(entry.text)) ? "layer" : "loss");

function run(call: Call, io: Io): number {
  const rows = catalogue().map((entry) => ({ ...entry, kind: kind(entry) }));
  if (call.has("json")) {
    writeJson(
      io,
      rows.map(({ name, title, kind, description, wrt, sources }) => ({
        name,
        title,
        kind,
        description,
        wrt,
        sources,
      })),
    );
    return 0;
  }
  const paint = ink(io.colour.out);
  const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
  for (const of of ["loss", "layer"] as const) {
    io.out(`${paint.heading(of === "loss" ? "losses" : "layers")}\n`);
    for (const { name, title, kind } of rows)
      if (kind === of) io.out(`  ${paint.name(name)}${" ".repeat(width - name.length)}${title}\n`);
  }
  return 0;
}
