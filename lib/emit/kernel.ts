/** The bare kernel: a function for given sizes that works on flat arrays, checks nothing and allocates nothing. */
import { named, type Scalar } from "../loop/nest.ts";
import { plainest } from "../loop/rename.ts";
import { effectsOf } from "../schedule/effects.ts";
import type { Face } from "./face.ts";
import { outlined, rounds, type Outlined } from "./outline.ts";
import { emitScalar } from "./scalar.ts";
import { roundings, scratch } from "./scratch.ts";

interface BareParameter {
  readonly name: string;
  readonly type: string;
  /** What the exported function gives for it. */
  readonly argument: string;
}

/** Inputs as flat arrays and numbers, then where results go. */
export const bareParameters = (face: Face): readonly BareParameter[] => [
  ...face.arrays.map((b) => ({ name: b.name, type: face.arrayType(b), argument: b.name })),
  ...face.nest.parameters.map((p) => ({ name: p.name, type: "number", argument: p.name })),
  ...face.results
    .filter((r) => !(r.scalar && r.wrt === undefined))
    .map((r) => ({
      name: r.scalar ? `${r.name}_out` : face.given(r),
      type: r.scalar ? "Float64Array" : face.reals,
      argument: r.scalar ? `${r.name}_out` : face.given(r),
    })),
];

/** `create…`, which makes the kernel. */
export function factory(face: Face): readonly string[] {
  const parameters = bareParameters(face).map((p) => `${p.name}‹: ${p.type}›`);
  const { value } = face;
  const scalars = face.gradients.filter((r) => r.scalar);
  const { functions, body } = passes(face);
  const given = sizesGiven(face, [...scratch(face), ...functions, ...body]);
  return face.lines(
    `/** A kernel for arrays of these sizes. It works on flat row-major arrays, checks nothing and allocates nothing. */`,
    `export function create${face.type}(${given}) {`,
    ...scratch(face),
    ...functions,
    `  return function kernel(${parameters.join(", ")})‹: ${value.scalar ? "number" : "void"}› {`,
    ...body,
    ...roundings(face).map((line) => `  ${line}`),
    ...scalars.map((r) => `    ${r.name}_out[0] = ${r.name};`),
    ...(value.scalar ? [`    return ${value.name};`] : []),
    "  };",
    "}",
  );
}

/** The parameter for the sizes, of which the code reads some. */
function sizesGiven({ nest }: Face, code: readonly string[]): string {
  const sizes = nest.sizes.map((s) => s.name);
  if (sizes.length === 0) return "";
  const used = sizes.filter((s) => code.some((line) => mentions(line, s)));
  const types = sizes.map((s) => `readonly ${s}: number`).join("; ");
  return `${used.length === 0 ? "_sizes" : `{ ${used.join(", ")} }`}‹: { ${types} }›`;
}

/** Whether a line of code, not what is commented in it, has an identifier. */
const mentions = (line: string, name: string): boolean =>
  !/^\s*(?:\/\/|\/?\*)/u.test(line) && new RegExp(`\\b${name}\\b`, "u").test(line);

/** The body of the bare kernel, and the functions that do its passes over rows. */
function passes(face: Face): { readonly functions: readonly string[]; readonly body: readonly string[] } {
  const { nest } = face;
  const types = new Map(bareParameters(face).map((p) => [p.name, p.type]));
  const own = new Set(types.keys());
  const { defines } = effectsOf(nest.body);
  const taken = new Set([...defines, ...own, ...[...nest.sizes, ...nest.buffers].map(({ name }) => name)]);
  const fresh = (wanted: string): string => {
    const name = plainest(wanted, (n) => taken.has(n));
    taken.add(name);
    return name;
  };
  const functions: string[] = [];
  const body = nest.body.flatMap((s, n) => {
    const part = outlined(s, own);
    if (s.kind === "let") {
      own.add(s.name);
      types.set(s.name, s.type === "bool" ? "boolean" : "number");
    }
    // Conditions are not kept as numbers.
    if (part === undefined || part.carried.some((c) => types.get(c) === "boolean")) {
      const lines = face.statements([s], "    ");
      return s.kind === "comment" && n > 0 ? ["", ...lines] : lines;
    }
    const { definition, call } = pass(face, part, types, fresh);
    functions.push(...definition);
    return call;
  });
  return { functions, body };
}

/** A function for a part of a pass, and the loop that calls it. */
function pass(
  face: Face,
  { loop, carried, passed }: Outlined,
  types: ReadonlyMap<string, string>,
  fresh: (wanted: string) => string,
): { readonly definition: readonly string[]; readonly call: readonly string[] } {
  const name = fresh("pass");
  const state = fresh("state");
  const scalar = (value: Scalar) => emitScalar(value, face.options.target, true);
  const parameters = passed.map((p) => `${p}‹: ${types.get(p)!}›`);
  const [from, to] = [fresh("from"), fresh("to")];
  const blocks = loop.step !== undefined;
  const bounds = blocks ? [`${loop.index}‹: number›`] : [`${from}‹: number›`, `${to}‹: number›`];
  const inner = blocks
    ? face.statements(loop.body, "    ")
    : face.statements([{ ...loop, from: named(from, "int"), to: named(to, "int") }], "    ");
  const index = blocks ? loop.index : from;
  const end = scalar(loop.to);
  const step = loop.step ?? rounds;
  const given = blocks ? [loop.index] : [from, `Math.min(${from} + ${step}, ${end})`];
  return {
    definition: [
      ...(carried.length === 0
        ? []
        : [`  // ${carried.join(", ")}`, `  const ${state} = new Float64Array(${carried.length});`]),
      `  function ${name}(${[...bounds, ...parameters].join(", ")})‹: void› {`,
      ...carried.map((c, n) => `    let ${c} = ${state}[${n}]‹!›;`),
      ...inner,
      ...carried.map((c, n) => `    ${state}[${n}] = ${c};`),
      "  }",
    ],
    call: [
      ...carried.map((c, n) => `    ${state}[${n}] = ${c};`),
      `    for (let ${index} = ${scalar(loop.from)}; ${index} < ${end}; ${index} += ${step}) {`,
      `      ${name}(${[...given, ...passed].join(", ")});`,
      "    }",
      ...carried.map((c, n) => `    ${c} = ${state}[${n}]‹!›;`),
    ],
  };
}
