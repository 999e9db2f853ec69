/**
 * Identifiers of emitted code: from the user's names, in letters that every target takes.
 *
 * Greek becomes Latin (`Δ` is `Delta`), accents are dropped, what is left over becomes its
 * code point. Words that mean something in a target get an underscore, names that are
 * taken a number. Two names of the user never become one identifier.
 */
import { plainest } from "./rename.ts";

// prettier-ignore
const greek: Readonly<Record<string, string>> = {
  α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", ζ: "zeta", η: "eta", θ: "theta", ι: "iota",
  κ: "kappa", λ: "lambda", μ: "mu", ν: "nu", ξ: "xi", ο: "omicron", π: "pi", ρ: "rho", σ: "sigma", ς: "sigma",
  τ: "tau", υ: "upsilon", φ: "phi", χ: "chi", ψ: "psi", ω: "omega", ϵ: "epsilon", ϑ: "theta", ϕ: "phi",
};

// Words of JavaScript, TypeScript, C and Python.
// prettier-ignore
const words: readonly string[] = [
  "abstract", "any", "arguments", "as", "assert", "async", "await", "boolean", "break", "case", "catch", "class", "const",
  "continue", "debugger", "declare", "default", "delete", "do", "else", "enum", "eval", "export", "extends", "false",
  "finally", "for", "from", "function", "get", "if", "implements", "import", "in", "instanceof", "interface", "is", "keyof",
  "let", "module", "namespace", "never", "new", "null", "number", "object", "of", "package", "private", "protected",
  "public", "readonly", "return", "set", "static", "string", "super", "switch", "symbol", "this", "throw", "true", "try",
  "type", "typeof", "undefined", "unknown", "var", "void", "while", "with", "yield",
  "auto", "char", "double", "extern", "float", "goto", "inline", "int", "long", "main", "register", "restrict", "short",
  "signed", "sizeof", "struct", "typedef", "union", "unsigned", "volatile", "bool", "NULL",
  "and", "def", "del", "elif", "except", "global", "lambda", "nonlocal", "not", "or", "pass", "print", "raise", "None",
  "True", "False", "self", "range", "len", "np", "jax", "jnp", "torch",
];

// Names of the targets' libraries, and names of functions that emitted code has beside the kernel.
// prettier-ignore
const library: readonly string[] = [
  "Math", "Number", "Object", "Array", "String", "Symbol", "Error", "RangeError", "TypeError", "NaN", "Infinity", "globalThis",
  "Float64Array", "Float32Array", "Int32Array", "Uint8Array", "Function", "Map", "Set", "process", "require", "exports",
  "constructor", "prototype", "hasOwnProperty", "toString", "valueOf", "isPrototypeOf",
  "relu", "roundoff", "mulRoundoff", "expSum", "exactSum", "sigmoid", "softplus", "sharpSigmoid", "sharpSoftplus", "less1", "upperHalf", "erf", "erfc", "erfcOf", "erfLess", "polynomial", "axesOf", "expectShape", "numberOf", "integerOf", "bufferFor", "latest",
  "contract", "contractCopied", "isInTheWay", "TERMS", "OUT_BLOCK", "A_BLOCK", "B_BLOCK", "tile8x10", "tile8x3", "tile8x1", "tile4x10", "tile4x3", "tile4x1", "tile2x10", "tile2x3", "tile2x1", "tile1x10", "tile1x3", "tile1x1",
  "WebAssembly", "WeakMap", "atob", "kernelIn", "kernels", "fits", "compiled", "binaries", "decoded", "poolOf", "shareWith", "pause",
  "threadMain", "SharedArrayBuffer", "Atomics", "Worker", "URL", "Blob", "console",
  "abs", "acos", "asin", "atan", "cbrt", "ceil", "cos", "cosh", "exp", "expm1", "floor", "fmax", "fmin", "hypot",
  "log", "log1p", "log2", "log10", "max", "min", "pow", "sin", "sinh", "sqrt", "tan", "tanh", "y0", "y1", "yn", "j0", "j1", "jn",
];

// Names inside emitted functions.
const local: readonly string[] = ["inputs", "into", "sizes", "kernel", "given", "numbers", "start", "run"];

const reserved: ReadonlySet<string> = new Set([...words, ...library, ...local]);

const isLatin = /^[A-Za-z_][A-Za-z0-9_]*$/u;

/** `name` in Latin letters, digits and `_`, not beginning with a digit; never empty. */
export function latin(name: string): string {
  if (isLatin.test(name)) return name;
  // What follows a prime tells made-up indices apart; the name before it is as good as any.
  const letters = [...name.replace(/′.*$/u, "").normalize("NFD").replaceAll(/\p{M}/gu, "")].map((c) => {
    if (/[A-Za-z0-9_]/u.test(c)) return c;
    const small = greek[c.toLowerCase()];
    if (small !== undefined) return c === c.toLowerCase() ? small : small[0]!.toUpperCase() + small.slice(1);
    return /[\p{L}\p{N}]/u.test(c) ? `u${c.codePointAt(0)!.toString(16)}` : "";
  });
  const joined = letters.join("");
  return /^[A-Za-z_]/u.test(joined) ? joined : `v${joined}`;
}

/** An identifier for what a module exports; `own` are names that it has already. */
export const exportedName = (wanted: string, own: readonly string[]): string =>
  plainest(latin(wanted), (name) => words.includes(name) || library.includes(name) || own.includes(name));

/** Hands out identifiers, each once; loop indices may be handed out again to sibling loops. */
export class Names {
  readonly #taken: Set<string>;
  readonly #indices: Set<string>;
  readonly #stems: Map<string, string>;

  constructor(like?: Names) {
    this.#taken = new Set(like ? like.#taken : reserved);
    this.#indices = new Set(like ? like.#indices : []);
    this.#stems = new Map(like ? like.#stems : []);
  }

  /** An identifier like `wanted` that nothing else in the nest has. */
  fresh(wanted: string): string {
    const plain = latin(wanted);
    const stem = reserved.has(plain) ? `${plain}_` : plain;
    const name = plainest(stem, (n) => this.#taken.has(n) || this.#indices.has(n));
    this.#taken.add(name);
    this.#stems.set(name, stem);
    return name;
  }

  /** An identifier for a loop index, apart from those in `open`, the indices of the loops around it. */
  index(wanted: string, open: ReadonlySet<string>): string {
    const name = plainest(latin(wanted), (n) => open.has(n) || this.#taken.has(n));
    this.#indices.add(name);
    return name;
  }

  /** What each identifier was like before it had to differ from others. */
  stems(): ReadonlyMap<string, string> {
    return this.#stems;
  }

  /** Names that no constant of a block may have: reserved words, indices, and `more`. */
  fixed(more: Iterable<string>): ReadonlySet<string> {
    return new Set([...reserved, ...this.#indices, ...more]);
  }

  /** Names for a part that shares none of its own with the rest. */
  fork(): Names {
    return new Names(this);
  }
}
