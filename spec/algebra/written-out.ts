/**
 * A program at a point, written out in scalars: `log(exp(v0) + exp(v1)) - v0`.
 *
 * Sums, gathers, sizes and labels become what they are at the point, and every choice
 * (max, abs, ?:, a guard) the side that is taken there. What remains is smooth and is what
 * an algebra system can differentiate.
 */
import { bind } from "../../lib/bind.ts";
import type { Binding } from "../../lib/binding.ts";
import { evaluate, evaluateAt, inputTables, type Scope } from "../../lib/eval.ts";
import { sizeOf } from "../../lib/expr/extent.ts";
import type { Expr, Index, Node } from "../../lib/expr/node.ts";
import { output, type Definition, type Input, type Program } from "../../lib/expr/program.ts";
import { double } from "../../lib/number/double.ts";
import type { Given } from "../diff/points.ts";

export interface WrittenOut {
  /** The output, or for a layer the sum of its elements times those of its upstream gradient. */
  readonly text: string;
  /** The values of the symbols. */
  readonly values: Readonly<Record<string, number>>;
  /** The symbol of an element of a real input. */
  readonly symbol: (input: string, position: number) => string;
}

type Place = ReadonlyMap<Index, number>;

// prettier-ignore
const forms: Readonly<Record<string, (x: string, y: string) => string>> = {
  sub:      (x, y) => `(${x} - ${y})`,
  div:      (x, y) => `(${x})/(${y})`,
  pow:      (x, y) => `(${x})^(${y})`,
  neg:      (x) => `(-1)*(${x})`,
  exp:      (x) => `exp(${x})`,
  expm1:    (x) => `(exp(${x}) - 1)`,
  log:      (x) => `log(${x})`,
  log1p:    (x) => `log(1 + ${x})`,
  sqrt:     (x) => `(${x})^(1/2)`,
  sin:      (x) => `sin(${x})`,
  cos:      (x) => `cos(${x})`,
  cosh:     (x) => `((exp(${x}) + exp((-1)*(${x})))/2)`,
  tanh:     (x) => `(1 - 2/(exp(2*(${x})) + 1))`,
  sigmoid:  (x) => `1/(1 + exp((-1)*(${x})))`,
  softplus: (x) => `log(1 + exp(${x}))`,
};

/** A number as a quotient of integers, exactly: algebra systems round decimals. */
export function quotient(x: number): string {
  let [n, d] = [x, 1n];
  while (!Number.isInteger(n)) [n, d] = [n * 2, d * 2n]; // exact: no bit is lost
  const text = d === 1n ? String(BigInt(n)) : `(${BigInt(n)}/${d})`;
  return n < 0 ? `(${text})` : text;
}

export function writtenOut(program: Program, inputs: readonly Input[], given: Given): WrittenOut {
  const binding = bind({ inputs, bounds: program.bounds, definitions: program.definitions }, given);
  const writer = new Writer(program, binding);
  return {
    text: writer.output(),
    values: writer.values,
    symbol: (input, position) => writer.symbol(input, position),
  };
}

class Writer {
  readonly values: Record<string, number> = {};
  readonly #program: Program;
  readonly #scope: Scope<number>;
  readonly #binding: Binding;
  readonly #symbols = new Map<string, string>();

  constructor(program: Program, binding: Binding) {
    this.#program = program;
    this.#binding = binding;
    const tables = new Map([
      ...inputTables(binding, double),
      ...evaluate(program.definitions, binding, double),
    ]);
    this.#scope = { field: double, sizes: binding.sizes, tables };
  }

  symbol(input: string, position: number): string {
    const key = `${input} ${position}`;
    let symbol = this.#symbols.get(key);
    if (symbol === undefined) {
      symbol = `v${this.#symbols.size}`;
      this.#symbols.set(key, symbol);
      this.values[symbol] = this.#binding.arrays.get(input)!.data[position]!;
    }
    return symbol;
  }

