/** The exported function: it checks what it is given, calls the kernel or is it, and returns the value and the gradients. */
import type { Buffer, Result, Statement } from "../loop/nest.ts";
import type { Face, Shown } from "./face.ts";
import { bareParameters } from "./kernel.ts";
import { roundings, scratch } from "./scratch.ts";

/** The loops stand in the function itself. */
export function exportedLoops(face: Face): readonly string[] {
  const door = doorOf(face);
  return [
    ...signature(face),
    ...withoutUnused([
      ...door,
      ...(door.length > 0 ? [""] : []),
      ...resultBuffers(face),
      ...scratch(face),
      ...face.statements(face.nest.body, "  "),
      ...roundings(face),
      ...returned(face, (r) => r.name),
    ]),
    "}",
  ];
}

/** The function keeps the kernel of the last sizes. */
export function exportedCaller(face: Face): readonly string[] {
  const { nest, type, value, gradients } = face;
  const sizes = nest.sizes.map((s) => s.name);
  const given = sizes.length === 0 ? "" : `{ ${sizes.join(", ")} }`;
  const passed = bareParameters(face).map((p) => p.argument);
  const call = `latest.run(${passed.join(", ")})`;
  const others =
    sizes.length === 0
      ? "latest === undefined"
      : sizes.map((s, n) => `latest${n === 0 ? "?" : ""}.${s} !== ${s}`).join(" || ");
  const latest = `${sizes.map((s) => `readonly ${s}: number; `).join("")}readonly run: ReturnType<typeof create${type}>`;
  return [
    "// The kernel of the last call, for calls of the same sizes.",
    ...face.lines(`let latest‹: { ${latest} } | undefined›;`),
    "",
    ...signature(face),
    ...withoutUnused([
      ...doorOf(face),
      ...resultBuffers(face),
      ...gradients.filter((r) => r.scalar).map((r) => `  const ${r.name}_out = new Float64Array(1);`),
      `  if (${others}) latest = { ${[...sizes, `run: create${type}(${given})`].join(", ")} };`,
      value.scalar ? `  const ${value.name} = ${call};` : `  ${call};`,
      ...returned(face, (r) =>
        r.wrt === undefined ? r.name : face.isTypeScript ? `${r.name}_out[0]!` : `${r.name}_out[0]`,
      ),
    ]),
    "}",
  ];
}

/** The head of the exported function, with its comment. */
export function signature(face: Face): readonly string[] {
  const { type, reals, entry } = face;
  const doc = face.isTypeScript
    ? [`/** The value and the gradients; throws when shapes or labels do not fit. */`]
    : [
        "/**",
        " * The value and the gradients; throws when shapes or labels do not fit.",
        " *",
        ` * @param {${type}Inputs} inputs`,
        ` * @param {Record<string, ${reals} | undefined>} [into] where the results go; what is missing is allocated`,
        " */",
      ];
  const into = face.results.some((r) => !r.scalar) ? `, into‹: ${type}Buffers› = {}` : "";
  return [
    ...doc,
    ...face.lines(`export function ${entry}(inputs‹: ${type}Inputs›${into})‹: ${type}Result› {`),
  ];
}

/** Sizes, shape checks and label checks; then the inputs under their own names. */
export function doorOf(face: Face): readonly string[] {
  const { nest, arrays, sizes, keys } = face;
  const measured = arrays.map((b) => measuring(face, b)).filter((m) => m !== undefined);
  const known = new Set(measured.flatMap((m) => m.axes));
  const isKnown = (b: Buffer): boolean => b.shape.every((_, axis) => known.has(`${b.name} ${axis}`));
  return [
    ...measured.map((m) => m.line),
    ...nest.parameters.map(({ name, type, of }) => {
      const check = type === "int" ? "integerOf" : "numberOf";
      return `const ${name} = ${check}("${keys.get(of)!}", inputs.${keys.get(of)!});`;
    }),
    ...nest.sizes
      .filter(({ extent }) => extent.kind !== "axis")
      .map(({ name, extent }) => `const ${name} = ${sizes.formula(extent)};`),
    ...arrays
      .filter((b) => !isKnown(b))
      .map(
        (b) => `expectShape(${arrayText(face, b)}, [${face.shape(b.shape, ", ")}], ${face.arrayType(b)});`,
      ),
    ...arrays.map((b) => `const ${b.name} = inputs.${keys.get(b.of)!}.data;`),
    ...face.statements(scoped(nest.door), ""),
  ].map((line) => `  ${line}`);
}

