/**
 * The meaning of a program: the judge of all stages.
 *
 * Plain and slow, in any number type. It shares nothing with lowering. Every
 * operation means what its row in the field's table says; here is only the
 * meaning of the nodes:
 *
 * - `where`, guards, `and` and `or` are lazy: what is not taken is not evaluated.
 * - A reduction without terms is 0 for sum, 1 for prod, −∞ for max and logsumexp,
 *   ∞ for min, −1 for argmax and argmin.
 * - max and min are NaN when a term is; argmax and argmin then give the first such term.
 * - Conditions are evaluated in the field itself, without tolerance; with NaN all are false but `!=`.
 * - Sums add their terms in the order of the index.
 */
import { unreachable, UserError } from "./errors.ts";
import { volume, type Binding } from "./binding.ts";
import { sizeOf, type Sizes } from "./expr/extent.ts";
import { freeIndices, type Expr, type Index, type Node } from "./expr/node.ts";
import type { Definition } from "./expr/program.ts";
import type { Comparison } from "./expr/syntax.ts";
import { double } from "./number/double.ts";
import type { Arithmetic, Field } from "./number/field.ts";

/** A value for every position of a shape, in row-major order. Conditions are kept as 1 and 0. */
export interface Table<T> {
  readonly shape: readonly number[];
  readonly data: readonly T[];
}

/** What names mean while an expression is evaluated. */
export interface Scope<T> {
  readonly field: Field<T>;
  readonly sizes: Sizes;
  readonly tables: ReadonlyMap<string, Table<T>>;
}

export interface EvaluateOptions<T> {
  /** Names that mean the table given here, not what is bound or defined. */
  readonly instead?: ReadonlyMap<string, Table<T>>;
  /** What names mean inside `stop(…)`, all of them: how derivatives are kept from flowing through. */
  readonly stopped?: ReadonlyMap<string, Table<T>>;
}

/** The values of definitions, in their order; each may read inputs and earlier ones. */
export function evaluate<T>(
  definitions: readonly Definition[],
  binding: Binding,
  field: Field<T>,
  { instead = new Map(), stopped }: EvaluateOptions<T> = {},
): Map<string, Table<T>> {
  const tables = new Map([...inputTables(binding, field), ...instead]);
  const { sizes } = binding;
  const inside = stopped && new Evaluator({ field, sizes, tables: stopped });
  const evaluator = new Evaluator({ field, sizes, tables }, inside);
  const values = new Map<string, Table<T>>();
  for (const definition of definitions) {
    const table = instead.get(definition.name) ?? evaluator.table(definition);
    tables.set(definition.name, table);
    values.set(definition.name, table);
  }
  return values;
}

/** The value of one expression where its free indices have the values given; conditions are 1 and 0. */
export function evaluateAt<T>(e: Expr, indices: ReadonlyMap<Index, number>, scope: Scope<T>): T {
  return new Evaluator(scope).value(e, indices);
}

/** The bound inputs as numbers of a field, exactly. */
export function inputTables<T>(binding: Binding, field: Field<T>): Map<string, Table<T>> {
  const tables = new Map<string, Table<T>>();
  for (const [name, { shape, data }] of binding.arrays)
    tables.set(name, { shape, data: Array.from(data, (x) => field.fromNumber(x)) });
  return tables;
}

/** How an expression is computed at the present index values; `shared` once a second place has asked for it. */
interface Computation<V> {
  run: () => V;
  shared: boolean;
}

// prettier-ignore
const comparisons: Record<Comparison, (order: number) => boolean> = {
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
};

/**
 * Evaluates expressions in one scope. Tables may be added to the scope between
 * evaluations; where one is replaced by another of its name, `forget` must be called.
 *
 * An expression is prepared once and then run at every position. Reductions, and
 * expressions that stand in several places, keep their last value for as long as
 * their free indices do not move: without this, shared expressions would be
 * evaluated once for each path that leads to them.
 */
export class Evaluator<T> {
  readonly #scope: Scope<T>;
  readonly #indices = new Map<Index, { value: number }>();
  readonly #reals = new Map<Expr, Computation<T>>();
  readonly #ints = new Map<Expr, Computation<number>>();
  readonly #conditions = new Map<Expr, Computation<boolean>>();

