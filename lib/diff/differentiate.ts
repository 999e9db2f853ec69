/**
 * The gradient of a program in closed form: from the output backwards, stage by
 * stage, as on paper. First dscore, then dW from it.
 *
 *   d<stage>[a, b] = Σ over later stages, over their reads stage[e, f] of
 *                    Σ (adjoint of the read)·[e = a]·[f = b]
 *
 * and the rules of sums and deltas make the closed form of it.
 */
import { expectArgument, expectNames, expectOptions } from "../argument.ts";
import { UserError } from "../errors.ts";
import { speak } from "../expr/node.ts";
import { output, type Input, type Program } from "../expr/program.ts";
import type { Derivation } from "./derivation.ts";
import { factsOf } from "./facts.ts";
import { shapesOf } from "./inside.ts";
import { finish } from "./finish.ts";
import { namesIn } from "./names.ts";
import { reverse } from "./reverse.ts";
import { stagesOf } from "./stages.ts";
import { trace } from "./trace.ts";

export interface DifferentiateOptions {
  /** The inputs (or stages) to take gradients of; all real inputs when absent. */
  readonly wrt?: readonly string[] | undefined;
}

/** Throws a `UserError` when a name in `wrt` is not in the program or is not real. */
export function differentiate(program: Program, options: DifferentiateOptions = {}): Derivation {
  expectArgument("differentiate", "program", program);
  expectOptions("differentiate", options, ["wrt"]);
  const wrt = options.wrt ?? realInputs(program);
  expectNames("wrt", wrt);
  for (const name of wrt) checkDifferentiable(name, program);
  speak(program.vocabulary);
  const shapes = new Map(shapesOf(program, []));
  const { algebraFor, step, shown } = trace(factsOf(program, shapes));
  const taken = namesIn(program);
  const upstream = upstreamOf(program, taken);
  const stages = stagesOf(program, new Set(wrt), { taken, shapes, algebraFor });
  const adjoints = reverse({ stages, wrt, program, upstream, taken, algebraFor, step });
  const s = algebraFor(undefined);
  const definitions = finish({ program, stages, adjoints: adjoints.definitions, taken, s, step });
  return {
    program,
    wrt,
    inputs: upstream ? [...program.inputs, upstream] : program.inputs,
    bounds: program.bounds,
    definitions,
    value: output(program).name,
    gradients: new Map(wrt.map((name) => [name, adjoints.names.get(name)!])),
    get steps() {
      return shown();
    },
  };
}

const realInputs = (program: Program): readonly string[] =>
  program.inputs.filter((i) => i.type === "real").map((i) => i.name);

function checkDifferentiable(name: string, program: Program): void {
  const input = program.inputs.find((i) => i.name === name);
  const definition = program.definitions.slice(0, -1).find((d) => d.name === name);
  if (!input && !definition)
    throw new UserError(`there is no ${name} to differentiate with respect to`, {
      fix: `choose among ${realInputs(program).join(", ")}`,
    });
  if (input?.type === "int" || (definition && definition.body.type !== "real"))
    throw new UserError(`${name} holds integers, so nothing can be differentiated with respect to it`, {
      fix: `choose among ${realInputs(program).join(", ")}`,
    });
}

/** `d<output>` of a layer: what the caller has of the loss's derivative by each output. */
function upstreamOf(program: Program, taken: Set<string>): Input | undefined {
  const { name, indices, place } = output(program);
  if (indices.length === 0) return undefined;
  const upstream = `d${name}`;
  if (taken.has(upstream))
    throw new UserError(`the gradient by ${name} arrives as ${upstream}, and that name is taken`, {
      place,
      fix: `rename ${upstream}`,
    });
  taken.add(upstream);
  return {
    name: upstream,
    type: "real",
    shape: indices.map((i) => i.extent),
    places: indices.map(() => place),
    place,
  };
}
