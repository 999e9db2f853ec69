/** The types of what a module takes and gives, as TypeScript or in comments of JavaScript. */
import type { Extent } from "../expr/extent.ts";
import { comment } from "./comment.ts";
import type { Face, Shown } from "./face.ts";

/** Declarations for the head of a module. */
export const typesOf = (face: Face): readonly string[] =>
  face.isTypeScript ? interfaces(face) : typedefs(face);

interface InputType {
  readonly key: string;
  readonly type: string;
  readonly doc: string;
}

const inputTypes = (face: Face): readonly InputType[] => [
  ...face.arrays.map((b) => ({
    key: face.keys.get(b.of)!,
    type: b.type === "int" ? "Labels" : "Tensor",
    doc: meaning(face, b.of, b.shape, b.type),
  })),
  ...face.nest.parameters.map((p) => ({
    key: face.keys.get(p.of)!,
    type: "number",
    doc: meaning(face, p.of, [], p.type),
  })),
];

/** What an input is: `X[i,d]: N × D`. */
function meaning(face: Face, of: string, shape: readonly Extent[], type: string): string {
  const written = comment(face.options.written.get(of) ?? of);
  const isArray = shape.length > 0;
  const what = type === "int" ? (isArray ? "integers, " : "an integer") : isArray ? "" : "a number";
  return `${written}: ${what}${face.shape(shape)}`;
}

/** The kinds of arrays that callers have to do with. */
function arrayKinds(face: Face): readonly { readonly name: string; readonly data: string }[] {
  const isReal = face.arrays.some((b) => b.type === "real") || face.results.some((r) => !r.scalar);
  const isLabelled = face.arrays.some((b) => b.type === "int");
  return [
    ...(isReal ? [{ name: "Tensor", data: face.reals }] : []),
    ...(isLabelled ? [{ name: "Labels", data: "Int32Array" }] : []),
  ];
}

const typedefs = (face: Face): readonly string[] => [
  ...arrayKinds(face).map(
    ({ name, data }) => `/** Row-major. @typedef {{ shape: readonly number[], data: ${data} }} ${name} */`,
  ),
  "",
  "/**",
  ` * @typedef {object} ${face.type}Inputs`,
  ...inputTypes(face).map(({ key, type, doc }) => ` * @property {${type}} ${key} ${doc}`),
  " */",
];

const interfaces = (face: Face): readonly string[] => [
  ...arrayKinds(face).flatMap(({ name, data }) => [
    "/** Row-major. */",
    `export interface ${name} {`,
    "  readonly shape: readonly number[];",
    `  readonly data: ${data};`,
    "}",
    "",
  ]),
  `export interface ${face.type}Inputs {`,
  ...inputTypes(face).flatMap(({ key, type, doc }) => [`  /** ${doc} */`, `  readonly ${key}: ${type};`]),
  "}",
  "",
  `/** Where the results go; what is missing is allocated. */`,
  `export interface ${face.type}Buffers {`,
  ...face.results.filter((r) => !r.scalar).map((r) => `  readonly ${r.key}?: ${face.reals} | undefined;`),
  "}",
  "",
  `export interface ${face.type}Result {`,
  `  readonly value: ${resultType(face.value)};`,
  `  readonly gradients: ${gradientsType(face)};`,
  "}",
];

const gradientsType = ({ gradients }: Face): string =>
  gradients.length === 0
    ? "Record<string, never>"
    : `{ ${gradients.map((r) => `readonly ${r.key}: ${resultType(r)}`).join("; ")} }`;

const resultType = (r: Shown): string => (r.scalar ? "number" : "Tensor");
