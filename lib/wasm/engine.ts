/** The engine that runs WebAssembly: what we use of its interface, as Node and browsers have it. */

export interface Memory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

export type HostFunction = (...values: number[]) => number;

/** What a module is given: functions and memories, by module and name. */
export type Imports = Readonly<Record<string, Readonly<Record<string, HostFunction | Memory>>>>;

/** A compiled module; it can be sent to another thread. */
export interface Compiled {
  readonly [Symbol.toStringTag]: string;
}

interface Engine {
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => Compiled;
  readonly Instance: new (
    module: Compiled,
    imports?: Imports,
  ) => { readonly exports: Readonly<Record<string, HostFunction>> };
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }) => Memory;
}

// A global that the language's own library does not declare; everything else goes through this type.
export const engine: Engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;
