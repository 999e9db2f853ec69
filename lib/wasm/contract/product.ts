/**
 * A product of two arrays in blocks that stay in the first cache, over panels:
 *
 *   O[a, b] += Σₖ A[a, k] · B[k, b]
 *
 * A block of A is 64 × 64 values at most. Where its rows lie at (nearly) multiples of 4096 bytes from one
 * another they would push each other out of the cache, whose places repeat after so many bytes; the block is then
 * copied side by side into the work space. Rows of a list are copied in the order of the list.
 */
import { call, get, i32, op, opWith, type Code } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import type { Lanes } from "../lanes.ts";
import { libraryFunction, withRelaxed } from "../library.ts";
import { panel, type Neighbours } from "./panel.ts";

export interface ProductShape {
  readonly lanes: Lanes;
  readonly neighbours: Neighbours;
  /** Whether `list` holds the rows (values of k) that the product is taken over. */
  readonly listed: boolean;
  /** Whether neighbouring b lie apart in O, `oLane` bytes from one to the next. */
  readonly scattered: boolean;
  readonly relaxed: boolean;
}

/** The parameters, all `i32`: addresses, distances in bytes, numbers of values, a list of rows, work space. */
// prettier-ignore
export const parameters = ["A", "aStep", "kStep", "B", "bStep", "O", "oStep", "rows", "steps", "width", "list", "work", "oLane"] as const;

type Parameter = (typeof parameters)[number];

/** Rows and columns of a copied block of A, and columns of one of B. */
export const block = 64;
export const blockOfB = 48;

/** The bytes from one row of a copied block to the next. */
export const rowBytes: number = 8 * block;

/** Where in the work space the copy of a block of B is. */
export const copyOfB: number = rowBytes * block + 32;

/** Bytes of work space that a product needs. */
export const workBytes: number = copyOfB + rowBytes * block + 32;

/** Values that pass by in one go where nothing is copied. */
const stretch = 128;

/** The period of places in the first cache, and how near to a multiple of it rows are in each other's way. */
const period = 4096;
const near = 512;

/** So many rows lie side by side in the first cache whatever their distance. */
const ways = 8;

export const product = (shape: ProductShape): FunctionBuilder => withRelaxed(shape, written);

function written(shape: ProductShape): FunctionBuilder {
  const name = `product_${shape.lanes.shape}_${shape.neighbours}${shape.listed ? "_listed" : ""}${shape.scattered ? "_scattered" : ""}`;
  const takes = parameters.map(() => "i32" as const);
  return libraryFunction(`${name} ${shape.relaxed}`, { name, takes, gives: "none" }, (f) =>
    new ProductWriter(f, shape).write(),
  );
}

class ProductWriter {
  readonly #f: FunctionBuilder;
  readonly #shape: ProductShape;
  readonly #p: Readonly<Record<Parameter, Code>>;

  constructor(f: FunctionBuilder, shape: ProductShape) {
    this.#f = f;
    this.#shape = shape;
    const codes = parameters.map((name, n) => [name, f.parameter(n)] as const);
    this.#p = Object.fromEntries(codes) as Record<Parameter, Code>; // a code for each name
  }

  write(): void {
    const { neighbours } = this.#shape;
    if (neighbours === "k") this.#alongK();
    else if (neighbours === "a") this.#alongA();
    else this.#plain();
  }

