/** A derivation as data. */
import { casesOf } from "../diff/cases.ts";
import { matrixForm } from "../diff/contraction.ts";
import type { Derivation } from "../diff/derivation.ts";
import type { Extent } from "../expr/extent.ts";
import { size } from "../expr/node.ts";
import { latex, latexDefinition } from "../text/latex.ts";
import { print, printDefinition } from "../text/print.ts";
import { legendOf } from "./legend.ts";

/**
 * Everything that the page of text says. `text` is in the language, so that the
 * definitions, one below the other, are a program that computes the same; LaTeX names the sizes.
 */
export function derivationJson(derivation: Derivation) {
  const { program, inputs, definitions, value, gradients, steps } = derivation;
  const { options, named } = legendOf(derivation);
  return {
    inputs: inputs.map(({ name, type, shape }) => ({ name, type, shape: shape.map(writeExtent) })),
    sizes: Object.fromEntries(named.map(({ name, extent }) => [name, writeExtent(extent)])),
    definitions: definitions.map((definition) => ({
      name: definition.name,
      indices: definition.indices.map(({ name }) => name),
      text: printDefinition(definition),
      latex: latexDefinition(definition, options),
      matrix: matrixForm(definition)?.text,
      cases: casesOf(program, definition)?.map(({ condition, body }) => ({
        condition: print(condition),
        text: print(body),
        latex: latex(body, options),
      })),
    })),
    value,
    gradients: Object.fromEntries(gradients),
    steps: steps.map(({ definition, rule, before, after }) => ({
      definition,
      rule,
      before: print(before),
      after: print(after),
    })),
  };
}

const writeExtent = (extent: Extent): string => print(size(extent));
