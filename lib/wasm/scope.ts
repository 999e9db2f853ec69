/** What a name of the nest is while a function is written: a local, with the address of each buffer beside it. */
import type { Code, Local } from "./code.ts";

export class Scope {
  readonly #names = new Map<string, Local>();
  readonly #bases = new Map<string, Code>();

  define(name: string, local: Local): void {
    this.#names.set(name, local);
  }

  local(name: string): Local {
    const known = this.#names.get(name);
    if (known === undefined) throw new Error(`${name} reached WebAssembly before it was defined`);
    return known;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  placeBuffer(name: string, address: Code): void {
    this.#bases.set(name, address);
  }

  /** The address of a buffer's first element. */
  address(buffer: string): Code {
    const known = this.#bases.get(buffer);
    if (known === undefined) throw new Error(`${buffer} reached WebAssembly without an address`);
    return known;
  }
}
