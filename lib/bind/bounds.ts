/** Subscripts that the types cannot vouch for, such as labels: tried once, for every value of their indices. */
import type { Binding } from "../binding.ts";
import { UserError } from "../errors.ts";
import { Evaluator, inputTables, type Table } from "../eval.ts";
import { sizeOf } from "../expr/extent.ts";
import { at, num, type Expr, type Index, type Node } from "../expr/node.ts";
import type { Bound, Definition } from "../expr/program.ts";
import { substitute } from "../expr/substitute.ts";
import { double } from "../number/double.ts";
import { print } from "../text/print.ts";
import { definitionsBehind, namesRead, readsOf } from "./usage.ts";

/** Throws unless 0 ≤ subscript < extent wherever the read takes place, for each bound. */
export function checkBounds(
  bounds: readonly Bound[],
  definitions: readonly Definition[],
  binding: Binding,
): void {
  const tables: Map<string, Table<number>> = inputTables(binding, double);
  const evaluator = new Evaluator({ field: double, sizes: binding.sizes, tables });
  // A subscript may read a definition, such as an argmax; that one's own subscripts are to be checked before.
  const onInputs = (bound: Bound): boolean => needed(bound, definitions).length === 0;
  for (const bound of bounds.filter(onInputs)) checkBound(bound, binding, evaluator, definitions);
  for (const bound of bounds.filter((bound) => !onInputs(bound))) {
    for (const definition of needed(bound, definitions))
      if (!tables.has(definition.name)) tables.set(definition.name, evaluator.table(definition));
    checkBound(bound, binding, evaluator, definitions);
  }
}

/** The definitions that a bound needs the values of, in their order. */
const needed = ({ subscript, guard }: Bound, definitions: readonly Definition[]): Definition[] =>
  definitionsBehind([subscript, ...(guard ? [guard] : [])].flatMap(namesRead), definitions);

function checkBound(
  bound: Bound,
  binding: Binding,
  evaluator: Evaluator<number>,
  definitions: readonly Definition[],
): void {
  const size = sizeOf(bound.extent, binding.sizes);
  const position = new Map<Index, number>();
  const over = (depth: number): void => {
    const i = bound.over[depth];
    if (i === undefined) {
      if (bound.guard !== undefined && !evaluator.holds(bound.guard, position)) return;
      const value = evaluator.int(bound.subscript, position);
      if (!(value >= 0 && value < size)) throw outside(bound, position, value, size, definitions);
      return;
    }
    const extent = sizeOf(i.extent, binding.sizes);
    for (let value = 0; value < extent; value++) {
      position.set(i, value);
      over(depth + 1);
    }
  };
  over(0);
}

function outside(
  bound: Bound,
  position: ReadonlyMap<Index, number>,
  value: number,
  size: number,
  definitions: readonly Definition[],
): UserError {
  const { array, axis, subscript, place } = bound;
  const reads = readsOf(definitions).filter((read) => read.name === array);
  // A subscript may stand for one that is computed, such as the index of an argmax; then no read has it as it is.
  const read = reads.find((read) => read.at[axis] === subscript) ?? reads[0];
  const written = read === undefined ? `axis ${axis} of ${array}` : print(read);
  if (subscript.kind === "num")
    return new UserError(`${written} is read, but the size of ${array} there is ${size}`, { place });
  const here = subscript.kind === "read" ? print(instance(subscript, position)) : print(subscript);
  const where = subscript.kind === "apply" ? whereText(position) : "";
  return new UserError(`${here} = ${value}${where}, but ${written} needs 0 ≤ ${here} < ${size}`, {
    place,
    fix: remedy(bound, value, size),
  });
}

/** A label with its indices replaced by their values: `y[3]`. */
const instance = (label: Node<"read">, position: ReadonlyMap<Index, number>): Expr =>
  substitute(label, new Map([...position].map(([i, value]) => [i, num(value)])));

const whereText = (position: ReadonlyMap<Index, number>): string =>
  position.size === 0
    ? ""
    : ` at ${[...position].map(([i, value]) => `${print(at(i))} = ${value}`).join(", ")}`;

function remedy({ subscript, array, axis }: Bound, value: number, size: number): string | undefined {
  if (subscript.kind !== "read")
    return `guard the read with 0 <= ${print(subscript)} < extent(${array}, ${axis})`;
  return value === size && size > 0 ? `count from 0: the last is ${size - 1}` : undefined;
}
