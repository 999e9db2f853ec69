/**
 * A nest as a module of JavaScript or TypeScript that needs nothing else.
 *
 * It exports a function named after the output, which takes tensors, checks their
 * shapes and labels, and returns the value and the gradients. The style `fused` also
 * exports `create…`, which makes a kernel for given sizes: that one works on flat
 * arrays, checks nothing and allocates nothing.
 */
import type { Extent } from "../expr/extent.ts";
import { exportedName, latin } from "../loop/identifier.ts";
import type { Buffer, Nest, Parameter, Result, Statement } from "../loop/nest.ts";
import { comment, wrapped } from "./comment.ts";
import { doorText } from "./door.ts";
import { functionsIn, inTarget } from "./functions.ts";
import type { Target } from "./scalar.ts";
import { SizeText } from "./size.ts";
import { emitStatements } from "./statement.ts";

export interface ModuleOptions {
  readonly target: Target;
  readonly style: "loops" | "fused";
  /** The output's name, as the user wrote it. */
  readonly output: string;
  /** What the exported function is called. */
  readonly name: string;
  /** Formulas for the head of the file, a line each. */
  readonly head: readonly string[];
  /** How the user writes an input: `X[i,d]`. */
  readonly written: ReadonlyMap<string, string>;
}

export interface Module {
  readonly code: string;
  /** The exported function. */
  readonly entry: string;
  /** For each of the user's names of inputs and of the output, the key that the code uses for it. */
  readonly keys: ReadonlyMap<string, string>;
}

export function emitModule(nest: Nest, options: ModuleOptions): Module {
  return new Writer(nest, options).module();
}

/** A result with the key that the interface has for it. */
type Shown = Result & { readonly key: string; readonly shape: readonly Extent[] };

/** The parts of a module, each an indented block of lines. */
class Writer {
  readonly #nest: Nest;
  readonly #options: ModuleOptions;
  readonly #sizes: SizeText;
  readonly #keys: ReadonlyMap<string, string>;
  readonly #entry: string;
  readonly #type: string;

  constructor(nest: Nest, options: ModuleOptions) {
    this.#nest = nest;
    this.#options = options;
    this.#sizes = new SizeText(nest);
    this.#keys = keysOf(nest, options.output);
    this.#entry = exportedName(options.name, ["ratio", "polynomial", "NEAR", "MIDDLE", "FAR"]);
    this.#type = this.#entry[0]!.toUpperCase() + this.#entry.slice(1);
  }