  readonly #stopped: Evaluator<T> | undefined;
  /** How often tables were replaced. */
  #turn = 0;

  /** `stopped` evaluates what stands inside `stop(…)`, if not this one. */
  constructor(scope: Scope<T>, stopped?: Evaluator<T>) {
    this.#scope = scope;
    this.#stopped = stopped;
  }

  /** The value of a definition at every position. */
  table({ indices, body }: Definition): Table<T> {
    const shape = indices.map((i) => sizeOf(i.extent, this.#scope.sizes));
    const cells = indices.map((i) => this.#cell(i));
    const { run } = this.#number(body);
    const data = Array.from({ length: volume(shape) }, (_, position) => {
      for (let axis = shape.length - 1, rest = position; axis >= 0; axis--) {
        cells[axis]!.value = rest % shape[axis]!;
        rest = Math.floor(rest / shape[axis]!);
      }
      return run();
    });
    return { shape, data };
  }

  /** The value of an expression at these index values; a condition gives 1 or 0. */
  value(e: Expr, indices: ReadonlyMap<Index, number>): T {
    this.#place(indices);
    return this.#number(e).run();
  }

  /** The value of an integer expression at these index values. */
  int(e: Expr, indices: ReadonlyMap<Index, number>): number {
    this.#place(indices);
    return this.#int(e).run();
  }

  /** Whether a condition holds at these index values. */
  holds(e: Expr, indices: ReadonlyMap<Index, number>): boolean {
    this.#place(indices);
    return this.#condition(e).run();
  }

  /** Lets go of values that were computed from tables that others have replaced. */
  forget(): void {
    this.#turn++;
  }

  #place(indices: ReadonlyMap<Index, number>): void {
    for (const [i, value] of indices) this.#cell(i).value = value;
  }

  #cell(i: Index): { value: number } {
    let cell = this.#indices.get(i);
    if (cell === undefined) this.#indices.set(i, (cell = { value: NaN }));
    return cell;
  }

  #number(e: Expr): Computation<T> {
    if (e.type !== "bool") return this.#real(e);
    const { fromNumber } = this.#scope.field;
    const condition = this.#condition(e);
    return { run: () => fromNumber(condition.run() ? 1 : 0), shared: false };
  }