  output(): string {
    const { name, indices, body } = output(this.#program);
    if (indices.length === 0) return this.#write(body, new Map());
    const terms = [...this.#places(indices, new Map())].map(
      (place, position) => `${this.symbol(`d${name}`, position)}*(${this.#write(body, place)})`,
    );
    return terms.join(" + ");
  }

  *#places([first, ...rest]: readonly Index[], place: Place): Generator<Place> {
    if (first === undefined) return yield place;
    for (let n = 0; n < sizeOf(first.extent, this.#scope.sizes); n++)
      yield* this.#places(rest, new Map([...place, [first, n]]));
  }

  #value(e: Expr, place: Place): number {
    return evaluateAt(e, place, this.#scope);
  }

  #write(e: Expr, place: Place): string {
    if (e.type !== "real") return quotient(this.#value(e, place));
    switch (e.kind) {
      case "num":
        return quotient(e.value);
      case "index":
      case "size":
        return quotient(this.#value(e, place));
      case "read":
        return this.#read(e, place);
      case "where":
        return this.#write(this.#value(e.guard, place) === 1 ? e.then : e.else, place);
      case "apply":
        return this.#apply(e, place);
      case "reduce":
        return this.#reduction(e, place);
    }
  }

  #read({ name, at }: Node<"read">, place: Place): string {
    const subscripts = at.map((x) => this.#value(x, place));
    const definition = this.#program.definitions.find((d) => d.name === name);
    if (definition) return this.#definition(definition, subscripts);
    const { shape } = this.#binding.arrays.get(name)!;
    return this.symbol(
      name,
      subscripts.reduce((position, x, axis) => position * shape[axis]! + x, 0),
    );
  }

  #definition({ indices, body }: Definition, subscripts: readonly number[]): string {
    return `(${this.#write(body, new Map(indices.map((i, n) => [i, subscripts[n]!])))})`;
  }

  #apply(e: Node<"apply">, place: Place): string {
    const [x, y] = e.args as [Expr, Expr];
    const all = (): readonly string[] => e.args.map((a) => this.#write(a, place));
    switch (e.op) {
      case "add":
        return `(${all().join(" + ")})`;
      case "mul":
        return all()
          .map((f) => `(${f})`)
          .join("*");
      case "max":
      case "min":
        return this.#write(
          this.#extreme(
            e.op,
            e.args.map((a) => [a, place] as const),
          )[0],
          place,
        );
      case "abs":
        return this.#value(x, place) < 0 ? `(-1)*(${this.#write(x, place)})` : this.#write(x, place);
      case "relu":
        return this.#value(x, place) > 0 ? this.#write(x, place) : "0";
      case "sign":
        return quotient(this.#value(e, place));
      default: {
        const form = forms[e.op];
        if (form === undefined) throw new Error(`${e.op} is not written out`);
        return form(this.#write(x, place), y === undefined ? "" : this.#write(y, place));
      }
    }
  }

  #reduction(e: Node<"reduce">, place: Place): string {
    const taken = [...this.#places([e.over], place)].filter(
      (p) => e.guard === undefined || this.#value(e.guard, p) === 1,
    );
    const terms = (): readonly string[] => taken.map((p) => this.#write(e.body, p));
    switch (e.op) {
      case "sum":
        return taken.length === 0 ? "0" : `(${terms().join(" + ")})`;
      case "prod":
        return taken.length === 0
          ? "1"
          : terms()
              .map((f) => `(${f})`)
              .join("*");
      case "logsumexp":
        return `log(${terms()
          .map((t) => `exp(${t})`)
          .join(" + ")})`;
      case "max":
      case "min": {
        const [body, where] = this.#extreme(
          e.op,
          taken.map((p) => [e.body, p] as const),
        );
        return this.#write(body, where);
      }
      default:
        return quotient(this.#value(e, place));
    }
  }

  #extreme(op: "max" | "min", among: readonly (readonly [Expr, Place])[]): readonly [Expr, Place] {
    const sign = op === "max" ? 1 : -1;
    let [best, greatest] = [among[0]!, -Infinity];
    for (const one of among) {
      const value = sign * this.#value(...one);
      if (value > greatest) [best, greatest] = [one, value];
    }
    return best;
  }
}