  module(): Module {
    const body =
      this.#options.style === "fused"
        ? [...this.#factory(), "", ...this.#friendlyFused()]
        : this.#friendlyLoops();
    const text = body.join("\n");
    const parts = [
      this.#head().join("\n"),
      this.#types().join("\n"),
      text,
      ...functionsIn(text, this.#options.target),
      ...doorText(text, this.#options.target),
    ];
    return {
      code: `${parts.filter((part) => part !== "").join("\n\n")}\n`,
      entry: this.#entry,
      keys: this.#keys,
    };
  }

  get #ts(): boolean {
    return this.#options.target === "ts";
  }

  /** Code with TypeScript's types in `‹…›`. */
  #lines(...lines: readonly string[]): readonly string[] {
    return lines.map((line) => inTarget(line, this.#options.target));
  }

  #head(): readonly string[] {
    return ["/**", ...this.#options.head.flatMap((line) => wrapped(comment(line), " * ")), " */"];
  }

  get #arrays(): readonly Buffer[] {
    return this.#nest.buffers.filter((b) => b.role === "input");
  }

  get #results(): readonly Shown[] {
    return this.#nest.results.map((r) => ({
      ...r,
      key: this.#keys.get(r.wrt ?? this.#options.output)!,
      shape: this.#nest.buffers.find((b) => b.name === r.name)?.shape ?? [],
    }));
  }

  #shape(shape: readonly Extent[], joint = " × "): string {
    return shape.map((extent) => this.#sizes.name(extent)).join(joint);
  }

  /** What an input is: `X[i,d], N × D`. */
  #meaning(of: string, shape: readonly Extent[], type: string): string {
    const written = comment(this.#options.written.get(of) ?? of);
    const what =
      type === "int" ? (shape.length > 0 ? "integers, " : "an integer") : shape.length > 0 ? "" : "a number";
    return `${written}: ${what}${this.#shape(shape)}`;
  }

  #types(): readonly string[] {
    const { parameters } = this.#nest;
    const arrays = this.#arrays;
    const labels = arrays.some((b) => b.type === "int");
    const gradients = this.#results.filter((r) => r.wrt !== undefined);
    const value = this.#results.find((r) => r.wrt === undefined)!;
    const buffers = this.#results.filter((r) => !r.scalar);
    const tensorUsed = arrays.some((b) => b.type === "real") || buffers.length > 0;
    const inputs = [
      ...arrays.map((b) => ({
        of: b.of,
        type: b.type === "int" ? "Labels" : "Tensor",
        doc: this.#meaning(b.of, b.shape, b.type),
      })),
      ...parameters.map((p) => ({ of: p.of, type: "number", doc: this.#meaning(p.of, [], p.type) })),
    ];
    if (!this.#ts)
      return [
        ...(tensorUsed
          ? ["/** Row-major. @typedef {{ shape: readonly number[], data: Float64Array }} Tensor */"]
          : []),
        ...(labels
          ? ["/** Row-major. @typedef {{ shape: readonly number[], data: Int32Array }} Labels */"]
          : []),
        "",
        "/**",
        ` * @typedef {object} ${this.#type}Inputs`,
        ...inputs.map(({ of, type, doc }) => ` * @property {${type}} ${this.#keys.get(of)!} ${doc}`),
        " */",
      ];
    return [
      ...(tensorUsed
        ? [
            "/** Row-major. */",
            "export interface Tensor {",
            "  readonly shape: readonly number[];",
            "  readonly data: Float64Array;",
            "}",
            "",
          ]
        : []),
      ...(labels
        ? [
            "/** Row-major. */",
            "export interface Labels {",
            "  readonly shape: readonly number[];",
            "  readonly data: Int32Array;",
            "}",
            "",
          ]
        : []),
      `export interface ${this.#type}Inputs {`,
      ...inputs.flatMap(({ of, type, doc }) => [
        `  /** ${doc} */`,
        `  readonly ${this.#keys.get(of)!}: ${type};`,
      ]),
      "}",
      "",
      `/** Where the results go; what is missing is allocated. */`,
      `export interface ${this.#type}Buffers {`,
      ...buffers.map((r) => `  readonly ${r.key}?: Float64Array | undefined;`),
      "}",
      "",
      `export interface ${this.#type}Result {`,
      `  readonly value: ${resultType(value)};`,
      gradients.length === 0
        ? "  readonly gradients: Record<string, never>;"
        : `  readonly gradients: { ${gradients.map((r) => `readonly ${r.key}: ${resultType(r)}`).join("; ")} };`,
      "}",
    ];
  }

  #signature(): readonly string[] {
    const doc = this.#ts
      ? [`/** The value and the gradients; throws when shapes or labels do not fit. */`]
      : [
          "/**",
          " * The value and the gradients; throws when shapes or labels do not fit.",
          " *",
          ` * @param {${this.#type}Inputs} inputs`,
          " * @param {Record<string, Float64Array | undefined>} [into] where the results go; what is missing is allocated",
          " */",
        ];
    const buffers = this.#results.some((r) => !r.scalar);
    const out = buffers ? `, into‹: ${this.#type}Buffers› = {}` : "";
    return [
      ...doc,
      ...this.#lines(
        `export function ${this.#entry}(inputs‹: ${this.#type}Inputs›${out})‹: ${this.#type}Result› {`,
      ),
    ];
  }

  /** Sizes, shape checks and label checks; then the inputs under their own names. */
  #door(): readonly string[] {
    const lines: string[] = [];
    const key = (of: string) => this.#keys.get(of)!;
    const { sizes, parameters, door } = this.#nest;
    const defined = new Set<string>();
    for (const b of this.#arrays) {
      const own = sizes.filter((s) => s.extent.kind === "axis" && s.extent.array === b.of);
      if (own.length === 0) continue;
      const axes = b.shape.map((_, axis) => {
        const size = own.find((s) => s.extent.kind === "axis" && s.extent.axis === axis);
        if (size) defined.add(`${b.name} ${axis}`);
        return size ? `${size.name} = 0` : "";
      });
      while (axes.at(-1) === "") axes.pop();
      lines.push(
        `const [${axes.join(", ")}] = axesOf("${key(b.of)}", inputs.${key(b.of)}, ${b.shape.length}, ${arrayType(b)});`,
      );
    }
    for (const p of parameters)
      lines.push(
        `const ${p.name} = ${p.type === "int" ? "integerOf" : "numberOf"}("${key(p.of)}", inputs.${key(p.of)});`,
      );
    for (const { name, extent } of sizes)
      if (extent.kind !== "axis") lines.push(`const ${name} = ${this.#sizes.formula(extent)};`);
    for (const b of this.#arrays)
      if (!b.shape.every((_, axis) => defined.has(`${b.name} ${axis}`)))
        lines.push(
          `expectShape("${key(b.of)}", inputs.${key(b.of)}, [${this.#shape(b.shape, ", ")}], ${arrayType(b)});`,
        );
    for (const b of this.#arrays) lines.push(`const ${b.name} = inputs.${key(b.of)}.data;`);
    lines.push(...this.#statements(scoped(door), ""));
    return lines.map((line) => `  ${line}`);
  }

  #statements(statements: readonly Statement[], indent: string): readonly string[] {
    const buffers = new Map(this.#nest.buffers.map((b) => [b.name, b]));
    return emitStatements(statements, { target: this.#options.target, buffers }, indent);
  }

  #volume(shape: readonly Extent[]): string {
    return shape.length === 0 ? "1" : this.#shape(shape, " * ");
  }

  #resultBuffers(): readonly string[] {
    return this.#results
      .filter((r) => !r.scalar)
      .map((r) => `  const ${r.name} = bufferFor("${r.key}", into.${r.key}, ${this.#volume(r.shape)});`);
  }

  #scratch(): readonly string[] {
    return this.#nest.buffers
      .filter((b) => b.role === "scratch")
      .map((b) => `  const ${b.name} = new ${arrayType(b)}(${this.#volume(b.shape)});`);
  }

  #return(named: (r: Result) => string): readonly string[] {
    const show = (r: Shown) =>
      r.scalar ? named(r) : `{ shape: [${this.#shape(r.shape, ", ")}], data: ${r.name} }`;
    const value = show(this.#results.find((r) => r.wrt === undefined)!);
    const gradients = this.#results.filter((r) => r.wrt !== undefined).map((r) => `${r.key}: ${show(r)}`);
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

  #friendlyLoops(): readonly string[] {
    const door = this.#door();
    return [
      ...this.#signature(),
      ...withoutUnused([
        ...door,
        ...(door.length > 0 ? [""] : []),
        ...this.#resultBuffers(),
        ...this.#scratch(),
        ...this.#statements(this.#nest.body, "  "),
        ...this.#return((r) => r.name),
      ]),
      "}",
    ];
  }

  /** Parameters of the bare kernel: inputs as flat arrays and numbers, then where results go. */
  #kernelParameters(): readonly {
    readonly name: string;
    readonly type: string;
    readonly argument: string;
  }[] {
    const results = this.#results;
    return [
      ...this.#arrays.map((b) => ({ name: b.name, type: arrayType(b), argument: b.name })),
      ...this.#nest.parameters.map((p: Parameter) => ({ name: p.name, type: "number", argument: p.name })),
      ...results
        .filter((r) => !(r.scalar && r.wrt === undefined))
        .map((r) => ({
          name: r.scalar ? `${r.name}_out` : r.name,
          type: "Float64Array",
          argument: r.scalar ? `${r.name}_out` : r.name,
        })),
    ];
  }

  #factory(): readonly string[] {
    const sizes = this.#nest.sizes.map((s) => s.name);
    const used = sizes.join(", ");
    const parameters = this.#kernelParameters().map((p) => `${p.name}‹: ${p.type}›`);
    const value = this.#results.find((r) => r.wrt === undefined)!;
    const scalars = this.#results.filter((r) => r.scalar && r.wrt !== undefined);
    const given =
      sizes.length === 0 ? "" : `{ ${used} }‹: { ${sizes.map((s) => `readonly ${s}: number`).join("; ")} }›`;
    return this.#lines(
      `/** A kernel for arrays of these sizes. It works on flat row-major arrays, checks nothing and allocates nothing. */`,
      `export function create${this.#type}(${given}) {`,
      ...this.#scratch(),
      `  return function kernel(${parameters.join(", ")})‹: ${value.scalar ? "number" : "void"}› {`,
      ...this.#statements(this.#nest.body, "    "),
      ...scalars.map((r) => `    ${r.name}_out[0] = ${r.name};`),
      ...(value.scalar ? [`    return ${value.name};`] : []),
      "  };",
      "}",
    );
  }

  #friendlyFused(): readonly string[] {
    const sizes = this.#nest.sizes.map((s) => s.name);
    const value = this.#results.find((r) => r.wrt === undefined)!;
    const scalars = this.#results.filter((r) => r.scalar && r.wrt !== undefined);
    const given = sizes.length === 0 ? "" : `{ ${sizes.join(", ")} }`;
    const call = `latest.run(${this.#kernelParameters()
      .map((p) => p.argument)
      .join(", ")})`;
    return [
      "// The kernel of the last call, for calls of the same sizes.",
      ...this.#lines(
        `let latest‹: { readonly sizes: string; readonly run: ReturnType<typeof create${this.#type}> } | undefined›;`,
      ),
      "",
      ...this.#signature(),
      ...withoutUnused([
        ...this.#door(),
        ...this.#resultBuffers(),
        ...scalars.map((r) => `  const ${r.name}_out = new Float64Array(1);`),
        `  const sizes = ${sizes.length === 0 ? '""' : `\`${sizes.map((s) => `\${${s}}`).join(" ")}\``};`,
        `  if (latest?.sizes !== sizes) latest = { sizes, run: create${this.#type}(${given}) };`,
        value.scalar ? `  const ${value.name} = ${call};` : `  ${call};`,
        ...this.#return((r) =>
          r.wrt === undefined ? r.name : this.#ts ? `${r.name}_out[0]!` : `${r.name}_out[0]`,
        ),
      ]),
      "}",
    ];
  }
}

