/** Contractions as calls of what computes their innermost part, with the loops and blocks around. */
import type { Range, Scalar } from "../../loop/nest.ts";
import { scalarOf, strideOf } from "../../schedule/polynomial.ts";
import { call, get, i32, op, type Code, type Local } from "../code.ts";
import type { ModuleBuilder } from "../module.ts";
import { lanesOf, type Lanes } from "../lanes.ts";
import type { StatementWriter } from "../statement.ts";
import { dots } from "./dots.ts";
import { gathered } from "./gathered.ts";
import { block, blockOfB, copyOfB, product, rowBytes } from "./product.ts";
import { planOf, type Contract, type DotsPlan, type PanelPlan } from "./plan.ts";

export class ContractionWriter {
  readonly #module: ModuleBuilder;
  readonly #writer: StatementWriter;
  readonly #lanes: Lanes;
  /** The address of the work space. */
  readonly #work: Code;

  constructor(module: ModuleBuilder, writer: StatementWriter, work: Code) {
    this.#work = work;
    this.#module = module;
    this.#writer = writer;
    this.#lanes = lanesOf(writer.storage.real);
  }

  /** Writes the contraction; false, and nothing is written, where its offsets have no plan. */
  write(contract: Contract): boolean {
    const { storage } = this.#writer;
    if (storage.element(contract.buffer) !== storage.real) return false;
    const plan = planOf(contract);
    if (plan === undefined) return false;
    this.#around(plan.outer, () =>
      plan.kind === "panel" ? this.#panels(contract.buffer, plan) : this.#dots(contract.buffer, plan),
    );
    return true;
  }

  #around(ranges: readonly Range[], inner: () => void): void {
    const [range, ...others] = ranges;
    if (range === undefined) return inner();
    const { scalars, scope, f } = this.#writer;
    const local = f.local("i32");
    scope.define(range.index, local);
    this.#writer.repeat(local, scalars.integer(range.from), scalars.integer(range.to), 1, () =>
      this.#around(others, inner),
    );
  }

  /** The index at its beginning, and how many values it takes; one where there is none. */
  #begin(range: Range | undefined): Code {
    const { scalars, scope, f } = this.#writer;
    if (range === undefined) return i32(1);
    const local = f.local("i32");
    f.set(local, scalars.integer(range.from));
    scope.define(range.index, local);
    return f.keep(op("i32.sub", scalars.integer(range.to), get(local)));
  }

  /** How many bytes a step of the index moves an offset. */
  #step(offset: Scalar, range: Range | undefined): Code {
    if (range === undefined) return i32(0);
    const stride = this.#writer.scalars.integer(scalarOf(strideOf(offset, range.index)!));
    return this.#writer.f.keep(op("i32.shl", stride, i32(this.#lanes.shift)));
  }

  #address(buffer: string, offset: Scalar): Code {
    return this.#writer.f.keep(this.#writer.scalars.address(buffer, offset));
  }

  #panels(buffer: string, plan: PanelPlan): void {
    const { f, scope } = this.#writer;
    const { a, b, k, A, B, offset, neighbours, gathered: gathers, scattered } = plan;
    const [rows, width, steps] = [this.#begin(a), this.#begin(b), this.#begin(k)];
    const list = this.#list(plan);
    if (list !== undefined) {
      // Addresses are those of row 0; the list says which rows are taken.
      const zero = f.local("i32");
      f.set(zero, i32(0));
      scope.define(k!.index, zero);
    }
    const [atA, atB, atO] = [
      this.#address(A.buffer, A.offset),
      this.#address(B.buffer, B.offset),
      this.#address(buffer, offset),
    ];
    const [aStep, oStep] = [this.#step(A.offset, a), this.#step(offset, a)];
    const [kStep, bStep] = [this.#step(A.offset, k), this.#step(B.offset, k)];
    const shape = { lanes: this.#lanes, neighbours, listed: list !== undefined, scattered, relaxed: false };
    const callee = this.#module.include(product(shape));
    const oLane = this.#step(offset, b);
    const items = list ?? i32(0);
    if (!gathers) {
      f.emit(
        call(callee, atA, aStep, kStep, atB, bStep, atO, oStep, rows, steps, width, items, this.#work, oLane),
      );
      return;
    }
    const gather = this.#module.include(gathered(this.#lanes));
    const [bLane, copy] = [this.#step(B.offset, b), f.keep(add(this.#work, i32(copyOfB)))];
    this.#blocks(width, blockOfB, (column, columns) =>
      this.#blocks(steps, block, (first, count) => {
        const fromB = add(add(atB, times(first, bStep)), times(column, bLane));
        f.emit(call(gather, fromB, bStep, bLane, count, columns, copy, i32(rowBytes)));
        f.emit(
          call(
            callee,
            add(atA, times(first, kStep)),
            aStep,
            kStep,
            copy,
            i32(rowBytes),
            add(atO, times(column, oLane)),
            oStep,
            rows,
            count,
            columns,
            items,
            this.#work,
            oLane,
          ),
        );
      }),
    );
  }

  /** An index in blocks: the first of each, and how many it has. */
  #blocks(total: Code, most: number, inner: (from: Code, count: Code) => void): void {
    const { f } = this.#writer;
    const from = f.local("i32");
    this.#writer.repeat(from, i32(0), total, most, () => {
      const left = f.keep(op("i32.sub", total, get(from)));
      inner(get(from), f.keep(op("select.i32", left, i32(most), op("i32.lt_s", left, i32(most)))));
    });
  }

  /** The address of the first element of the list of rows. */
  #list({ list }: PanelPlan): Code | undefined {
    if (list === undefined) return undefined;
    const element = this.#writer.storage.element(list.buffer);
    if (element !== "i32") throw new Error(`the list ${list.buffer} holds ${element}`);
    return this.#address(list.buffer, list.offset);
  }

  #dots(buffer: string, plan: DotsPlan): void {
    const { f } = this.#writer;
    const { a, b, k, A, B, offset } = plan;
    const [rows, columns, steps] = [this.#begin(a), this.#begin(b), this.#begin(k)];
    const [atA, atB, atO] = [
      this.#address(A.buffer, A.offset),
      this.#address(B.buffer, B.offset),
      this.#address(buffer, offset),
    ];
    const [aStep, bStep] = [this.#step(A.offset, a), this.#step(B.offset, b)];
    const [oStepA, oStepB] = [this.#step(offset, a), this.#step(offset, b)];
    const lanes = this.#lanes;
    const [pair, single] = [2, 1].map((c) =>
      this.#module.include(dots({ lanes, columns: c, relaxed: false })),
    );
    const from = f.local("i32");
    const run = (callee: typeof pair, at: Local): void =>
      f.emit(
        call(
          callee!,
          atA,
          aStep,
          add(atB, times(get(at), bStep)),
          bStep,
          add(atO, times(get(at), oStepB)),
          oStepA,
          oStepB,
          rows,
          steps,
        ),
      );
    if (b === undefined) return run(single, from);
    this.#writer.repeat(from, i32(0), columns, 2, () => {
      const left = op("i32.sub", columns, get(from));
      f.if(
        op("i32.gt_s", left, i32(1)),
        () => run(pair, from),
        () => run(single, from),
      );
    });
  }
}

const add = (a: Code, b: Code): Code => op("i32.add", a, b);
const times = (a: Code, b: Code): Code => op("i32.mul", a, b);
