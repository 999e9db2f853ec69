/**
 * A kernel of WebAssembly as a module of JavaScript that needs nothing else: the binary in base64, a function
 * `create…` that gives it a memory, and the function that checks its inputs, as the other targets have it.
 */
import type { ModuleParts } from "../emit/options.ts";
import { base64 } from "./base64.ts";
import type { WasmKernel } from "./kernel.ts";
import type { Layout } from "./layout.ts";
import type { Element } from "./storage.ts";
import { mostChunks } from "./threads/chunks.ts";
import { poolText } from "./threads/pool.ts";

// prettier-ignore
const arrayTypes: Readonly<Record<Element, string>> = { f64: "Float64Array", f32: "Float32Array", i32: "Int32Array", u8: "Uint8Array" };

/** The module after its head and types, save for its `wasmData`. */
export function wasmBody(kernel: WasmKernel, parts: ModuleParts, threads = 0): readonly string[] {
  return [...factory(kernel, parts), "", ...friendly(kernel.layout, parts), "", ...memory(kernel, threads)];
}

/** The binary, with relaxed instructions and without. */
export function wasmData({ bytes, relaxed }: WasmKernel): readonly string[] {
  const plain = `"${base64(bytes)}"`;
  if (relaxed === undefined) return [`const binaries = [${plain}];`];
  return [
    "// With relaxed multiply-adds, for engines that have them (results may then differ by a rounding); without them.",
    `const binaries = ["${base64(relaxed)}", ${plain}];`,
  ];
}

/** A scalar input or result in the frame. */
const number = (offset: number): string => `kernel.numbers[${offset / 8}]`;

function factory(
  { layout, own }: WasmKernel,
  { type, sizes, results, volume }: ModuleParts,
): readonly string[] {
  const given = layout.parameters.map((p) => p.name).join(", ");
  const value = results.find((r) => r.wrt === undefined)!;
  const rows = layout.buffers.map(({ name, role, element, shape, copies }) => {
    const shown = role === "scratch" ? "undefined" : `"${name}"`;
    return `    [${shown}, ${arrayTypes[element]}, ${copies === 1 ? "" : `${copies} * `}${volume(shape)}${own.has(name) ? ", true" : ""}],`;
  });
  const scalar = (name: string): string => number(layout.results.find((r) => r.name === name)!.offset);
  return [
    "/**",
    " * A kernel for arrays of these sizes, with a memory of its own. Its arrays are views of that memory: fill the",
    ` * inputs, call \`run(${given})\`, read the results; no copy is made, nothing is checked, nothing is allocated.`,
    " */",
    `export function create${type}(${sizes.length === 0 ? "" : `{ ${sizes.join(", ")} }`}) {`,
    `  const kernel = kernelIn([${sizes.join(", ")}], [`,
    ...rows,
    "  ]);",
    `  kernel.run = (${given}) => {`,
    ...layout.parameters.map(({ name, offset }) => `    ${number(offset)} = ${name};`),
    "    kernel.start();",
    ...results
      .filter((r) => r.scalar && r.wrt !== undefined)
      .map((r) => `    kernel.${r.name} = ${scalar(r.name)};`),
    ...(value.scalar ? [`    return ${scalar(value.name)};`] : []),
    "  };",
    "  return kernel;",
    "}",
  ];
}

function friendly(layout: Layout, parts: ModuleParts): readonly string[] {
  const { type, sizes, arrays, results, signature, door, volume } = parts;
  const given = layout.parameters.map((p) => p.name).join(", ");
  const value = results.find((r) => r.wrt === undefined)!;
  const buffers = results.filter((r) => !r.scalar);
  const shapeOf = (name: string) => layout.buffers.find((b) => b.name === name)!.shape;
  const call = `kernel.run(${given})`;
  const sizesGiven = sizes.length === 0 ? "" : `{ ${sizes.join(", ")} }`;
  const fitting = (of: string): string => `fits(${[of, ...sizes].join(", ")})`;
  const own = arrays.map(({ name }) => ` && ${name} === kernel.${name}`).join("");
  const search = `[${arrays.map((b) => b.name).join(", ")}].map(({ buffer }) => kernels.get(buffer)).find((own) => ${fitting("own")})`;
  return [
    "// The kernel of the last call, and all kernels by their memory.",
    "let latest;",
    "const kernels = new WeakMap();",
    `const fits = (${["kernel", ...sizes].join(", ")}) => ${fitsText(sizes)};`,
    "",
    ...signature,
    ...parts.withoutUnused([
      ...door,
      `  let kernel = ${fitting("latest")} ? latest : undefined;`,
      "  // Arrays that are views of a kernel's memory already stay where they are.",
      `  if (!(kernel !== undefined${own})) {`,
      ...(arrays.length === 0 ? [] : [`    kernel = ${search} ?? kernel;`]),
      `    latest = kernel ??= create${type}(${sizesGiven});`,
      "  }",
      ...arrays.map(({ name }) => `  if (${name} !== kernel.${name}) kernel.${name}.set(${name});`),
      value.scalar ? `  const ${value.name} = ${call};` : `  ${call};`,
      ...buffers.flatMap(({ name, key }) => [
        `  const ${name} = bufferFor("${key}", into.${key}, ${volume(shapeOf(name))});`,
        `  if (${name} !== kernel.${name}) ${name}.set(kernel.${name});`,
      ]),
      ...parts.return((r) => (r.wrt === undefined ? r.name : `kernel.${r.name}`)),
    ]),
    "}",
  ];
}

