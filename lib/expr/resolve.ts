/**
 * Resolution: syntax to program.
 *
 *   names     what each name is: index, definition or input        resolve-names.ts
 *   types     which inputs are integers                            infer-types.ts
 *   extents   what each index runs over                            accesses, extent-classes, infer-extents.ts
 *   nodes     the same expressions, typed and interned             elaborate.ts
 *   bounds    the subscripts that shapes and labels can break      bounds.ts
 */
import { expectArgument } from "../argument.ts";
import type { Place } from "../errors.ts";
import { collectAccesses, type Accesses } from "./accesses.ts";
import { bounds } from "./bounds.ts";
import { elaborate } from "./elaborate.ts";
import { extentClasses } from "./extent-classes.ts";
import { inferExtents, type Extents } from "./infer-extents.ts";
import { inferTypes, type Types } from "./infer-types.ts";
import { withOwnNames } from "./node.ts";
import type { Input, Program } from "./program.ts";
import { resolveNames } from "./resolve-names.ts";
import type { ProgramSyntax } from "./syntax.ts";
import type { TermInput } from "./term.ts";

/** Throws a `UserError` for whatever does not make sense in the program as a whole. */
export function resolve(syntax: ProgramSyntax): Program {
  expectArgument("resolve", "syntax", syntax);
  const terms = resolveNames(syntax);
  const types = inferTypes(terms);
  const accesses = collectAccesses(terms, types);
  const extents = inferExtents(terms, accesses, extentClasses(terms, accesses));
  const { made, vocabulary } = withOwnNames(() => elaborate(terms, types, extents));
  const { definitions, subscripts } = made;
  return {
    inputs: terms.inputs.map((input) => resolveInput(input, types, extents, accesses)),
    definitions,
    bounds: bounds(definitions, subscripts, extents),
    text: syntax.text,
    vocabulary,
  };
}

function resolveInput(
  { name, place, rank }: TermInput,
  types: Types,
  extents: Extents,
  { axes }: Accesses,
): Input {
  const axis = (n: number): Place | undefined => axes.find((a) => a.array === name && a.axis === n)?.place;
  return {
    name,
    type: types.of(name) === "int" ? "int" : "real",
    shape: Array.from({ length: rank }, (_, n) => extents.ofAxis(name, n)),
    places: Array.from({ length: rank }, (_, n) => axis(n)),
    place,
  };
}