  #real(e: Expr): Computation<T> {
    return this.#prepared(this.#reals, e, () => this.#prepareReal(e));
  }

  #int(e: Expr): Computation<number> {
    return this.#prepared(this.#ints, e, () => this.#prepareInt(e));
  }

  #condition(e: Expr): Computation<boolean> {
    return this.#prepared(this.#conditions, e, () => this.#prepareCondition(e));
  }

  #prepared<V>(known: Map<Expr, Computation<V>>, e: Expr, prepare: () => () => V): Computation<V> {
    const before = known.get(e);
    if (before === undefined) {
      const computation = { run: prepare(), shared: e.kind === "reduce" };
      if (computation.shared) computation.run = this.#kept(e, computation.run);
      known.set(e, computation);
      return computation;
    }
    const worthKeeping = e.kind === "apply" || e.kind === "where";
    if (!before.shared && worthKeeping) {
      before.shared = true;
      before.run = this.#kept(e, before.run);
    }
    return before;
  }

  /** As `run`, but with the last value kept while the free indices of `e` stay where they are. */
  #kept<V>(e: Expr, run: () => V): () => V {
    const cells = freeIndices(e).map((i) => this.#cell(i));
    const at = cells.map(() => NaN);
    let value!: V; // read once `turn` says that it is there
    let turn: number | undefined;
    return () => {
      let stays = turn === this.#turn;
      for (let n = 0; stays && n < cells.length; n++) stays = cells[n]!.value === at[n];
      if (stays) return value;
      for (let n = 0; n < cells.length; n++) at[n] = cells[n]!.value;
      turn = undefined;
      value = run();
      turn = this.#turn;
      return value;
    };
  }

  #prepareReal(e: Expr): () => T {
    const { field, sizes } = this.#scope;
    switch (e.kind) {
      case "num": {
        const value = field.fromNumber(e.value);
        return () => value;
      }
      case "size": {
        const value = field.fromNumber(sizeOf(e.extent, sizes));
        return () => value;
      }
      case "index": {
        const cell = this.#cell(e.index);
        return () => field.fromNumber(cell.value);
      }
      case "read":
        return this.#read(e);
      case "where": {
        const [guard, then, otherwise] = [this.#condition(e.guard), this.#real(e.then), this.#real(e.else)];
        return () => (guard.run() ? then : otherwise).run();
      }
      case "apply": {
        if (e.op === "iverson") return this.#number(e.args[0]!).run;
        if (e.op === "stop" && this.#stopped) return this.#stop(e.args[0]!, this.#stopped);
        return applied(
          field.functions[arithmetic(e)],
          e.args.map((a) => this.#real(a)),
          e.op === "expsum" || e.op === "exactsum",
        );
      }
      case "reduce":
        return this.#reduction(e);
      default:
        return unreachable(e);
    }
  }

  #stop(e: Expr, stopped: Evaluator<T>): () => T {
    const cells = freeIndices(e).map((i) => [i, this.#cell(i)] as const);
    return () => stopped.value(e, new Map(cells.map(([i, { value }]) => [i, value])));
  }

  /** Integers are plain numbers in every field: exact up to 2⁵³. */
  #prepareInt(e: Expr): () => number {
    switch (e.kind) {
      case "num":
        return () => e.value;
      case "size": {
        const value = sizeOf(e.extent, this.#scope.sizes);
        return () => value;
      }
      case "index": {
        const cell = this.#cell(e.index);
        return () => cell.value;
      }
      case "where": {
        const [guard, then, otherwise] = [this.#condition(e.guard), this.#int(e.then), this.#int(e.else)];
        return () => (guard.run() ? then : otherwise).run();
      }
      case "apply": {
        if (e.op === "iverson") {
          const condition = this.#condition(e.args[0]!);
          return () => (condition.run() ? 1 : 0);
        }
        return applied(
          double.functions[arithmetic(e)],
          e.args.map((a) => this.#int(a)),
        );
      }
      case "read":
      case "reduce": {
        const real = this.#real(e);
        const { toNumber } = this.#scope.field;
        return () => toNumber(real.run());
      }
      default:
        return unreachable(e);
    }
  }

  #prepareCondition(e: Expr): () => boolean {
    const { field } = this.#scope;
    if (e.kind === "where") {
      const [guard, then, otherwise] = [e.guard, e.then, e.else].map((c) => this.#condition(c));
      return () => (guard!.run() ? then! : otherwise!).run();
    }
    if (e.kind === "read") {
      const read = this.#read(e);
      return () => field.toNumber(read()) !== 0;
    }
    if (e.kind !== "apply") throw new Error(`a condition cannot be a ${e.kind} node`);
    switch (e.op) {
      case "and":
      case "or":
      case "not": {
        const args = e.args.map((a) => this.#condition(a));
        if (e.op === "and") return () => args.every((a) => a.run());
        if (e.op === "or") return () => args.some((a) => a.run());
        return () => !args[0]!.run();
      }
      case "lt":
      case "le":
      case "gt":
      case "ge":
      case "eq":
      case "ne": {
        const holds = comparisons[e.op];
        const [left, right] = e.args as [Expr, Expr];
        if (left.type === "int" && right.type === "int") {
          const [x, y] = [this.#int(left), this.#int(right)];
          return () => holds(double.compare(x.run(), y.run()));
        }
        const [x, y] = [this.#real(left), this.#real(right)];
        return () => holds(field.compare(x.run(), y.run()));
      }
      default:
        throw new Error(`${e.op} does not give a condition`);
    }
  }

  #read({ name, at }: Node<"read">): () => T {
    const subscripts = at.map((s) => this.#int(s));
    // Most subscripts are indices: where these stand is quicker to see than to ask.
    const cells = at.map((s) => (s.kind === "index" ? this.#cell(s.index) : undefined));
    return () => {
      const table = this.#scope.tables.get(name);
      if (table === undefined) throw new Error(`${name} is read before it has a value`);
      const { shape, data } = table;
      let position = 0;
      for (let axis = 0; axis < subscripts.length; axis++) {
        const subscript = cells[axis]?.value ?? subscripts[axis]!.run();
        if (!(subscript >= 0 && subscript < shape[axis]!))
          throw new UserError(
            `${name} is read at ${subscript} along axis ${axis}, whose size is ${shape[axis]}`,
            { fix: `guard the read, such as i >= 0 ? ${name}[…] : 0; argmax and argmin of nothing are −1` },
          );
        position = position * shape[axis]! + subscript;
      }
      return data[position]!;
    };
  }

  #reduction(e: Node<"reduce">): () => T {
    const terms = this.#terms(e);
    const { fromNumber, functions } = this.#scope.field;
    const fold = (op: Arithmetic, empty: number) => {
      const join = functions[op];
      return () => {
        let total = fromNumber(empty);
        terms((term) => (total = join(total, term)));
        return total;
      };
    };
    switch (e.op) {
      case "sum":
        return fold("add", 0);
      case "prod":
        return fold("mul", 1);
      case "max":
        return fold("max", -Infinity);
      case "min":
        return fold("min", Infinity);
      case "argmax":
        return () => fromNumber(this.#first(terms, (order) => order > 0).position);
      case "argmin":
        return () => fromNumber(this.#first(terms, (order) => order < 0).position);
      case "logsumexp":
        return () => this.#logSumExp(terms);
      default:
        return unreachable(e.op);
    }
  }

  /** Visits the terms of a reduction whose guard holds, each with its position. */
  #terms({ over, guard, body }: Node<"reduce">): Terms<T> {
    const size = sizeOf(over.extent, this.#scope.sizes);
    const cell = this.#cell(over);
    const term = this.#real(body);
    const holds = guard && this.#condition(guard);
    return (visit) => {
      const outer = cell.value; // an outer binder of the same index goes on where it was
      for (let position = 0; position < size; position++) {
        cell.value = position;
        if (holds === undefined || holds.run()) visit(term.run(), position);
      }
      cell.value = outer;
    };
  }

  /** The first term that no other beats; the first NaN if there is one. */
  #first(terms: Terms<T>, beats: (order: number) => boolean): { term: T | undefined; position: number } {
    const { compare, isNaN } = this.#scope.field;
    let best: { term: T | undefined; position: number } = { term: undefined, position: -1 };
    terms((term, position) => {
      if (best.term !== undefined && isNaN(best.term)) return;
      if (best.term === undefined || isNaN(term) || beats(compare(term, best.term)))
        best = { term, position };
    });
    return best;
  }

  /** log Σ exp(xⱼ) as m + log1p(Σ exp(xⱼ − m)), m the greatest term and the sum over the others. */
  #logSumExp(terms: Terms<T>): T {
    const { fromNumber, compare, functions } = this.#scope.field;
    const { exp, log1p, add, sub, abs } = functions;
    const all: T[] = [];
    terms((term) => all.push(term));
    const { term: greatest, position } = this.#first(
      (visit) => all.forEach(visit),
      (order) => order > 0,
    );
    if (greatest === undefined) return fromNumber(-Infinity);
    if (compare(abs(greatest), fromNumber(Infinity)) === 0) return greatest; // ∞ − ∞ would be NaN
    const others = all.toSpliced(position, 1).map((term) => exp(sub(term, greatest)));
    return add(greatest, log1p(others.reduce((x, y) => add(x, y), fromNumber(0))));
  }
}

/** Calls `visit` with each term of a reduction in order. */
type Terms<T> = (visit: (term: T, position: number) => void) => void;

/** A function of one argument, or of more that are taken from the left, or all together. */
function applied<V>(
  f: (x: V, ...more: V[]) => V,
  args: readonly Computation<V>[],
  together = false,
): () => V {
  const [first, ...rest] = args;
  const [second] = rest;
  if (second === undefined) return () => f(first!.run());
  if (rest.length === 1) return () => f(first!.run(), second.run());
  if (together) return () => f(first!.run(), ...rest.map((a) => a.run()));
  return () => rest.reduce((x, y) => f(x, y.run()), first!.run());
}

function arithmetic(e: Node<"apply">): Arithmetic {
  switch (e.op) {
    case "lt":
    case "le":
    case "gt":
    case "ge":
    case "eq":
    case "ne":
    case "and":
    case "or":
    case "not":
    case "iverson":
      throw new Error(`${e.op} does not give a number by arithmetic`);
    default:
      return e.op;
  }
}
