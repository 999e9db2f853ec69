/**
 * A nest as a module of JavaScript or TypeScript that needs nothing else.
 *
 * It exports a function named after the output, which takes tensors, checks their
 * shapes and labels, and returns the value and the gradients. The style `fused` also
 * exports `create…`, which makes a kernel for given sizes: that one works on flat
 * arrays, checks nothing and allocates nothing.
 */
import type { Nest } from "../loop/nest.ts";
import { comment, wrapped } from "./comment.ts";
import { doorText } from "./door.ts";
import { doorOf, exportedCaller, exportedLoops, returned, signature, withoutUnused } from "./exported.ts";
import { Face } from "./face.ts";
import { functionsIn } from "./functions.ts";
import { factory } from "./kernel.ts";
import type { ModuleOptions, ModuleParts } from "./options.ts";
import { typesOf } from "./types.ts";

export interface Module {
  readonly code: string;
  /** The exported function. */
  readonly entry: string;
  /** For each of the user's names of inputs and of the output, the key that the code uses for it. */
  readonly keys: ReadonlyMap<string, string>;
}

export function emitModule(nest: Nest, options: ModuleOptions): Module {
  const face = new Face(nest, options);
  const { target } = options;
  const text = body(face).join("\n");
  const parts = [
    ["/**", ...options.head.flatMap((line) => wrapped(comment(line), " * ")), " */"].join("\n"),
    typesOf(face).join("\n"),
    text,
    (options.data ?? []).join("\n"),
    ...functionsIn(text, target).map((f) => forBothPrecisions(face, f)),
    ...doorText(text, target, face.reals),
  ];
  return {
    code: `${parts.filter((part) => part !== "").join("\n\n")}\n`,
    entry: face.entry,
    keys: face.keys,
  };
}

function body(face: Face): readonly string[] {
  const { body, style } = face.options;
  if (body !== undefined) return body(partsOf(face));
  return style === "fused" ? [...factory(face), "", ...exportedCaller(face)] : exportedLoops(face);
}

const partsOf = (face: Face): ModuleParts => ({
  entry: face.entry,
  type: face.type,
  sizes: face.nest.sizes.map((s) => s.name),
  arrays: face.arrays,
  results: face.results,
  signature: signature(face),
  door: doorOf(face),
  return: (named) => returned(face, named),
  volume: (shape) => face.volume(shape),
  withoutUnused,
});

/** A function's text with types that let arrays of both precisions in. */
const forBothPrecisions = ({ isTypeScript, reals }: Face, text: string): string =>
  isTypeScript && reals === "Float32Array"
    ? text.replaceAll(/: Float64Array\b/gu, ": Float32Array | Float64Array")
    : text;
