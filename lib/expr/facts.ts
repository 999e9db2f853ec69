/**
 * Facts: what guards let us assume where a term is evaluated, as affine forms that are at least 0.
 *
 * Only what is certain becomes a fact; a guard that says nothing of that form gives none.
 */
import { affine, indexForm, minus, scaled, type Affine } from "./affine.ts";
import type { Types } from "./infer-types.ts";
import type { IndexBound, Term } from "./term.ts";
import { comparisons } from "./syntax.ts";

/** A form that is ≥ 0. */
export type Fact = Affine;

/** What holds where `guard` does (`holds` true) or where it fails. */
export function factsOf(guard: Term, holds: boolean, types: Types): readonly Fact[] {
  if (guard.kind !== "apply") return [];
  const { op, args } = guard;
  if (op === "not") return factsOf(args[0]!, !holds, types);
  // Where a conjunction fails, one of its parts fails, but which one is not known; dually for `or`.
  if (op === (holds ? "and" : "or")) return args.flatMap((a) => factsOf(a, holds, types));
  const gap = comparable.has(op) ? difference(args, types) : undefined;
  if (gap === undefined) return [];
  // right − left: positive where left < right.
  const back = scaled(gap, -1);
  switch (op) {
    case "lt":
      return holds ? [strict(gap)] : [back];
    case "le":
      return holds ? [gap] : [strict(back)];
    case "gt":
      return holds ? [strict(back)] : [gap];
    case "ge":
      return holds ? [back] : [strict(gap)];
    case "eq":
      return holds ? [gap, back] : [];
    case "ne":
      return holds ? [] : [gap, back];
    default:
      return [];
  }
}

/** What `of < below` says; undefined where nothing is known of `below` before arrays are bound. */
export function factOfBound({ of, below }: IndexBound, types: Types): Fact | undefined {
  const form = affine(below, types);
  if (form === undefined || form.labels.size > 0) return undefined;
  return strict(minus(form, indexForm(of)));
}

/** f > 0 as a form that is ≥ 0: all values are integers. */
const strict = (f: Affine): Affine => ({ ...f, constant: f.constant - 1 });

const comparable: ReadonlySet<string> = new Set(comparisons);

function difference(args: readonly Term[], types: Types): Affine | undefined {
  const [left, right] = [affine(args[0]!, types), affine(args[1]!, types)];
  return left && right && minus(right, left);
}
