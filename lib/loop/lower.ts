/**
 * Lowering: a derivation's definitions as one nest.
 *
 * Input: definitions in order of computation, the subscripts to check, the names of
 * the results. Output: a nest that computes the results in as few passes over the
 * rows as the definitions allow, each pass doing all that concerns a row at once.
 */
import type { Derivation } from "../diff/derivation.ts";
import type { Definition, Input } from "../expr/program.ts";
import { Builder } from "./builder.ts";
import type { SizeName } from "../expr/extent.ts";
import { speak } from "../expr/node.ts";
import type { Context, Storage, Style } from "./context.ts";
import { doorOf } from "./door.ts";
import { foldConstants } from "./fold.ts";
import { Names } from "./identifier.ts";
import { insideSums } from "./inside-sums.ts";
import { Magnitudes } from "./magnitude.ts";
import { occurrences } from "./materialise.ts";
import { needsOf } from "./need.ts";
import { neverNegativeOf } from "./never-negative.ts";
import type { Buffer, Nest, Parameter } from "./nest.ts";
import { Reach } from "./reach.ts";
import { rename } from "./rename.ts";
import { nameSizes } from "./sizes.ts";
import { rowExtent } from "./stage.ts";
import { needed, shapesOf, staged } from "./staged.ts";
import { tidy } from "./tidy.ts";
import { verify } from "./verify.ts";

export interface LoweringOptions {
  readonly style: Style;
  /** A definition as text, for the comment above its code. */
  readonly describe?: (definition: Definition, sizeName: SizeName) => string;
}

export function lowerDerivation(derivation: Derivation, { style, describe }: LoweringOptions): Nest {
  speak(derivation.program.vocabulary);
  const { definitions: given, results } = needed(derivation);
  const definitions = style === "fused" ? insideSums(given, new Set(results.map((r) => r.name))) : given;
  const shapes = shapesOf(derivation.inputs, definitions);
  const reach = new Reach(derivation.bounds, shapes);
  const extent = rowExtent(
    definitions,
    derivation.inputs.map((input) => input.shape),
    style,
  );
  const { parted, stages, row, scheduled } = staged(definitions, style, extent, reach, shapes);

  const names = new Names();
  const inputs = derivation.inputs.map((input) => ({ input, name: names.fresh(input.name) }));
  const sizes = nameSizes(
    names,
    derivation.inputs,
    parted,
    derivation.bounds.flatMap((b) => b.over),
  );
  const cx: Context = {
    style,
    names,
    sizes,
    reach,
    row: row?.name,
    storage: new Map(inputs.map(({ input, name }) => [input.name, inputStorage(input, name)])),
    uses: new Map(),
    allUses: occurrences(stages),
    neverNegative: neverNegativeOf(stages),
    magnitudes: new Magnitudes(stages),
    compensated: new Map(),
    needs: needsOf(stages),
  };
  const doorNames = names.fork();
  const door = doorOf({ ...cx, names: doorNames }, derivation);
  const builder = new Builder(
    cx,
    row,
    results,
    describe && ((d) => describe(d, (extent) => sizes.nameOf(extent))),
  );
  builder.run(scheduled, stages);
  const buffers = [...inputs.flatMap(({ input, name }) => inputBuffer(input, name)), ...builder.buffers];
  const whole = [...sizes.list(), ...inputs, ...buffers].map(({ name }) => name);
  const answers = new Set(builder.results(new Map()).map((r) => r.name));
  const { statements, renamed } = rename(
    foldConstants(tidy(builder.root.statements, answers), answers),
    names.stems(),
    names.fixed(whole),
  );
  const nest: Nest = {
    sizes: sizes.list(),
    parameters: inputs.flatMap(({ input, name }): Parameter[] =>
      input.shape.length > 0 ? [] : [{ name, of: input.name, type: input.type }],
    ),
    buffers,
    // Its constants were named before the buffers were.
    door: rename(foldConstants(door), doorNames.stems(), doorNames.fixed(whole)).statements,
    body: statements,
    results: builder.results(renamed),
  };
  verify(nest);
  return nest;
}

const inputStorage = (input: Input, name: string): Storage =>
  input.shape.length === 0
    ? { kind: "scalar", name, type: input.type }
    : { kind: "buffer", name, type: input.type, axes: input.shape.map((extent) => ({ extent, kept: true })) };

const inputBuffer = (input: Input, name: string): Buffer[] =>
  input.shape.length === 0
    ? []
    : [{ name, of: input.name, role: "input", type: input.type, shape: input.shape }];
