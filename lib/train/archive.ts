/**
 * A run as named arrays, to be written as one .npz: the weights, what was taken from the data,
 * the history, and the settings as JSON text. Nothing in it depends on when or how fast it ran.
 */
import type { Tensor } from "../binding.ts";
import { UserError } from "../errors.ts";
import type { Weights } from "./classifier.ts";
import type { Epoch, State } from "./descent.ts";

/** Everything that the result depends on. */
export type Settings = Readonly<Record<string, string | number>>;

export interface Run {
  readonly settings: Settings;
  readonly state: State;
  /** Arrays that belong to the result though they are not trained, such as the mean image. */
  readonly taken: ReadonlyMap<string, Tensor>;
}

// prettier-ignore
const columns = ["loss", "training", "validation"] as const satisfies readonly (keyof Epoch)[];

/** No name in the language has a dot: these names are not those of weights. */
export const formatRun = ({ settings, state, taken }: Run): ReadonlyMap<string, Tensor> =>
  new Map<string, Tensor>([
    ...state.weights,
    ...taken,
    ...columns.map((column): [string, Tensor] => [
      `history.${column}`,
      vector(Float64Array.from(state.epochs, (epoch) => epoch[column])),
    ]),
    ["state.step", { shape: [], data: Float64Array.of(state.step) }],
    ["state.losses", vector(Float64Array.from(state.losses))],
    ["settings.json", vector(Int32Array.from(new TextEncoder().encode(JSON.stringify(settings))))],
  ]);

const vector = (data: Float64Array | Int32Array): Tensor => ({ shape: [data.length], data });

/** The run that `formatRun` made arrays of. `file` is what errors call it. */
export function parseRun(
  arrays: ReadonlyMap<string, { shape: readonly number[]; data: Float64Array }>,
  file: string,
): Run {
  const array = (name: string): Float64Array => {
    const found = arrays.get(name);
    if (found === undefined) throw new UserError(`${file} is no run of dscore train: it has no ${name}`);
    return found.data;
  };
  const history = columns.map((column) => [...array(`history.${column}`)]);
  const weights: [string, Weights extends ReadonlyMap<string, infer W> ? W : never][] = [];
  const taken = new Map<string, Tensor>();
  for (const [name, value] of arrays)
    if (!name.includes(".")) weights.push([name, value]);
    else if (!/^(?:history|state|settings)\./u.test(name)) taken.set(name, value);
  return {
    settings: settingsFrom(array("settings.json"), file),
    state: {
      step: array("state.step")[0]!,
      losses: [...array("state.losses")],
      weights: new Map(weights),
      epochs: history[0]!.map((loss, n) => ({
        loss,
        training: history[1]![n]!,
        validation: history[2]![n]!,
      })),
    },
    taken,
  };
}

function settingsFrom(codes: Float64Array, file: string): Settings {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(codes))) as Settings;
  } catch {
    throw new UserError(`${file} is damaged: its settings cannot be read`);
  }
}

/** What differs between the settings of a saved run and those asked for, in words; empty when nothing does. */
export const differences = (saved: Settings, wanted: Settings): readonly string[] =>
  [...new Set([...Object.keys(saved), ...Object.keys(wanted)])]
    .filter((key) => saved[key] !== wanted[key])
    .map((key) => `${key} was ${shown(saved[key])} and is ${shown(wanted[key])}`);

const shown = (value: string | number | undefined): string => {
  const text = value === undefined ? "not set" : String(value);
  return text.length > 40 || text.includes("\n") ? "another text" : text;
};