/** Whether a kernel is for arrays of these sizes. */
const fitsText = (sizes: readonly string[]): string =>
  sizes.length === 0
    ? "kernel !== undefined"
    : sizes.map((s, n) => `kernel${n === 0 ? "?" : ""}.sizes[${n}] === ${s}`).join(" && ");

/** The least number of values, inputs and results together, for which a call is shared out among threads. */
const worthThreads = 2 ** 17;

/** The function that gives a kernel its memory. */
function memory(kernel: WasmKernel, threads: number): readonly string[] {
  const { layout, asksHost } = kernel;
  const { frameAt, frameBytes, arraysAt } = layout;
  const numbers = layout.parameters.length + layout.results.length;
  const shares = threads > 0 && kernel.shared > 0;
  const imports = [
    `host: { memory${shares ? ", share: (loop, chunks) => share(loop, chunks)" : ""} }`,
    ...(asksHost ? ["Math"] : []),
  ];
  const limits = threads > 0 ? "{ initial: pages, maximum: pages, shared: true }" : "{ initial: pages }";
  return [
    "let compiled;",
    "",
    "const decoded = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));",
    "",
    "/** Gives a kernel its memory: numbers, sizes, the addresses of the arrays, then the arrays. */",
    "function kernelIn(sizes, arrays) {",
    `  let end = ${arraysAt};`,
    `  const place = ([, Data, length]) => {`,
    "    const address = end;",
    "    end += 64 * Math.ceil((length * Data.BYTES_PER_ELEMENT) / 64) + 64;",
    "    return address;",
    "  };",
    "  const addresses = arrays.map(place);",
    ...(shares
      ? [
          "  // Each chunk of a loop that is shared out has some arrays of its own.",
          `  const chunks = Array.from({ length: ${mostChunks} }, () =>`,
          "    arrays.map((array, n) => (array[3] ? place(array) : addresses[n])),",
          "  );",
        ]
      : []),
    "  if (end > 2 ** 32) throw new RangeError(`the arrays take ${end} bytes, but WebAssembly addresses no more than 4 GiB`);",
    "  const pages = Math.ceil(end / 65536);",
    `  const memory = new WebAssembly.Memory(${limits});`,
    "  compiled ??= new WebAssembly.Module(binaries.map(decoded).find((bytes) => WebAssembly.validate(bytes)));",
    `  const { run${shares ? ", spread, part" : ""} } = new WebAssembly.Instance(compiled, { ${imports.join(", ")} }).exports;`,
    `  const numbers = new Float64Array(memory.buffer, ${frameAt}, ${numbers});`,
    `  new Int32Array(memory.buffer, ${frameAt + 8 * numbers}).set([...sizes, ...addresses]);`,
    ...(shares
      ? [
          "  for (const [n, own] of chunks.entries()) {",
          `    new Int32Array(memory.buffer, ${frameAt + frameBytes + 8 * numbers} + ${frameBytes} * n).set([...sizes, ...own]);`,
          "  }",
          "  // Small arrays are not worth waking threads.",
          "  const values = arrays.reduce((sum, [name, , length]) => sum + (name === undefined ? 0 : length), 0);",
          `  const large = values >= ${worthThreads};`,
          `  const sent = { compiled, memory, frame: ${frameAt} };`,
          `  const share = large ? shareWith(poolOf(${threads}), ${threads}, sent, part) : undefined;`,
          `  const start = large ? () => spread(${frameAt}) : () => run(${frameAt});`,
        ]
      : [`  const start = () => run(${frameAt});`]),
    `  const kernel = { sizes, numbers, start };`,
    "  for (const [n, [name, Data, length]] of arrays.entries()) {",
    "    if (name !== undefined) kernel[name] = new Data(memory.buffer, addresses[n], length);",
    "  }",
    "  kernels.set(memory.buffer, kernel);",
    "  return kernel;",
    "}",
    ...(shares ? ["", ...poolText.split("\n")] : []),
  ];
}
