/**
 * Affine forms: `2*p + r - 1` as 2·p + 1·r + (−1).
 *
 * A form is a constant, plus multiples of indices, plus multiples of sizes
 * (`extent(X, 0)`, integer scalars such as K), plus multiples of labels, whose values
 * are known only when arrays are bound. All coefficients are integers.
 */
import type { Types } from "./infer-types.ts";
import { termKey, type Term, type TermOf, type Variable } from "./term.ts";

/** A number that is fixed once arrays are bound. */
export type Size =
  | { readonly kind: "axis"; readonly array: string; readonly axis: number }
  | { readonly kind: "scalar"; readonly name: string };

export interface Affine {
  readonly constant: number;
  readonly indices: ReadonlyMap<Variable, number>;
  /** By a text that tells sizes apart. */
  readonly sizes: ReadonlyMap<string, { readonly times: number; readonly size: Size }>;
  readonly labels: ReadonlyMap<string, number>;
}

const none: Affine = { constant: 0, indices: new Map(), sizes: new Map(), labels: new Map() };

export const indexForm = (v: Variable): Affine => ({ ...none, indices: new Map([[v, 1]]) });

/** The affine form of an integer term; undefined when it has none. */
export function affine(t: Term, types: Types): Affine | undefined {
  switch (t.kind) {
    case "num":
      return t.integer ? { ...none, constant: t.value } : undefined;
    case "index":
      return indexForm(t.variable);
    case "size":
      return sizeForm(termKey(t), { kind: "axis", array: t.array, axis: t.axis });
    case "read":
      if (types.of(t.name) !== "int") return undefined;
      return readForm(t, types);
    case "reduce":
      return t.op === "argmax" || t.op === "argmin"
        ? { ...none, labels: new Map([[termKey(t), 1]]) }
        : undefined;
    case "apply":
      return affineApply(t, types);
    case "where":
      return undefined;
  }
}

/** An integer input is a size; a name for one, `n = extent(X, 0)`, is what it stands for; all else is known when it is computed. */
function readForm(t: TermOf<"read">, types: Types): Affine {
  if (t.at.length === 0 && !types.isDefinition(t.name))
    return sizeForm(t.name, { kind: "scalar", name: t.name });
  const meaning = t.at.length === 0 ? types.meaningOf(t.name) : undefined;
  const form = meaning && affine(meaning, types);
  return form !== undefined && form.labels.size === 0
    ? form
    : { ...none, labels: new Map([[termKey(t), 1]]) };
}

const sizeForm = (key: string, size: Size): Affine => ({
  ...none,
  sizes: new Map([[key, { times: 1, size }]]),
});

function affineApply({ op, args }: TermOf<"apply">, types: Types): Affine | undefined {
  if (op !== "add" && op !== "sub" && op !== "neg" && op !== "mul") return undefined;
  const forms: Affine[] = [];
  for (const a of args) {
    const form = affine(a, types);
    if (form === undefined) return undefined;
    forms.push(form);
  }
  if (op === "mul") return product(forms);
  if (op === "neg") return scaled(forms[0]!, -1);
  return op === "sub" ? minus(forms[0]!, forms[1]!) : forms.reduce(plus);
}

function product(forms: readonly Affine[]): Affine | undefined {
  const variable = forms.filter((f) => !isConstant(f));
  if (variable.length > 1) return undefined;
  const factor = forms.filter(isConstant).reduce((p, f) => p * f.constant, 1);
  return scaled(variable[0] ?? { ...none, constant: 1 }, factor);
}

export const isConstant = (f: Affine): boolean =>
  f.indices.size === 0 && f.sizes.size === 0 && f.labels.size === 0;

export const minus = (f: Affine, g: Affine): Affine => plus(f, scaled(g, -1));

function plus(f: Affine, g: Affine): Affine {
  const sizes = new Map(f.sizes);
  for (const [key, { times, size }] of g.sizes) {
    const sum = times + (sizes.get(key)?.times ?? 0);
    if (sum === 0) sizes.delete(key);
    else sizes.set(key, { times: sum, size });
  }
  return {
    constant: f.constant + g.constant,
    indices: merged(f.indices, g.indices),
    sizes,
    labels: merged(f.labels, g.labels),
  };
}

function merged<K>(f: ReadonlyMap<K, number>, g: ReadonlyMap<K, number>): ReadonlyMap<K, number> {
  const sum = new Map(f);
  for (const [key, times] of g) {
    const total = times + (sum.get(key) ?? 0);
    if (total === 0) sum.delete(key);
    else sum.set(key, total);
  }
  return sum;
}

export function scaled(f: Affine, by: number): Affine {
  if (by === 0) return none;
  return {
    constant: f.constant * by,
    indices: new Map([...f.indices].map(([v, times]) => [v, times * by])),
    sizes: new Map([...f.sizes].map(([key, { times, size }]) => [key, { times: times * by, size }])),
    labels: new Map([...f.labels].map(([key, times]) => [key, times * by])),
  };
}

/** Whether f and `sign`·g have the same multiples of indices and labels. */
export function sameLinearPart(f: Affine, g: Affine, sign: 1 | -1): boolean {
  const same = <K>(a: ReadonlyMap<K, number>, b: ReadonlyMap<K, number>): boolean =>
    a.size === b.size && [...a].every(([key, times]) => b.get(key) === sign * times);
  return same(f.indices, g.indices) && same(f.labels, g.labels);
}
