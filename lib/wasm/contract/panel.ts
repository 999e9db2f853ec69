/**
 * The innermost part of a contraction, with lanes along a free index:
 *
 *   O[a, b] += Σₖ A[a, k] · B[k, b]        for all a, and for up to `vectors` vectors of neighbouring b
 *
 * Four rows of A and two vectors of B at a time: 4 × 2 sums, what they are made of and a product fit the machine's
 * registers. Wider tiles spill, and so do longer steps, since the engine loads all that a step needs before it multiplies.
 * Sums are added in the order of k, then to what is there.
 */
import { get, i32, op, opWith, type Code, type Local } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import { everywhere, multiplyAdd, type Lanes } from "../lanes.ts";
import { libraryFunction, withRelaxed } from "../library.ts";

/** Along which index the values of A are neighbours. */
export type Neighbours = "k" | "a" | "none";

export interface PanelShape {
  readonly lanes: Lanes;
  readonly neighbours: Neighbours;
  /** Vectors of B beside each other. */
  readonly vectors: number;
  /** Rows of A at a time, largest first; the last is 1. */
  readonly rows: readonly number[];
  /** Whether k counts places in a list of rows. */
  readonly listed: boolean;
  /** Whether neighbouring b lie apart in O, `oLane` bytes from one to the next. */
  readonly scattered: boolean;
  readonly relaxed: boolean;
}

/** The parameters of a panel, all `i32`: addresses, distances in bytes, numbers of steps. */
// prettier-ignore
const parameters = ["A", "aStep", "kStep", "B", "bStep", "O", "oStep", "rows", "steps", "width", "list", "oLane"] as const;

export const panel = (shape: PanelShape): FunctionBuilder => withRelaxed(shape, written);

function written(shape: PanelShape): FunctionBuilder {
  const { lanes, neighbours, vectors, rows, listed, scattered, relaxed } = shape;
  const name = `panel_${lanes.shape}_${neighbours}_${vectors}_${rows[0]!}${listed ? "_listed" : ""}${scattered ? "_scattered" : ""}`;
  const takes = parameters.map(() => "i32" as const);
  const key = `${name} ${rows.join(" ")} ${relaxed}`;
  return libraryFunction(key, { name, takes, gives: "none" }, (f) => new PanelWriter(f, shape).write());
}

class PanelWriter {
  readonly #f: FunctionBuilder;
  readonly #shape: PanelShape;
  readonly #at: Readonly<Record<(typeof parameters)[number], Local>>;

  constructor(f: FunctionBuilder, shape: PanelShape) {
    this.#f = f;
    this.#shape = shape;
    const locals = parameters.map((name, n) => [name, f.parameterLocal(n)] as const);
    this.#at = Object.fromEntries(locals) as Record<(typeof parameters)[number], Local>; // a row for each name
  }

  write(): void {
    const f = this.#f;
    const { A, aStep, O, oStep, rows } = this.#at;
    for (const tile of this.#shape.rows) {
      const step = (): void => {
        this.#tile(tile);
        f.set(A, add(get(A), times(get(aStep), tile)));
        f.set(O, add(get(O), times(get(oStep), tile)));
        f.set(rows, add(get(rows), i32(-tile)));
      };
      f.block((done) =>
        f.loop((again) => {
          f.branchIf(done, op("i32.lt_s", get(rows), i32(tile)));
          step();
          f.branch(again);
        }),
      );
    }
  }

  /** So many rows of A: sums in registers, then added to O. */
  #tile(tile: number): void {
    const f = this.#f;
    const { lanes, vectors, neighbours, listed } = this.#shape;
    const { A, aStep, B, bStep, kStep, steps, list } = this.#at;
    const sums = grid(tile, vectors, () => f.local("v128"));
    for (const sum of sums.flat()) f.set(sum, everywhere(lanes, 0));
    const places = neighbours === "a" || listed ? 1 : tile;
    const rows = Array.from({ length: places }, () => f.local("i32"));
    for (const [n, row] of rows.entries()) f.set(row, n === 0 ? get(A) : add(get(rows[n - 1]!), get(aStep)));
    const [b, left, item] = [f.local("i32"), f.local("i32"), f.local("i32")];
    f.set(b, get(B));
    if (listed) f.set(item, get(list));

