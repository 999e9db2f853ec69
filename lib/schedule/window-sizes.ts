/**
 * Which sizes are those of windows: of what slides over an axis, such as the kernel of a convolution.
 *
 * An extent that was inferred from reads says so itself. Beside that, reads tell: where t and r move along one
 * axis, as in X[t - 4·r], and t runs over all of it, r is the place in a window; and where p and i move against
 * each other, as in K[p - 2·i], the axis is the window's own.
 */
import { extentKey } from "../expr/extent.ts";
import { operands, type Nest, type Scalar, type Statement } from "../loop/nest.ts";
import { naming, replaced } from "../loop/rewrite.ts";
import { effectsOf } from "./effects.ts";
import { isZero, mentions, polynomial, strideOf, sum, type Polynomial } from "./polynomial.ts";
import { volume } from "./volume.ts";

/** The names of the sizes that windows have. */
export function windowSizes(nest: Nest): ReadonlySet<string> {
  const { sizes } = nest;
  const others = new Set(
    sizes.flatMap(({ extent }) =>
      extent.kind === "window" ? extent.fits.flatMap((fit) => fit.others.map((o) => o.extent)) : [],
    ),
  );
  const inferred = new Set(sizes.filter(({ extent }) => extent.kind === "window").map(({ name }) => name));
  const windows = new Set(sizes.filter(({ extent }) => others.has(extent)).map(({ name }) => name));
  const shared = new AxisReads(nest).shared().filter(({ axis }) => !inferred.has(axis));
  for (const { axis, movers } of shared)
    if (movers.some((m) => m.sizes.includes(axis)))
      for (const size of movers.flatMap((m) => (m.sizes.includes(axis) ? [] : m.sizes)))
        if (!inferred.has(size)) windows.add(size);
  for (const { axis, movers } of shared) {
    const [a, b, ...more] = movers;
    const isPlain = movers.every((m) => !m.sizes.some((s) => s === axis || windows.has(s)));
    if (more.length === 0 && a!.times * b!.times < 0 && isPlain) windows.add(axis);
  }
  return windows;
}

/** An index in a subscript. */
interface Mover {
  readonly times: number;
  /** The sizes that it stays below. */
  readonly sizes: readonly string[];
}

/** A subscript of several indices: the size of the axis, and what moves along it. */
interface SharedAxis {
  readonly axis: string;
  readonly movers: readonly Mover[];
}

/** The reads of a nest, axis by axis. */
class AxisReads {
  readonly #nest: Nest;
  readonly #names: ReadonlyMap<string, string>;
  readonly #shared: SharedAxis[] = [];

  constructor(nest: Nest) {
    this.#nest = nest;
    this.#names = new Map(nest.sizes.map((s) => [extentKey(s.extent), s.name]));
    this.#all(nest.body, new Map(), new Map());
  }

  shared(): readonly SharedAxis[] {
    return this.#shared;
  }

  /** `ranges` has the sizes that the indices of the loops around stay below, `values` what constants stand for. */
  #all(
    statements: readonly Statement[],
    ranges: ReadonlyMap<string, readonly string[]>,
    values: ReadonlyMap<string, Scalar>,
  ): void {
    const now = new Map(values);
    for (const s of statements) {
      if (s.kind === "for") {
        const ends = operands("min", replaced(s.to, naming(now)));
        const sizes = ends.flatMap((e) => (e.kind === "name" ? [e.name] : []));
        this.#all(s.body, new Map([...ranges, [s.index, sizes]]), now);
      } else if (s.kind === "if") for (const body of [s.yes, s.no]) this.#all(body, ranges, now);
      else
        for (const a of effectsOf([s]).accesses)
          if (a.kind === "load") this.#read(a.buffer, replaced(a.offset, naming(now)), ranges);
      if (s.kind === "let" && !s.mutable && s.type === "int") now.set(s.name, replaced(s.value, naming(now)));
    }
  }

  /** The axes from the last one on: what moves the offset by multiples of an axis' stride moves along it. */
  #read(buffer: string, offset: Scalar, ranges: ReadonlyMap<string, readonly string[]>): void {
    const axes = this.#nest.buffers.find((b) => b.name === buffer)?.shape ?? [];
    const indices = [...ranges.keys()].filter((index) => mentions(offset, index));
    if (indices.length <= axes.length) return;
    const strides = indices.map((index) => [index, strideOf(offset, index)] as const);
    for (const [n, axis] of axes.entries()) {
      const size = this.#names.get(extentKey(axis));
      if (size === undefined) continue;
      const unit = polynomial(volume(this.#nest, axes.slice(n + 1)));
      const movers = strides.flatMap(([index, stride]) => {
        const times = stride && multiple(stride, unit);
        return times === undefined ? [] : [{ times, sizes: ranges.get(index)! }];
      });
      if (movers.length > 1) this.#shared.push({ axis: size, movers });
    }
  }
}

/** How many times q is p; undefined where it is no multiple. */
function multiple(p: Polynomial, q: Polynomial): number | undefined {
  for (const [key, { coefficient }] of q) {
    const times = (p.get(key)?.coefficient ?? 0) / coefficient;
    return times !== 0 && isZero(sum(p, q, -times)) ? times : undefined;
  }
  return undefined;
}
