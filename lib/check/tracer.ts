/**
 * How a program is traced at points of some shapes.
 *
 * Only what the output needs is evaluated, each element of a definition once.
 * Where rounding could turn a condition, both sides are evaluated, so that the
 * tape holds every branch that some neighbour of the point takes.
 */
import { unreachable, UserError } from "../errors.ts";
import { volume, type Binding, type Tensor } from "../binding.ts";
import { sizeOf, type Sizes } from "../expr/extent.ts";
import { freeIndices, type Expr, type Index, type Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import { output, type Definition, type Program } from "../expr/program.ts";
import { comparisons } from "../expr/syntax.ts";
import { discrete, isDiscrete, positionOf, type Discrete } from "./discrete.ts";
import { settle } from "./settle.ts";
import { Tape, type TapeOp } from "./tape.ts";
import { truth } from "./ties.ts";
import type { Block, Origin, Trace } from "./trace.ts";
import { reduction, type Emit, type Tracing } from "./traced-reduction.ts";

/** An input's array: that of the present point. */
interface Slot {
  readonly shape: readonly number[];
  data: Tensor["data"];
}

/** More nodes than this do not fit into memory beside the sweeps over them. */
const mostNodes = 40_000_000;

const choosing: ReadonlySet<TapeOp> = new Set<TapeOp>([
  "max",
  "min",
  "argmax",
  "argmin",
  "abs",
  "relu",
  "sign",
  ...comparisons,
]);

/** What a comparison of a value with itself gives. */
const reflexives: Partial<Record<Op, 0 | 1>> = { le: 1, ge: 1, eq: 1, lt: 0, gt: 0, ne: 0 };

const noTape = new Tape(0);

/** How to trace a program at points of some shapes: made once, run at each of them. */
export class Tracer implements Tracing {
  readonly sizes: Sizes;
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly #program: Program;
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #blocks: Block[] = [];
  readonly #n: number;
  tape = noTape;
  #origins = new Map<number, Origin>();
  #unsteady = new Set<number>();
  /** Which run this is: what was emitted in another is not on its tape. */
  #round = 0;
  #nodes = 256;
  readonly #cells = new Map<Index, { value: number }>();
  readonly #emits = new Map<Expr, Emit>();
  readonly #known = new Map<Expr, boolean>();
  readonly #elements = new Map<string, (at: readonly number[]) => number>();

  constructor(program: Program, binding: Binding, wrt: readonly string[]) {
    this.#program = program;
    this.sizes = binding.sizes;
    this.definitions = new Map(program.definitions.map((d) => [d.name, d]));
    this.#slots = new Map(
      [...binding.arrays].map(([name, { shape, data }]) => [name, { shape: [...shape], data }]),
    );
    let n = 0;
    for (const name of wrt) {
      const { shape } = this.slot(name)!;
      const size = volume(shape);
      this.#blocks.push({ name, shape, from: n, size });
      n += size;
    }
    this.#n = n;
  }

  run({ arrays }: Binding, upstream: Tensor | undefined, held: Iterable<number> = []): Trace {
    for (const [name, slot] of this.#slots) slot.data = arrays.get(name)!.data;
    const tape = (this.tape = new Tape(this.#nodes));
    const origins = (this.#origins = new Map());
    const unsteady = (this.#unsteady = new Set());
    this.#round++;
    for (const { name } of this.#blocks) for (const x of this.slot(name)!.data) tape.coordinate(x);
    for (const c of held) tape.hold(c);
    const root = this.#root(upstream);
    this.#nodes = tape.length + 1;
    this.tape = noTape; // a tape is as long as its point is large: not to be kept here
    return { program: this.#program, tape, root, n: this.#n, blocks: this.#blocks, origins, unsteady };
  }

  #root(upstream: Tensor | undefined): number {
    const { name, indices } = output(this.#program);
    const element = this.#element(name);
    if (indices.length === 0) return element([]);
    return this.#weighted(
      indices.map((i) => sizeOf(i.extent, this.sizes)),
      element,
      upstream!,
    );
  }

  slot(name: string): Slot | undefined {
    return this.#slots.get(name);
  }

  #weighted(shape: readonly number[], element: (at: readonly number[]) => number, upstream: Tensor): number {
    const operands: number[] = [];
    for (let position = 0; position < volume(shape); position++) {
      const at: number[] = [];
      for (let axis = shape.length - 1, rest = position; axis >= 0; axis--) {
        at[axis] = rest % shape[axis]!;
        rest = Math.floor(rest / shape[axis]!);
      }
      operands.push(this.tape.constant(upstream.data[position]!), element(at));
    }
    return this.append("dot", operands);
  }

  cell(i: Index): { value: number } {
    let cell = this.#cells.get(i);
    if (cell === undefined) this.#cells.set(i, (cell = { value: NaN }));
    return cell;
  }

  defined(name: string, at: readonly number[]): number {
    return this.tape.value[this.#element(name)(at)]!;
  }

  append(
    op: TapeOp,
    operands: readonly number[],
    source?: Node<"apply" | "reduce">,
    positions?: readonly number[],
  ): number {
    const tape = this.tape;
    const node = tape.append(op, operands);
    if (node > mostNodes)
      throw new UserError("the program is too large to be checked at this point", {
        fix: "check it at a smaller one",
      });
    settle(tape, node, tape);
    if (source !== undefined && choosing.has(op) && tape.active[node] === 1) {
      const at = freeIndices(source).map((i) => [i, this.cell(i).value] as const);
      this.#origins.set(node, { expr: source, at, ...(positions && { positions }) });
    }
    return node;
  }

  /** The elements of a definition, each emitted when it is first asked for. */
  #element(name: string): (at: readonly number[]) => number {
    const known = this.#elements.get(name);
    if (known !== undefined) return known;
    const { indices, body } = this.definitions.get(name)!;
    const shape = indices.map((i) => sizeOf(i.extent, this.sizes));
    const cells = indices.map((i) => this.cell(i));
    const nodes = new Int32Array(volume(shape));
    let round = 0;
    const emit = this.emit(body);
    const element = (at: readonly number[]): number => {
      if (round !== this.#round) {
        round = this.#round;
        nodes.fill(-1);
      }
      let position = 0;
      for (let axis = 0; axis < shape.length; axis++) position = position * shape[axis]! + at[axis]!;
      if (nodes[position]! >= 0) return nodes[position]!;
      const outer = cells.map((cell) => cell.value);
      for (let axis = 0; axis < shape.length; axis++) cells[axis]!.value = at[axis]!;
      const node = emit();
      for (let axis = 0; axis < shape.length; axis++) cells[axis]!.value = outer[axis]!;
      return (nodes[position] = node);
    };
    this.#elements.set(name, element);
    return element;
  }

  isDiscrete(e: Expr): boolean {
    return isDiscrete(e, this.definitions, this.#known);
  }

  /** An integer that may rest on real numbers, as argmax does. */
  #int(e: Expr): Discrete {
    if (this.isDiscrete(e)) return discrete(e, this);
    const emit = this.emit(e);
    return () => {
      const node = emit();
      // Integers are added without rounding: short of a half, the bound stands for none that may be another.
      if (this.tape.error[node]! >= 0.5) this.#unsteady.add(node);
      return this.tape.value[node]!;
    };
  }

  emit(e: Expr): Emit {
    let emit = this.#emits.get(e);
    if (emit === undefined) this.#emits.set(e, (emit = this.#kept(e, this.#prepare(e))));
    return emit;
  }

  /** As `emit`, but with the last node kept while the free indices of `e` stay where they are. */
  #kept(e: Expr, emit: Emit): Emit {
    if (e.kind !== "reduce" && e.kind !== "apply" && e.kind !== "where") return emit;
    const cells = freeIndices(e).map((i) => this.cell(i));
    const at = cells.map(() => NaN);
    let last = -1;
    let round = 0;
    return () => {
      let same = last >= 0 && round === this.#round;
      round = this.#round;
      for (let n = 0; n < cells.length; n++) {
        const { value } = cells[n]!;
        if (at[n] !== value) [same, at[n]] = [false, value];
      }
      if (same) return last;
      last = -1; // should `emit` ask for itself at other indices
      const node = emit();
      for (let n = 0; n < cells.length; n++) at[n] = cells[n]!.value;
      return (last = node);
    };
  }

  #prepare(e: Expr): Emit {
    if (this.isDiscrete(e)) {
      const value = discrete(e, this);
      return () => this.tape.constant(value());
    }
    switch (e.kind) {
      case "num":
        return () => this.tape.constant(e.value);
      case "index":
      case "size":
        throw new Error(`a ${e.kind} is an integer: it should have been discrete`);
      case "read":
        return this.#read(e);
      case "where": {
        const [then, otherwise] = [this.emit(e.then), this.emit(e.else)];
        if (!this.isDiscrete(e.guard)) return this.#select(this.emit(e.guard), then, otherwise);
        const guard = discrete(e.guard, this);
        return () => (guard() !== 0 ? then() : otherwise());
      }
      case "apply":
        return this.#operation(e);
      case "reduce":
        return reduction(this, e);
      default:
        return unreachable(e);
    }
  }

  #read({ name, at }: Node<"read">): Emit {
    const subscripts = at.map((s) => this.#int(s));
    if (this.definitions.has(name)) {
      const element = this.#element(name);
      const shape = this.definitions.get(name)!.indices.map((i) => sizeOf(i.extent, this.sizes));
      return () => {
        positionOf(name, shape, subscripts);
        return element(subscripts.map((s) => s()));
      };
    }
    const slot = this.slot(name)!;
    const block = this.#blocks.find((b) => b.name === name);
    if (block !== undefined) return () => block.from + positionOf(name, slot.shape, subscripts);
    return () => this.tape.constant(slot.data[positionOf(name, slot.shape, subscripts)]!);
  }

  /** Both sides where rounding decides; else the side taken stands for both, and the other is not evaluated. */
  #select(guard: Emit, then: Emit, otherwise: Emit): Emit {
    return () => {
      const condition = guard();
      const known = truth(this.tape, condition);
      const taken = known === undefined ? -1 : known ? then() : otherwise();
      const sides = known === undefined ? [then(), otherwise()] : [taken, taken];
      return this.append("select", [condition, ...sides]);
    };
  }

  #operation(e: Node<"apply">): Emit {
    if (e.op === "mul") {
      // [p] * x takes x where p holds: no jump where x is 0 on the boundary of p.
      const n = e.args.findIndex((a) => a.kind === "apply" && a.op === "iverson" && !this.isDiscrete(a));
      if (n >= 0) {
        const guard = this.emit((e.args[n] as Node<"apply">).args[0]!);
        const factors = e.args.filter((_, m) => m !== n).map((a) => this.emit(a));
        const rest: Emit = () =>
          factors.length === 1
            ? factors[0]!()
            : this.append(
                "mul",
                factors.map((f) => f()),
              );
        return this.#select(guard, rest, () => this.tape.constant(0));
      }
    }
    const args = e.args.map((a) => this.emit(a));
    if (e.op === "and" || e.op === "or") return this.#connective(e.op, args);
    if (args.length === 1) {
      const [only] = args as [Emit];
      return () => this.append(e.op, [only()], e);
    }
    const reflexive = reflexives[e.op];
    return () => {
      const operands = args.map((a) => a());
      // x[j] >= x[k] at j = k holds on both sides of every point: no kink. NaN equals nothing, itself included.
      const settled =
        reflexive !== undefined &&
        operands[0] === operands[1] &&
        !Number.isNaN(this.tape.value[operands[0]!]!);
      return settled ? this.tape.constant(reflexive) : this.append(e.op, operands, e);
    };
  }

  /** Evaluates no further than the first condition that settles it. */
  #connective(op: "and" | "or", args: readonly Emit[]): Emit {
    return () => {
      const operands: number[] = [];
      for (const arg of args) {
        operands.push(arg());
        if (truth(this.tape, operands.at(-1)!) === (op === "or")) break;
      }
      return this.append(op, operands);
    };
  }
}
