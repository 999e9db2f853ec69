/** What a module shows its callers: the names and keys they use, and their arrays' classes and shapes. */
import type { Extent } from "../expr/extent.ts";
import { exportedName, latin } from "../loop/identifier.ts";
import type { Buffer, Nest, Result, Statement } from "../loop/nest.ts";
import { inTarget } from "./functions.ts";
import type { ModuleOptions } from "./options.ts";
import { roundedResults } from "./rounded.ts";
import { SizeText } from "./size.ts";
import { emitStatements } from "./statement.ts";

/** A result with the key that the interface has for it. */
export type Shown = Result & { readonly key: string; readonly shape: readonly Extent[] };

/** Names that functions of `functions.ts` take, and constants. */
const reserved = [
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
];

export class Face {
  readonly nest: Nest;
  readonly options: ModuleOptions;
  readonly sizes: SizeText;
  /** For each of the user's names of inputs and of the output, the key that the code uses for it. */
  readonly keys: ReadonlyMap<string, string>;
  /** The exported function, and the same with a capital. */
  readonly entry: string;
  readonly type: string;
  /** The class of real arrays that callers see. */
  readonly reals: "Float64Array" | "Float32Array";
  /** Results in single precision that are read or added to on the way, with what the caller's array is called. */
  readonly rounded: ReadonlyMap<string, string>;
  readonly #buffers: ReadonlyMap<string, Buffer>;

  constructor(nest: Nest, options: ModuleOptions) {
    this.nest = nest;
    this.#buffers = new Map(nest.buffers.map((b) => [b.name, b]));
    this.options = options;
    this.sizes = new SizeText(nest);
    this.keys = keysOf(nest, options.output);
    this.entry = exportedName(options.name, reserved);
    this.type = this.entry[0]!.toUpperCase() + this.entry.slice(1);
    this.reals = options.precision === "float32" ? "Float32Array" : "Float64Array";
    // A body of another kind rounds by itself.
    this.rounded =
      this.reals === "Float32Array" && options.body === undefined ? roundedResults(nest) : new Map();
  }

  get isTypeScript(): boolean {
    return this.options.target === "ts";
  }

  get arrays(): readonly Buffer[] {
    return this.nest.buffers.filter((b) => b.role === "input");
  }

  get results(): readonly Shown[] {
    return this.nest.results.map((r) => ({
      ...r,
      key: this.keys.get(r.wrt ?? this.options.output)!,
      shape: this.nest.buffers.find((b) => b.name === r.name)?.shape ?? [],
    }));
  }

  get value(): Shown {
    return this.results.find((r) => r.wrt === undefined)!;
  }

  get gradients(): readonly Shown[] {
    return this.results.filter((r) => r.wrt !== undefined);
  }

  arrayType(b: Buffer): string {
    if (b.type === "bool") return "Uint8Array";
    if (b.role === "scratch") return "Float64Array";
    return b.type === "int" && b.role === "input" ? "Int32Array" : this.reals;
  }

  /** What the caller's array for a result is called. */
  given(r: Result): string {
    return this.rounded.get(r.name) ?? r.name;
  }

  shape(shape: readonly Extent[], joint = " × "): string {
    return shape.map((extent) => this.sizes.name(extent)).join(joint);
  }

  /** How many elements an array of this shape has, as code. */
  volume(shape: readonly Extent[]): string {
    return shape.length === 0 ? "1" : this.shape(shape, " * ");
  }

  /** Code with TypeScript's types in `‹…›`. */
  lines(...lines: readonly string[]): readonly string[] {
    return lines.map((line) => inTarget(line, this.options.target));
  }

  statements(statements: readonly Statement[], indent: string): readonly string[] {
    const fast = this.options.style === "fused";
    return emitStatements(statements, { target: this.options.target, buffers: this.#buffers, fast }, indent);
  }
}

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
