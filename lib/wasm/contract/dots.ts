/**
 * The innermost part of a contraction, with lanes along the index that is summed over:
 *
 *   O[a, b] += Σₖ A[a, k] · B[b, k]        for all a, and for up to two b
 *
 * for rows of A and of B whose values are neighbours along k. Four rows of A and two of B at a time. The sum of
 * each lane is taken in the order of k, then the lanes are added up, then what is left of the rows.
 */
import { get, i32, op, opWith, type Code, type Local } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import { everywhere, multiplyAdd, type Lanes } from "../lanes.ts";
import { libraryFunction, withRelaxed } from "../library.ts";

// prettier-ignore
const parameters = ["A", "aStep", "B", "bStep", "O", "oStepA", "oStepB", "rows", "steps"] as const;

export interface DotShape {
  readonly lanes: Lanes;
  /** Rows of B at a time: 1 or 2. */
  readonly columns: number;
  readonly relaxed: boolean;
}

export const dots = (shape: DotShape): FunctionBuilder => withRelaxed(shape, written);

function written(shape: DotShape): FunctionBuilder {
  const name = `dots_${shape.lanes.shape}_${shape.columns}`;
  const takes = parameters.map(() => "i32" as const);
  return libraryFunction(`${name} ${shape.relaxed}`, { name, takes, gives: "none" }, (f) => tiles(f, shape));
}

/** Rows of A, four at a time. */
function tiles(f: FunctionBuilder, shape: DotShape): void {
  const [A, aStep, B, bStep, O, oStepA, oStepB, rows, steps] = parameters.map((_, n) =>
    f.parameterLocal(n),
  ) as [Local, Local, Local, Local, Local, Local, Local, Local, Local];
  for (const tile of [4, 2, 1])
    f.block((done) =>
      f.loop((again) => {
        f.branchIf(done, op("i32.lt_s", get(rows), i32(tile)));
        dotTile(f, shape, tile, { A, aStep, B, bStep, O, oStepA, oStepB, steps });
        f.set(A, add(get(A), op("i32.mul", get(aStep), i32(tile))));
        f.set(O, add(get(O), op("i32.mul", get(oStepA), i32(tile))));
        f.set(rows, add(get(rows), i32(-tile)));
        f.branch(again);
      }),
    );
}

const whole = (from: Code, n: number): Code => opWith("v128.load", { offset: 16 * n }, from);

type Places = Readonly<Record<"A" | "aStep" | "B" | "bStep" | "O" | "oStepA" | "oStepB" | "steps", Local>>;

function dotTile(f: FunctionBuilder, { lanes, columns, relaxed }: DotShape, tile: number, at: Places): void {
  const rows = pointers(f, get(at.A), get(at.aStep), tile);
  const others = pointers(f, get(at.B), get(at.bStep), columns);
  const sums = rows.map(() => others.map(() => f.local("v128")));
  for (const sum of sums.flat()) f.set(sum, everywhere(lanes, 0));
  const left = f.local("i32");
  f.set(left, get(at.steps));
  const products = (load: (from: Code, n: number) => Code, n: number): void => {
    const right = others.map((o) => f.keep(load(get(o), n)));
    for (const [r, row] of rows.entries()) {
      const own = f.keep(load(get(row), n));
      for (const [c, sum] of sums[r]!.entries())
        f.set(sum, multiplyAdd(lanes, own, right[c]!, get(sum), relaxed));
    }
  };
  const zero = lanes.real === "f64" ? "v128.load64_zero" : "v128.load32_zero";
  const single = (from: Code): Code => op(zero, from);
  // Not two vectors at a time: the engine would load what both need before it multiplies, and run out of registers.
  const passes = [
    { steps: lanes.count, bytes: 16, run: () => products(whole, 0) },
    // One value at a time in the first lane; the others add 0 · 0.
    { steps: 1, bytes: lanes.bytes, run: () => products(single, 0) },
  ];
  for (const { steps, bytes, run } of passes)
    f.block((done) =>
      f.loop((again) => {
        f.branchIf(done, op("i32.lt_s", get(left), i32(steps)));
        run();
        for (const p of [...rows, ...others]) f.set(p, add(get(p), i32(bytes)));
        f.set(left, add(get(left), i32(-steps)));
        f.branch(again);
      }),
    );
  const places = pointers(f, get(at.O), get(at.oStepA), tile);
  for (const [r, row] of sums.entries())
    for (const [c, sum] of row.entries()) {
      const place = c === 0 ? get(places[r]!) : f.keep(add(get(places[r]!), get(at.oStepB)));
      const old = op(`${lanes.real}.load`, place);
      f.emit(op(`${lanes.real}.store`, place, op(`${lanes.real}.add`, old, total(lanes, get(sum)))));
    }
}

/** The sum of the lanes: pairs first. */
export function total(lanes: Lanes, vector: Code): Code {
  const lane = (n: number): Code => opWith(`${lanes.shape}.extract_lane`, { lane: n }, vector);
  const sum = (a: Code, b: Code): Code => op(`${lanes.real}.add`, a, b);
  return lanes.count === 2 ? sum(lane(0), lane(1)) : sum(sum(lane(0), lane(1)), sum(lane(2), lane(3)));
}

function pointers(f: FunctionBuilder, first: Code, step: Code, count: number): readonly Local[] {
  const all: Local[] = [];
  for (let n = 0; n < count; n++) {
    const p = f.local("i32");
    f.set(p, n === 0 ? first : add(get(all[n - 1]!), step));
    all.push(p);
  }
  return all;
}

const add = (a: Code, b: Code): Code => op("i32.add", a, b);
