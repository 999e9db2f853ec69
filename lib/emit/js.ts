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
import { plainest } from "../loop/rename.ts";
import { effectsOf } from "../schedule/effects.ts";
import {
  named,
  type Buffer,
  type Nest,
  type Parameter,
  type Result,
  type Statement,
  type Scalar,
} from "../loop/nest.ts";
import { comment, wrapped } from "./comment.ts";
import { doorText } from "./door.ts";
import { functionsIn, inTarget } from "./functions.ts";
import { outlined, rounds, type Outlined } from "./outline.ts";
import { emitScalar, type Target } from "./scalar.ts";
import { SizeText } from "./size.ts";
import { emitStatements } from "./statement.ts";

export interface ModuleOptions {
  readonly target: Target;
  readonly style: "loops" | "fused";
  /**
   * How real arrays are stored, inputs and results; `float64` when missing. Arithmetic is in doubles all the same,
   * and what is added up is so in doubles: each element of a result is rounded once.
   */
  readonly precision?: Precision | undefined;
  /** The output's name, as the user wrote it. */
  readonly output: string;
  /** What the exported function is called. */
  readonly name: string;
  /** Formulas for the head of the file, a line each. */
  readonly head: readonly string[];
  /** How the user writes an input: `X[i,d]`. */
  readonly written: ReadonlyMap<string, string>;
  /** What stands in the place of the kernel and of the function around it, when the kernel is not JavaScript. */
  readonly body?: (parts: ModuleParts) => readonly string[];
}

/** Parts of a module for a kernel that is not JavaScript. */
export interface ModuleParts {
  /** The exported function, and the same with a capital: `create…` is named after it. */
  readonly entry: string;
  readonly type: string;
  readonly sizes: readonly string[];
  readonly arrays: readonly Buffer[];
  readonly results: readonly (Result & { readonly key: string })[];
  /** The head of the exported function, with its comment. */
  readonly signature: readonly string[];
  /** Shape and label checks; then the inputs under their own names. */
  readonly door: readonly string[];
  /** The return of the exported function; each scalar as it is named. */
  return(named: (r: Result) => string): readonly string[];
  /** How many elements an array of this shape has, as code. */
  volume(shape: readonly Extent[]): string;
  readonly withoutUnused: (lines: readonly string[]) => readonly string[];
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

export type Precision = "float64" | "float32";

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
  /** The class of real arrays that callers see. */
  readonly #reals: "Float64Array" | "Float32Array";
  /** Results in single precision that are read or added to on the way, with what the caller's array is called. */
  readonly #rounded: ReadonlyMap<string, string>;