  /** Values of A are neighbours along k: blocks of rows with a stretch of k. */
  #alongK(): void {
    const f = this.#f;
    const { A, aStep, B, bStep, O, oStep, rows, steps, width, work } = this.#p;
    const worth = op("i32.gt_s", width, i32(2 * 3 * this.#shape.lanes.count));
    const copies = f.keep(op("i32.and", this.#collide(aStep, rows), worth));
    const [atMost, length] = [
      this.#either(copies, i32(block), rows),
      this.#either(copies, i32(block), i32(stretch)),
    ];
    this.#each(rows, atMost, (row, rowCount) => {
      this.#each(steps, length, (k, kCount) => {
        const from = f.keep(add(add(A, times(row, aStep)), this.#bytes(k)));
        this.#touch(from, aStep, rowCount, kCount, work);
        const [a, step] = this.#maybeCopied(copies, from, aStep, rowCount, kCount, work);
        this.#columns({
          A: a,
          aStep: step,
          kStep: this.#bytes(i32(1)),
          B: f.keep(add(B, times(k, bStep))),
          bStep,
          O: f.keep(add(O, times(row, oStep))),
          oStep,
          rows: rowCount,
          steps: kCount,
          width,
        });
      });
    });
  }

  /** Values of A are neighbours along a: blocks of a stretch of a for some k. */
  #alongA(): void {
    const f = this.#f;
    const { A, kStep, B, bStep, O, oStep, rows, steps, width, list, work } = this.#p;
    const copies = this.#collide(kStep, steps);
    const [atMost, length] = [
      this.#either(copies, i32(block), steps),
      this.#either(copies, i32(block), i32(stretch)),
    ];
    const aStep = this.#bytes(i32(1));
    this.#each(steps, atMost, (k, kCount) =>
      this.#each(rows, length, (row, rowCount) => {
        const place = { O: f.keep(add(O, times(row, oStep))), oStep, rows: rowCount, steps: kCount, aStep };
        const fromA = f.keep(add(A, this.#bytes(row)));
        if (!this.#shape.listed) {
          const from = f.keep(add(fromA, times(k, kStep)));
          const [a, step] = this.#maybeCopied(copies, from, kStep, kCount, rowCount, work);
          this.#columns({ ...place, A: a, kStep: step, B: f.keep(add(B, times(k, bStep))), bStep, width });
          return;
        }
        const items = f.keep(add(list, op("i32.shl", k, i32(2))));
        f.if(
          copies,
          () => {
            this.#copy(fromA, kStep, kCount, rowCount, work, items);
            const blockB = f.keep(add(work, i32(copyOfB)));
            this.#each(width, i32(blockOfB), (column, count) => {
              this.#copy(f.keep(add(B, this.#bytes(column))), bStep, kCount, count, blockB, items);
              this.#columns({
                ...place,
                A: work,
                kStep: i32(rowBytes),
                B: blockB,
                bStep: i32(rowBytes),
                O: f.keep(add(place.O, this.#bytes(column))),
                width: count,
              });
            });
          },
          () => this.#columns({ ...place, A: fromA, kStep, B, bStep, width, list: items }),
        );
      }),
    );
  }

  #plain(): void {
    const { A, aStep, kStep, B, bStep, O, oStep, rows, steps, width, list } = this.#p;
    this.#columns({
      A,
      aStep,
      kStep,
      B,
      bStep,
      O,
      oStep,
      rows,
      steps,
      width,
      ...(this.#shape.listed && { list }),
    });
  }

  /** All columns, in panels of two vectors, the last perhaps of one. */
  #columns(
    at: Readonly<Record<Exclude<Parameter, "list" | "work" | "oLane">, Code>> & { readonly list?: Code },
  ): void {
    const f = this.#f;
    const { lanes, neighbours, scattered, relaxed } = this.#shape;
    const { count } = lanes;
    const column = f.local("i32");
    const left = f.local("i32");
    f.set(column, i32(0));
    f.set(left, at.width);
    const listed = at.list !== undefined;
    const run = (vectors: number, rows: readonly number[]): void => {
      const bytes = f.keep(this.#bytes(get(column)));
      const callee = panel({ lanes, neighbours, vectors, rows, listed, scattered, relaxed });
      f.emit(
        call(
          callee,
          at.A,
          at.aStep,
          at.kStep,
          add(at.B, bytes),
          at.bStep,
          add(at.O, scattered ? times(get(column), this.#p.oLane) : bytes),
          at.oStep,
          at.rows,
          at.steps,
          get(left),
          at.list ?? i32(0),
          this.#p.oLane,
        ),
      );
      f.set(column, add(get(column), i32(vectors * count)));
      f.set(left, op("i32.sub", get(left), i32(vectors * count)));
    };
    const atMost = (vectors: number): Code => op("i32.le_s", get(left), i32(vectors * count));
    f.block((done) =>
      f.loop((again) => {
        f.branchIf(done, op("i32.le_s", get(left), i32(0)));
        // A single row of A has no use for tall tiles.
        f.if(
          op("i32.lt_s", at.rows, i32(2)),
          () =>
            f.if(
              atMost(1),
              () => run(1, [4, 2, 1]),
              () => run(4, [2, 1]),
            ),
          () =>
            f.if(
              atMost(1),
              () => run(1, [4, 2, 1]),
              () => run(2, [4, 2, 1]),
            ),
        );
        f.branch(again);
      }),
    );
  }

  /** Whether more rows at this distance are read again and again than have room beside each other. */
  #collide(step: Code, rows: Code): Code {
    const f = this.#f;
    const rest = f.keep(op("i32.and", add(step, i32(near)), i32(period - 1)));
    return f.keep(op("i32.and", op("i32.lt_s", rest, i32(2 * near)), op("i32.gt_s", rows, i32(ways))));
  }

  /** The block where it is, or a copy of it: its address, and the distance of its rows. */
  #maybeCopied(
    copies: Code,
    from: Code,
    step: Code,
    rows: Code,
    values: Code,
    work: Code,
  ): readonly [Code, Code] {
    const f = this.#f;
    const [address, distance] = [f.local("i32"), f.local("i32")];
    f.if(
      copies,
      () => {
        this.#copy(from, step, rows, values, work);
        f.set(address, work);
        f.set(distance, i32(rowBytes));
      },
      () => {
        f.set(address, from);
        f.set(distance, step);
      },
    );
    return [get(address), get(distance)];
  }

  /** Rows of values side by side, `rowBytes` from one to the next; those of a list when there is one. */
  #copy(from: Code, step: Code, rows: Code, values: Code, to: Code, list?: Code): void {
    const f = this.#f;
    const [source, target, end, row] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    const bytes = f.keep(this.#bytes(values));
    f.set(row, i32(0));
    f.loop((again) => {
      const number =
        list === undefined ? get(row) : op("i32.load", add(list, op("i32.shl", get(row), i32(2))));
      f.set(source, add(from, times(number, step)));
      f.set(target, add(to, op("i32.shl", get(row), i32(Math.log2(rowBytes)))));
      f.set(end, add(get(target), bytes));
      f.loop((on) => {
        for (const offset of [0, 16])
          f.emit(opWith("v128.store", { offset }, get(target), opWith("v128.load", { offset }, get(source))));
        f.set(source, add(get(source), i32(32)));
        f.set(target, add(get(target), i32(32)));
        f.branchIf(on, op("i32.lt_u", get(target), get(end)));
      });
      f.set(row, add(get(row), i32(1)));
      f.branchIf(again, op("i32.lt_s", get(row), rows));
    });
  }

  #touch(from: Code, step: Code, rows: Code, values: Code, work: Code): void {
    const f = this.#f;
    const [row, at, end, sum] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    f.set(row, i32(0));
    f.loop((again) => {
      f.set(at, add(from, times(get(row), step)));
      f.set(end, add(get(at), this.#bytes(values)));
      f.loop((on) => {
        f.set(sum, op("i32.xor", get(sum), op("i32.load", get(at))));
        f.set(at, add(get(at), i32(64)));
        f.branchIf(on, op("i32.lt_u", get(at), get(end)));
      });
      f.set(row, add(get(row), i32(1)));
      f.branchIf(again, op("i32.lt_s", get(row), rows));
    });
    f.emit(op("i32.store", work, get(sum)));
  }

  /** An index in blocks: the first of each, and how many it has. */
  #each(total: Code, most: Code, inner: (from: Code, count: Code) => void): void {
    const f = this.#f;
    const from = f.local("i32");
    f.set(from, i32(0));
    f.block((done) =>
      f.loop((again) => {
        f.branchIf(done, op("i32.ge_s", get(from), total));
        const left = f.keep(op("i32.sub", total, get(from)));
        inner(get(from), f.keep(op("select.i32", left, most, op("i32.lt_s", left, most))));
        f.set(from, add(get(from), most));
        f.branch(again);
      }),
    );
  }

  #either(condition: Code, yes: Code, no: Code): Code {
    return this.#f.keep(op("select.i32", yes, no, condition));
  }

  #bytes(count: Code): Code {
    return op("i32.shl", count, i32(this.#shape.lanes.shift));
  }
}

const add = (a: Code, b: Code): Code => op("i32.add", a, b);
const times = (a: Code, b: Code): Code => op("i32.mul", a, b);