const resultType = (r: Result): string => (r.scalar ? "number" : "Tensor");

/** Lines of a function without the constants at its beginning that nothing after them uses. */
function withoutUnused(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  const used = (name: string) => kept.some((later) => new RegExp(`\\b${name}\\b`, "u").test(later));
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

const arrayType = (b: Buffer): string =>
  b.type === "bool" ? "Uint8Array" : b.type === "int" && b.role === "input" ? "Int32Array" : "Float64Array";

/** Constants of the door stay in it. */
const scoped = (door: readonly Statement[]): readonly Statement[] =>
  door.some((s) => s.kind === "let")
    ? [{ kind: "if", guard: { kind: "const", type: "bool", value: 1 }, yes: door, no: [] }]
    : door;

/** Keys of the interface: the user's names in Latin letters, each once. */
function keysOf(nest: Nest, output: string): ReadonlyMap<string, string> {
  const taken = new Set<string>(["__proto__"]);
  const names = [...nest.buffers.filter((b) => b.role === "input"), ...nest.parameters].map((x) => x.of);
  const gradients = nest.results.flatMap((r) => (r.wrt === undefined ? [] : [r.wrt]));
  return new Map(
    [...new Set([...names, output, ...gradients])].map((of) => {
      let key = latin(of);
      for (let n = 2; taken.has(key); n++) key = `${latin(of)}${n}`;
      taken.add(key);
      return [of, key];
    }),
  );
}
