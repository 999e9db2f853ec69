/**
 * What has been stored in memory a few statements ago: a read of the same place takes it from there, and need not wait for
 * memory.
 */
import { printScalar } from "../../loop/print.ts";
import type { Scalar } from "../../loop/nest.ts";
import type { Local } from "../code.ts";

export class Stored {
  /** By buffer: the offset as text, and the value. */
  #known = new Map<string, { readonly offset: string; readonly value: Local }>();

  at(buffer: string, offset: Scalar): Local | undefined {
    const known = this.#known.get(buffer);
    return known?.offset === printScalar(offset) ? known.value : undefined;
  }

  set(buffer: string, offset: Scalar, value: Local): void {
    this.#known.set(buffer, { offset: printScalar(offset), value });
  }

  /** The buffer may hold something else now. */
  forget(buffer: string): void {
    this.#known.delete(buffer);
  }

  forgetAll(): void {
    this.#known.clear();
  }

  /**
   * Statements that run perhaps, or again and again: what was stored before is known in them where `keeps` says so, what they
   * store is not known after them.
   */
  within(write: () => void, written: Iterable<string>, keeps: boolean): void {
    const before = this.#known;
    this.#known = new Map(keeps ? before : []);
    write();
    this.#known = before;
    for (const buffer of written) before.delete(buffer);
  }
}