/** How an array is named in an error, and where it is. */
const arrayText = ({ keys }: Face, { of }: Buffer): string => `"${keys.get(of)!}", inputs.${keys.get(of)!}`;

/** The line that takes sizes from the axes of an array; undefined where it decides none. */
function measuring(
  face: Face,
  b: Buffer,
): { readonly line: string; readonly axes: readonly string[] } | undefined {
  const own = new Map(
    face.nest.sizes.flatMap(({ name, extent }) =>
      extent.kind === "axis" && extent.array === b.of ? [[extent.axis, name]] : [],
    ),
  );
  if (own.size === 0) return undefined;
  const names = b.shape.map((_, axis) => (own.has(axis) ? `${own.get(axis)!} = 0` : ""));
  while (names.at(-1) === "") names.pop();
  const check = `axesOf(${arrayText(face, b)}, ${b.shape.length}, ${face.arrayType(b)})`;
  return {
    line: `const [${names.join(", ")}] = ${check};`,
    axes: [...own.keys()].map((axis) => `${b.name} ${axis}`),
  };
}

/** Constants of the door stay in it. */
const scoped = (door: readonly Statement[]): readonly Statement[] =>
  door.some((s) => s.kind === "let")
    ? [{ kind: "if", guard: { kind: "const", type: "bool", value: 1 }, yes: door, no: [] }]
    : door;

const resultBuffers = (face: Face): readonly string[] =>
  face.results
    .filter((r) => !r.scalar)
    .map((r) => `  const ${face.given(r)} = bufferFor("${r.key}", into.${r.key}, ${face.volume(r.shape)});`);

/** The return of the exported function; each scalar as it is named. */
export function returned(face: Face, named: (r: Result) => string): readonly string[] {
  const show = (r: Shown) =>
    r.scalar ? named(r) : `{ shape: [${face.shape(r.shape, ", ")}], data: ${face.given(r)} }`;
  const value = show(face.value);
  const gradients = face.gradients.map((r) => `${r.key}: ${show(r)}`);
  const inner = gradients.length > 0 ? `{ ${gradients.join(", ")} }` : "{}";
  const line = `  return { value: ${value}, gradients: ${inner} };`;
  if (line.length <= 100) return [line];
  return [
    "  return {",
    `    value: ${value},`,
    "    gradients: {",
    ...gradients.map((gradient) => `      ${gradient},`),
    "    },",
    "  };",
  ];
}

/** Lines of a function without the constants at its beginning that nothing after them uses. */
export function withoutUnused(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  const used = (name: string) => {
    const word = new RegExp(`\\b${name}\\b`, "u");
    return kept.some((later) => word.test(later));
  };
  for (const line of lines.toReversed()) {
    const axes = /^ {2}const \[(.*)\] = (.*)$/u.exec(line);
    const constant = /^ {2}const (\w+) = (.*)$/u.exec(line);
    if (axes !== null) {
      const names = axes[1]!.split(", ").map((size) => (used(size.split(" ")[0]!) ? size : ""));
      while (names.at(-1) === "") names.pop();
      kept.push(names.length === 0 ? `  ${axes[2]!}` : `  const [${names.join(", ")}] = ${axes[2]!}`);
    } else if (constant === null || used(constant[1]!)) kept.push(line);
    // A check stays for what it throws.
    else if (/^(?:numberOf|integerOf)\(/u.test(constant[2]!)) kept.push(`  ${constant[2]!}`);
  }
  return kept.toReversed();
}