    const products = (from: (row: number) => Code, fromB: Code): void => {
      const right = Array.from({ length: vectors }, (_, v) =>
        f.keep(opWith("v128.load", { offset: 16 * v }, fromB)),
      );
      for (let r = 0; r < tile; r++) {
        const left = f.keep(from(r));
        for (const [v, sum] of sums[r]!.entries())
          f.set(sum, multiplyAdd(lanes, left, right[v]!, get(sum), this.#shape.relaxed));
      }
    };
    const splat = lanes.real === "f64" ? "v128.load64_splat" : "v128.load32_splat";
    const inRow = (n: number): number => (neighbours === "a" ? n * lanes.bytes : 0);
    const step = (): void => {
      if (listed) {
        const row = f.keep(op("i32.load", get(item)));
        const base = f.keep(add(get(A), op("i32.mul", row, get(kStep))));
        const bases = neighbours === "a" ? [base] : offsets(f, base, get(aStep), tile);
        const fromB = f.keep(add(get(b), op("i32.mul", row, get(bStep))));
        products((r) => opWith(splat, { offset: inRow(r) }, bases[neighbours === "a" ? 0 : r]!), fromB);
        f.set(item, add(get(item), i32(4)));
        return;
      }
      products((r) => opWith(splat, { offset: inRow(r) }, get(rows[neighbours === "a" ? 0 : r]!)), get(b));
      f.set(b, add(get(b), get(bStep)));
      const onward = neighbours === "k" ? i32(lanes.bytes) : get(kStep);
      for (const row of rows) f.set(row, add(get(row), onward));
    };
    f.set(left, get(steps));
    // Not two steps at a time: the engine would load what both need before it multiplies, and run out of registers.
    f.block((done) =>
      f.loop((again) => {
        f.branchIf(done, op("i32.lt_s", get(left), i32(1)));
        step();
        f.set(left, add(get(left), i32(-1)));
        f.branch(again);
      }),
    );
    this.#store(sums);
  }

  /** Adds the sums to O, of the last vector as many lanes as there are. */
  #store(sums: readonly (readonly Local[])[]): void {
    const f = this.#f;
    const { lanes, vectors, scattered } = this.#shape;
    const { O, oStep, width } = this.#at;
    const places = offsets(f, get(O), get(oStep), sums.length);
    if (scattered) return this.#scatter(sums, places);
    const whole = (v: number): void => {
      for (const [r, row] of sums.entries()) {
        const old = opWith("v128.load", { offset: 16 * v }, places[r]!);
        f.emit(
          opWith("v128.store", { offset: 16 * v }, places[r]!, op(`${lanes.shape}.add`, old, get(row[v]!))),
        );
      }
    };
    const lane = (v: number, n: number): void => {
      const offset = 16 * v + n * lanes.bytes;
      for (const [r, row] of sums.entries()) {
        const old = opWith(`${lanes.real}.load`, { offset }, places[r]!);
        const own = opWith(`${lanes.shape}.extract_lane`, { lane: n }, get(row[v]!));
        f.emit(opWith(`${lanes.real}.store`, { offset }, places[r]!, op(`${lanes.real}.add`, old, own)));
      }
    };
    for (let v = 0; v < vectors; v++) {
      const end = (v + 1) * lanes.count;
      f.if(
        op("i32.ge_s", get(width), i32(end)),
        () => whole(v),
        () => {
          for (let n = 0; n < lanes.count - 1; n++)
            f.if(op("i32.gt_s", get(width), i32(v * lanes.count + n)), () => lane(v, n));
        },
      );
    }
  }

  /** Adds the sums to O, lane by lane, each a step further. */
  #scatter(sums: readonly (readonly Local[])[], places: readonly Code[]): void {
    const f = this.#f;
    const { lanes, vectors } = this.#shape;
    const { width, oLane } = this.#at;
    const rows = places.map((place) => {
      const local = f.local("i32");
      f.set(local, place);
      return local;
    });
    const lane = (n: number): void => {
      for (const [r, row] of sums.entries()) {
        const own = opWith(
          `${lanes.shape}.extract_lane`,
          { lane: n % lanes.count },
          get(row[Math.floor(n / lanes.count)]!),
        );
        const old = op(`${lanes.real}.load`, get(rows[r]!));
        f.emit(op(`${lanes.real}.store`, get(rows[r]!), op(`${lanes.real}.add`, old, own)));
        f.set(rows[r]!, add(get(rows[r]!), get(oLane)));
      }
    };
    f.block((done) => {
      for (let n = 0; n < vectors * lanes.count; n++) {
        if (n > 0) f.branchIf(done, op("i32.le_s", get(width), i32(n)));
        lane(n);
      }
    });
  }
}

const add = (a: Code, b: Code): Code => op("i32.add", a, b);

const times = (a: Code, n: number): Code => (n === 1 ? a : op("i32.mul", a, i32(n)));

/** base, base + step, base + 2 · step, …, each in a local. */
function offsets(f: FunctionBuilder, base: Code, step: Code, count: number): readonly Code[] {
  const all = [base];
  while (all.length < count) all.push(f.keep(add(all.at(-1)!, step)));
  return all;
}

const grid = <T>(rows: number, columns: number, make: () => T): readonly (readonly T[])[] =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, make));
