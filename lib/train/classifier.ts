/**
 * From the definition of a loss to what training needs: its weights and their sizes, a kernel
 * for value and gradients, a kernel for the scores. The gradients are derived; none is written here.
 */
import { volume, type Tensor } from "../binding.ts";
import { Random } from "../check/random.ts";
import { compile, type Kernel } from "../compile.ts";
import { differentiate } from "../diff/differentiate.ts";
import { UserError } from "../errors.ts";
import { extentKey, type Extent } from "../expr/extent.ts";
import { output, type Input, type Program } from "../expr/program.ts";
import { parse } from "../parse.ts";
import { forward, upTo } from "./forward.ts";

/** Arrays by the names of the loss. */
export type Weights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float64Array }>;

export interface Classifier {
  /** The definition, as text. */
  readonly text: string;
  readonly program: Program;
  /** The shapes of the arrays that are trained. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The values of the loss's numbers, such as `reg`. */
  readonly settings: Readonly<Record<string, number>>;
  readonly classes: number;
  readonly kernel: Kernel;
  /**
   * The same kernel, compiled anew for each number of samples. JavaScript engines fit the code of a
   * kernel to the sizes it meets; one that meets two of them takes 1.6 times as long from then on.
   */
  readonly kernelFor: (samples: number) => Kernel;
  readonly scores: Kernel;
}

export interface Dimensions {
  /** Numbers in a row of X. */
  readonly width: number;
  readonly classes: number;
  /** What every other extent is, such as that of hidden units. */
  readonly hidden?: number | undefined;
}

/**
 * A classifier for a loss that reads samples `X[i,d]` and labels `y[i]`, and defines `score[i,j]`.
 *
 * @throws UserError when the loss is not of this kind, or a setting or size is missing.
 */
export function classifier(
  text: string,
  dimensions: Dimensions,
  settings: Readonly<Record<string, number>>,
): Classifier {
  const program = parse(text);
  expectSamples(program);
  const scoreProgram = upTo(program, "score");
  if (scoreProgram === undefined || output(scoreProgram).indices.length !== 2)
    throw new UserError("the loss defines no score[i,j], by which classes are told apart", {
      fix: "name the scores: score[i,j] = sum(d, X[i,d] * W[d,j])",
    });
  const shapes = shapesOf(program, dimensions);
  const derivation = differentiate(program, { wrt: [...shapes.keys()] });
  const kernels = new Map<number, Kernel>();
  return {
    text: text.trim(),
    program,
    shapes,
    settings: settingsOf(program, settings),
    classes: dimensions.classes,
    kernel: compile(derivation, { style: "fused" }),
    kernelFor: (samples) => {
      const kernel = kernels.get(samples) ?? compile(derivation, { style: "fused" });
      kernels.set(samples, kernel);
      return kernel;
    },
    scores: forward(scoreProgram),
  };
}

function expectSamples({ inputs }: Program): void {
  const named = (name: string, type: Input["type"], rank: number): boolean =>
    inputs.some((input) => input.name === name && input.type === type && input.shape.length === rank);
  if (!named("X", "real", 2)) throw new UserError("the loss does not read samples X[i,d]", { fix });
  if (!named("y", "int", 1)) throw new UserError("the loss does not read labels y[i]", { fix });
  const other = inputs.find(({ name, type }) => type === "int" && name !== "y");
  if (other !== undefined)
    throw new UserError(
      `the loss reads integers ${other.name} besides the labels y: training has none to give`,
    );
}

const fix = "write the samples as X[i,d] and the labels as y[i]";

/** The shapes of the weights: the width of X, the classes that y chooses among, and hidden sizes. */
function shapesOf(
  program: Program,
  { width, classes, hidden }: Dimensions,
): ReadonlyMap<string, readonly number[]> {
  const samples = program.inputs.find(({ name }) => name === "X")!;
  const known = new Map<string, number>([[extentKey(samples.shape[1]!), width]]);
  const score = program.definitions.find(({ name }) => name === "score")!;
  known.set(extentKey(score.indices[1]!.extent), classes);
  for (const { subscript, extent } of program.bounds)
    if (subscript.kind === "read" && subscript.name === "y") known.set(extentKey(extent), classes);
  const size = (name: string, extent: Extent): number => {
    if (extent.kind === "fixed") return extent.value;
    const found = known.get(extentKey(extent)) ?? (extent.kind === "axis" ? hidden : undefined);
    if (found !== undefined) return found;
    throw new UserError(`nothing tells the size of an axis of ${name}`, {
      fix: "give the number of hidden units",
    });
  };
  const weights = program.inputs.filter(
    ({ name, type, shape }) => type === "real" && shape.length > 0 && name !== "X",
  );
  if (weights.length === 0)
    throw new UserError("the loss has no weights to train: it reads no real array besides X");
  for (const { name, shape } of weights)
    if (shape.some((extent) => extentKey(extent) === extentKey(samples.shape[0]!)))
      throw new UserError(`${name} has an entry for each sample, so that it cannot be trained in batches`);
  return new Map(weights.map(({ name, shape }) => [name, shape.map((extent) => size(name, extent))]));
}

function settingsOf(
  { inputs }: Program,
  given: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const names = inputs.filter(({ shape }) => shape.length === 0).map(({ name }) => name);
  return Object.fromEntries(
    names.map((name) => {
      if (!Object.hasOwn(given, name)) throw new UserError(`no value is given for ${name}`);
      return [name, given[name]!];
    }),
  );
}

/** Weights to begin with: normal numbers of this standard deviation; vectors, such as biases, are 0. */
export function initialWeights({ shapes }: Classifier, deviation: number, seed: number): Weights {
  const random = new Random(seed);
  return new Map(
    [...shapes].map(([name, shape]) => {
      const data = new Float64Array(volume(shape));
      if (shape.length > 1) for (let n = 0; n < data.length; n++) data[n] = deviation * random.normal();
      return [name, { shape, data }];
    }),
  );
}

/** The inputs of a kernel: samples, labels, weights, settings. */
export const kernelInputs = (
  { settings }: Classifier,
  X: Tensor,
  y: Tensor,
  weights: Weights,
): Readonly<Record<string, number | Tensor>> => ({ ...settings, ...Object.fromEntries(weights), X, y });