  constructor(nest: Nest, options: ModuleOptions) {
    this.#nest = nest;
    this.#options = options;
    this.#sizes = new SizeText(nest);
    this.#keys = keysOf(nest, options.output);
    this.#entry = exportedName(options.name, [
      "ratio",
      "polynomial",
      "NEAR",
      "MIDDLE",
      "FAR",
      "ROOTS",
      "ROOTS_LACK",
      "POWERS",
      "TERMS",
      "SERIES",
    ]);
    this.#type = this.#entry[0]!.toUpperCase() + this.#entry.slice(1);
    this.#reals = options.precision === "float32" ? "Float32Array" : "Float64Array";
    // A body of another kind rounds by itself.
    this.#rounded =
      this.#reals === "Float32Array" && options.body === undefined ? roundedResults(nest) : new Map();
  }

  module(): Module {
    const body =
      this.#options.body?.(this.#parts()) ??
      (this.#options.style === "fused"
        ? [...this.#factory(), "", ...this.#friendlyFused()]
        : this.#friendlyLoops());
    const text = body.join("\n");
    const parts = [
      this.#head().join("\n"),
      this.#types().join("\n"),
      text,
      ...functionsIn(text, this.#options.target).map((f) => this.#anyReals(f)),
      ...doorText(text, this.#options.target, this.#reals),
    ];
    return {
      code: `${parts.filter((part) => part !== "").join("\n\n")}\n`,
      entry: this.#entry,
      keys: this.#keys,
    };
  }

  #parts(): ModuleParts {
    return {
      entry: this.#entry,
      type: this.#type,
      sizes: this.#nest.sizes.map((s) => s.name),
      arrays: this.#arrays,
      results: this.#results,
      signature: this.#signature(),
      door: this.#door(),
      return: (named) => this.#return(named),
      volume: (shape) => this.#volume(shape),
      withoutUnused,
    };
  }

  /** A function's text with types that let arrays of both precisions in. */
  #anyReals(text: string): string {
    return this.#ts && this.#reals === "Float32Array"
      ? text.replaceAll(/: Float64Array\b/gu, ": Float32Array | Float64Array")
      : text;
  }

  #arrayType(b: Buffer): string {
    if (b.type === "bool") return "Uint8Array";
    if (b.role === "scratch") return "Float64Array";
    return b.type === "int" && b.role === "input" ? "Int32Array" : this.#reals;
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
          ? [`/** Row-major. @typedef {{ shape: readonly number[], data: ${this.#reals} }} Tensor */`]
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
            `  readonly data: ${this.#reals};`,
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
      ...buffers.map((r) => `  readonly ${r.key}?: ${this.#reals} | undefined;`),
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
          ` * @param {Record<string, ${this.#reals} | undefined>} [into] where the results go; what is missing is allocated`,
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
        `const [${axes.join(", ")}] = axesOf("${key(b.of)}", inputs.${key(b.of)}, ${b.shape.length}, ${this.#arrayType(b)});`,
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
          `expectShape("${key(b.of)}", inputs.${key(b.of)}, [${this.#shape(b.shape, ", ")}], ${this.#arrayType(b)});`,
        );
    for (const b of this.#arrays) lines.push(`const ${b.name} = inputs.${key(b.of)}.data;`);
    lines.push(...this.#statements(scoped(door), ""));
    return lines.map((line) => `  ${line}`);
  }

  #statements(statements: readonly Statement[], indent: string): readonly string[] {
    const buffers = new Map(this.#nest.buffers.map((b) => [b.name, b]));
    const fast = this.#options.style === "fused";
    return emitStatements(statements, { target: this.#options.target, buffers, fast }, indent);
  }

  #volume(shape: readonly Extent[]): string {
    return shape.length === 0 ? "1" : this.#shape(shape, " * ");
  }

  #resultBuffers(): readonly string[] {
    return this.#results
      .filter((r) => !r.scalar)
      .map(
        (r) => `  const ${this.#given(r)} = bufferFor("${r.key}", into.${r.key}, ${this.#volume(r.shape)});`,
      );
  }

  /** What the caller's array for a result is called. */
  #given(r: Result): string {
    return this.#rounded.get(r.name) ?? r.name;
  }

  #scratch(): readonly string[] {
    return this.#nest.buffers
      .filter((b) => b.role === "scratch" || this.#rounded.has(b.name))
      .map((b) => {
        const type = this.#arrayType({ ...b, role: "scratch" });
        return `  const ${b.name} = new ${type}(${this.#volume(b.shape)});`;
      });
  }

  #rounding(): readonly string[] {
    return [...this.#rounded].map(([name, given]) => `  ${given}.set(${name});`);
  }

  #return(named: (r: Result) => string): readonly string[] {
    const show = (r: Shown) =>
      r.scalar ? named(r) : `{ shape: [${this.#shape(r.shape, ", ")}], data: ${this.#given(r)} }`;
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
        ...this.#rounding(),
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
      ...this.#arrays.map((b) => ({ name: b.name, type: this.#arrayType(b), argument: b.name })),
      ...this.#nest.parameters.map((p: Parameter) => ({ name: p.name, type: "number", argument: p.name })),
      ...results
        .filter((r) => !(r.scalar && r.wrt === undefined))
        .map((r) => ({
          name: r.scalar ? `${r.name}_out` : this.#given(r),
          type: r.scalar ? "Float64Array" : this.#reals,
          argument: r.scalar ? `${r.name}_out` : this.#given(r),
        })),
    ];
  }

  #factory(): readonly string[] {
    const sizes = this.#nest.sizes.map((s) => s.name);
    const parameters = this.#kernelParameters().map((p) => `${p.name}‹: ${p.type}›`);
    const value = this.#results.find((r) => r.wrt === undefined)!;
    const scalars = this.#results.filter((r) => r.scalar && r.wrt !== undefined);
    const { functions, body } = this.#passes();
    const code = [...this.#scratch(), ...functions, ...body];
    const used = sizes.filter((s) => code.some((line) => mentions(line, s)));
    const taken = used.length === 0 ? "_sizes" : `{ ${used.join(", ")} }`;
    const given =
      sizes.length === 0 ? "" : `${taken}‹: { ${sizes.map((s) => `readonly ${s}: number`).join("; ")} }›`;
    return this.#lines(
      `/** A kernel for arrays of these sizes. It works on flat row-major arrays, checks nothing and allocates nothing. */`,
      `export function create${this.#type}(${given}) {`,
      ...this.#scratch(),
      ...functions,
      `  return function kernel(${parameters.join(", ")})‹: ${value.scalar ? "number" : "void"}› {`,
      ...body,
      ...this.#rounding().map((line) => `  ${line}`),
      ...scalars.map((r) => `    ${r.name}_out[0] = ${r.name};`),
      ...(value.scalar ? [`    return ${value.name};`] : []),
      "  };",
      "}",
    );
  }

  /** The body of the bare kernel, and the functions that do its passes over rows. */
  #passes(): { readonly functions: readonly string[]; readonly body: readonly string[] } {
    const types = new Map(this.#kernelParameters().map((p) => [p.name, p.type]));
    const own = new Set(types.keys());
    const { defines } = effectsOf(this.#nest.body);
    const taken = new Set([...defines, ...own, ...this.#nest.sizes.map((s) => s.name)]);
    for (const b of this.#nest.buffers) taken.add(b.name);
    const fresh = (wanted: string): string => {
      const name = plainest(wanted, (n) => taken.has(n));
      taken.add(name);
      return name;
    };
    const functions: string[] = [];
    const body = this.#nest.body.flatMap((s, n) => {
      const part = outlined(s, own);
      if (s.kind === "let") {
        own.add(s.name);
        types.set(s.name, s.type === "bool" ? "boolean" : "number");
      }
      // Conditions are not kept as numbers.
      if (part === undefined || part.carried.some((c) => types.get(c) === "boolean")) {
        const lines = this.#statements([s], "    ");
        return s.kind === "comment" && n > 0 ? ["", ...lines] : lines;
      }
      const { definition, call } = this.#pass(part, types, fresh);
      functions.push(...definition);
      return call;
    });
    return { functions, body };
  }

  /** A function for a part of a pass, and the loop that calls it. */
  #pass(
    { loop, carried, passed }: Outlined,
    types: ReadonlyMap<string, string>,
    fresh: (wanted: string) => string,
  ): { readonly definition: readonly string[]; readonly call: readonly string[] } {
    const name = fresh("pass");
    const state = fresh("state");
    const scalar = (value: Scalar) => emitScalar(value, this.#options.target, true);
    const parameters = passed.map((p) => `${p}‹: ${types.get(p)!}›`);
    const [from, to] = [fresh("from"), fresh("to")];
    const blocks = loop.step !== undefined;
    const bounds = blocks ? [`${loop.index}‹: number›`] : [`${from}‹: number›`, `${to}‹: number›`];
    const inner = blocks
      ? this.#statements(loop.body, "    ")
      : this.#statements([{ ...loop, from: named(from, "int"), to: named(to, "int") }], "    ");
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

  #friendlyFused(): readonly string[] {
    const sizes = this.#nest.sizes.map((s) => s.name);
    const value = this.#results.find((r) => r.wrt === undefined)!;
    const scalars = this.#results.filter((r) => r.scalar && r.wrt !== undefined);
    const given = sizes.length === 0 ? "" : `{ ${sizes.join(", ")} }`;
    const call = `latest.run(${this.#kernelParameters()
      .map((p) => p.argument)
      .join(", ")})`;
    const others =
      sizes.length === 0
        ? "latest === undefined"
        : sizes.map((s, n) => `latest${n === 0 ? "?" : ""}.${s} !== ${s}`).join(" || ");
    return [
      "// The kernel of the last call, for calls of the same sizes.",
      ...this.#lines(
        `let latest‹: { ${sizes.map((s) => `readonly ${s}: number; `).join("")}readonly run: ReturnType<typeof create${this.#type}> } | undefined›;`,
      ),
      "",
      ...this.#signature(),
      ...withoutUnused([
        ...this.#door(),
        ...this.#resultBuffers(),
        ...scalars.map((r) => `  const ${r.name}_out = new Float64Array(1);`),
        `  if (${others}) latest = { ${[...sizes, `run: create${this.#type}(${given})`].join(", ")} };`,
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

/** Results that are more than stored, each with a name for where it is rounded to. */
function roundedResults(nest: Nest): ReadonlyMap<string, string> {
  const taken = new Set([...nest.sizes, ...nest.parameters, ...nest.buffers].map(({ name }) => name));
  const { accesses, defines } = effectsOf(nest.body);
  const results = nest.buffers.filter((b) => b.role === "result" && b.type === "real");
  const used = results.filter(({ name }) =>
    accesses.some((a) => a.buffer === name && (a.kind === "load" || (a.kind === "store" && a.by !== "set"))),
  );
  return new Map(
    used.map(({ name }) => {
      const given = plainest(`${name}_rounded`, (n) => taken.has(n) || defines.has(n));
      taken.add(given);
      return [name, given];
    }),
  );
}

/** Whether a line of code, not what is commented in it, has an identifier. */
const mentions = (line: string, name: string): boolean =>
  !/^\s*(?:\/\/|\/?\*)/u.test(line) && new RegExp(`\\b${name}\\b`, "u").test(line);

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
