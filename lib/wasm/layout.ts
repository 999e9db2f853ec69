/**
 * Where things are in a kernel's memory.
 *
 *   frame    scalar inputs and scalar results, doubles of eight bytes; then sizes and the addresses of the
 *            buffers, integers of four bytes
 *   work     space for copies of blocks
 *   buffers  one after another from `arraysAt` on, each at a multiple of 64 with room after it, so that whole
 *            vectors may be read and written at its end
 *
 * The module is given the address of the frame, so that threads can have frames of their own.
 */
import type { Buffer, Nest, Parameter, Result, Size } from "../loop/nest.ts";
import { workBytes } from "./contract/product.ts";
import { bytesOf, type Element, type Storage } from "./storage.ts";

export const alignment = 64;

export const aligned = (address: number): number => Math.ceil(address / alignment) * alignment;

/** A buffer, with the place of its address in the frame, and how many places each of its elements has. */
export interface Placed extends Buffer {
  readonly offset: number;
  readonly element: Element;
  readonly copies: number;
}

export interface Layout {
  /** The first free address; what functions need of tables lies below. */
  readonly frameAt: number;
  readonly arraysAt: number;
  /** Where the work space is, counted from the frame: what products need to copy blocks. */
  readonly workAt: number;
  /** The bytes of a frame with its work space. Where loops are shared out, frames of chunks follow the first. */
  readonly frameBytes: number;
  /** Where names are that get from one function to another. */
  readonly slots: ReadonlyMap<string, number>;
  readonly parameters: readonly (Parameter & { readonly offset: number })[];
  readonly results: readonly (Result & { readonly offset: number })[];
  readonly sizes: readonly (Size & { readonly offset: number })[];
  readonly buffers: readonly Placed[];
}

export interface LayoutOptions {
  readonly frameAt: number;
  /** Names that get from one function to another. */
  readonly slots?: readonly string[];
  /** Frames after the first. */
  readonly frames?: number;
}

export function layoutOf(
  nest: Nest,
  storage: Storage,
  { frameAt, slots: names = [], frames = 0 }: LayoutOptions,
): Layout {
  let end = 0;
  const place = (bytes: number): number => {
    end += bytes;
    return end - bytes;
  };
  const parameters = nest.parameters.map((p) => ({ ...p, offset: place(8) }));
  const results = nest.results.filter((r) => r.scalar).map((r) => ({ ...r, offset: place(8) }));
  const sizes = nest.sizes.map((s) => ({ ...s, offset: place(4) }));
  const buffers = nest.buffers.map((b) => ({
    ...b,
    offset: place(4),
    element: storage.element(b.name),
    copies: storage.copies(b.name),
  }));
  end = Math.ceil(end / 8) * 8;
  const slots = new Map([...new Set(names)].map((name) => [name, place(8)] as const));
  const workAt = aligned(end);
  const frameBytes = aligned(workAt + workBytes);
  const arraysAt = frameAt + (1 + frames) * frameBytes;
  return { frameAt, workAt, frameBytes, slots, arraysAt, parameters, results, sizes, buffers };
}

/** How many bytes a buffer takes, room after it included. */
export const bufferBytes = (element: Element, length: number): number =>
  aligned(length * bytesOf[element]) + alignment;
