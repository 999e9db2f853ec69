/** A program without its gradients: what computes scores, margins, guesses. */
import { compile, type Kernel } from "../compile.ts";
import type { Derivation } from "../diff/derivation.ts";
import { output, type Program } from "../expr/program.ts";
import { parse } from "../parse.ts";
import { printProgram } from "../text/print.ts";

/** A kernel for the value of a program's output; it has no gradients. */
export function forward(program: Program): Kernel {
  const { inputs, bounds, definitions } = program;
  const value = output(program).name;
  const derivation: Derivation = {
    program,
    wrt: [],
    inputs,
    bounds,
    definitions,
    value,
    gradients: new Map(),
    steps: [],
  };
  return compile(derivation, { style: "fused" });
}

/** The program up to the definition of that name, which becomes its output; undefined when there is none. */
export function upTo(program: Program, name: string): Program | undefined {
  const at = program.definitions.findIndex((definition) => definition.name === name);
  return at < 0 ? undefined : parse(printProgram(program.definitions.slice(0, at + 1), program));
}
