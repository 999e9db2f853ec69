/** The second opinion on our WebAssembly: wabt validates it and writes it out as text. */
import wabtModule from "wabt";

/** What we use of wabt. */
interface Wabt {
  readWasm(bytes: Uint8Array, options: { readonly [feature: string]: boolean }): Module;
}

interface Module {
  applyNames(): void;
  validate(options: { readonly [feature: string]: boolean }): void;
  toText(options: { readonly foldExprs: boolean; readonly inlineExport: boolean }): string;
  destroy(): void;
}

const features = {
  simd: true,
  bulk_memory: true,
  threads: true,
  relaxed_simd: true,
  sat_float_to_int: true,
  readDebugNames: true,
};

// The package's own types are those of CommonJS, in which the function is the module.
const wabt = (wabtModule as unknown as () => Promise<Wabt>)();

/** The module as text; throws when it is not valid. */
export async function disassemble(bytes: Uint8Array): Promise<string> {
  const module = (await wabt).readWasm(bytes, features);
  try {
    module.validate(features);
    module.applyNames();
    return module.toText({ foldExprs: false, inlineExport: false });
  } finally {
    module.destroy();
  }
}
