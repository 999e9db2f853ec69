/** Runs a nest step by step. Unlike JavaScript it stops at every read or write outside a buffer. */
import type { Binding } from "../../lib/binding.ts";
import { sizeOf } from "../../lib/expr/extent.ts";
import type { Nest, Range, Scalar, Statement, Update } from "../../lib/loop/nest.ts";
import { applied } from "./applied.ts";

/** The results of a nest in its order, scalars as arrays of one number. Scratch holds NaN before it is written. */
export function interpret(nest: Nest, { arrays, sizes }: Binding): readonly (readonly number[])[] {
  const names = new Map<string, number>();
  const buffers = new Map<string, number[]>();
  for (const { name, extent } of nest.sizes) names.set(name, sizeOf(extent, sizes));
  for (const { name, of } of nest.parameters) names.set(name, arrays.get(of)!.data[0]!);
  for (const { name, of, role, shape } of nest.buffers) {
    const length = shape.reduce((n, extent) => n * sizeOf(extent, sizes), 1);
    buffers.set(name, role === "input" ? [...arrays.get(of)!.data] : Array.from({ length }, () => NaN));
  }

  const element = (buffer: string, offset: Scalar): { readonly all: number[]; readonly n: number } => {
    const all = buffers.get(buffer)!;
    const n = value(offset);
    if (!Number.isInteger(n) || n < 0 || n >= all.length)
      throw new Error(`${buffer} has ${all.length} values, but number ${n} is asked for`);
    return { all, n };
  };

  const value = (s: Scalar): number => {
    switch (s.kind) {
      case "const":
        return s.value;
      case "name":
        return names.get(s.name)!;
      case "load": {
        const { all, n } = element(s.buffer, s.offset);
        return all[n]!;
      }
      case "select":
        return value(s.guard) !== 0 ? value(s.yes) : value(s.no);
      case "apply":
        // Later conditions may rely on those before them.
        if (s.op === "and") return s.args.every((a) => value(a) !== 0) ? 1 : 0;
        if (s.op === "or") return s.args.some((a) => value(a) !== 0) ? 1 : 0;
        return applied(s.op, s.args.map(value));
    }
  };

  const run = (statements: readonly Statement[]): void => {
    for (const s of statements) step(s);
  };
  const step = (s: Statement): void => {
    switch (s.kind) {
      case "comment":
        return;
      case "let":
        names.set(s.name, value(s.value));
        return;
      case "assign":
        names.set(s.name, updated(names.get(s.name)!, s.by, value(s.value)));
        return;
      case "store": {
        const { all, n } = element(s.buffer, s.offset);
        all[n] = updated(all[n]!, s.by, value(s.value));
        return;
      }
      case "fill":
        buffers.get(s.buffer)!.fill(value(s.value));
        return;
      case "for": {
        const end = value(s.to);
        for (let i = value(s.from); i < end; i += s.step ?? 1) {
          names.set(s.index, i);
          run(s.body);
        }
        return;
      }
      case "contract":
        contract(s);
        return;
      case "if":
        run(value(s.guard) !== 0 ? s.yes : s.no);
        return;
      case "require":
        if (value(s.guard) === 0) throw new Error("the door is shut");
    }
  };

  const contract = (s: Extract<Statement, { kind: "contract" }>): void => {
    const over = (ranges: readonly Range[], inner: () => void): void => {
      const [range, ...others] = ranges;
      if (range === undefined) return inner();
      const end = value(range.to);
      for (let i = value(range.from); i < end; i++) {
        names.set(range.index, i);
        over(others, inner);
      }
    };
    over(s.frees, () => {
      let sum = 0;
      over(s.sums, () => (sum += s.factors.reduce((product, f) => product * value(f), 1)));
      const { all, n } = element(s.buffer, s.offset);
      all[n] = all[n]! + sum;
    });
  };

  run(nest.door);
  run(nest.body);
  return nest.results.map((r) => (r.scalar ? [names.get(r.name)!] : buffers.get(r.name)!));
}

function updated(old: number, by: Update, value: number): number {
  switch (by) {
    case "set":
      return value;
    case "add":
      return old + value;
    case "mul":
      return old * value;
    default:
      return Math[by](old, value);
  }
}
