/**
 * Whether an expression may be computed for all values of its indices.
 *
 * What stands under a condition may read where only that condition keeps the subscript
 * inside: s[i, y[i]] under y[i] >= 0. Such an expression cannot be given a name and be
 * computed beforehand.
 */
import type { Extent } from "../expr/extent.ts";
import { apply, children, freeIndices, num, occursFree, type Expr, type Node } from "../expr/node.ts";
import type { Definition, Program } from "../expr/program.ts";
import type { Algebra } from "../simplify/algebra.ts";
import { always, conjuncts, implies, negate } from "../simplify/condition.ts";
import { below, provablyInside } from "../simplify/linear.ts";
import { unify } from "../simplify/unify.ts";

type Read = Node<"read">;

/** The shapes of arrays by their names: inputs and definitions. */
export type Shapes = ReadonlyMap<string, readonly Extent[]>;

/** The shapes of a program's inputs, and of definitions. */
export function shapesOf(program: Program, definitions: readonly Definition[]): Shapes {
  return new Map<string, readonly Extent[]>([
    ...definitions.map((d) => [d.name, d.indices.map((i) => i.extent)] as const),
    ...program.inputs.map((i) => [i.name, i.shape] as const),
  ]);
}

/** Tells whether all that an expression reads is inside, for all values of its free indices. */
export function readsInside(program: Program, shapes: Shapes, s: Algebra): (e: Expr) => boolean {
  const unconditional = new Map<string, Read[]>();
  for (const r of unconditionalReads(program.definitions, s)) {
    const others = unconditional.get(r.name);
    if (others) others.push(r);
    else unconditional.set(r.name, [r]);
  }
  const isInside = (x: Expr, extent: Extent | undefined, known: readonly Expr[]): boolean => {
    if (extent === undefined) return false;
    if (provablyInside(x, extent, s)) return true;
    return [x, below(x, extent, s)].every((form) => {
      const wanted = s.simplify(apply("ge", form, num(0)));
      return known.some((k) => implies(k, wanted, s));
    });
  };
  const bounded = (r: Read, known: readonly Expr[]): boolean =>
    unconditional.get(r.name)?.some((u) => unify(u, r, freeIndices(u), () => false) !== undefined) ||
    r.at.every((x, n) => isInside(x, shapes.get(r.name)?.[n], known));

  const inside = (e: Expr, here: Here): boolean => {
    let answer = here.answers.get(e);
    if (answer === undefined) here.answers.set(e, (answer = decide(e, here)));
    return answer;
  };
  const decide = (e: Expr, here: Here): boolean => {
    const { known } = here;
    const under = (child: Expr, conditions: readonly Expr[]): boolean =>
      inside(child, conditions.length === 0 ? here : place([...known, ...conditions]));
    switch (e.kind) {
      case "read":
        return bounded(e, known) && e.at.every((x) => inside(x, here));
      case "where":
        return (
          inside(e.guard, here) &&
          under(e.then, conjuncts(e.guard)) &&
          under(e.else, conjuncts(negate(e.guard, s)))
        );
      case "reduce": {
        // Conditions on an outer index of the same name say nothing of this one.
        const outer = known.filter((c) => !occursFree(e.over, c));
        const within = outer.length === known.length ? here : place(outer);
        if (e.guard === undefined) return inside(e.body, within);
        return inside(e.guard, within) && inside(e.body, place([...outer, ...conjuncts(e.guard)]));
      }
      case "apply": {
        // In normal form a product is 0 where its conditions do not hold, and nothing else of it is asked.
        const conditions =
          e.op === "mul" ? e.args.flatMap((f) => (isCall(f, "iverson") ? conjuncts(f.args[0]) : [])) : [];
        if (e.op === "and")
          return e.args.every((c) =>
            under(
              c,
              e.args.filter((other) => other !== c),
            ),
          );
        return e.args.every((a) => under(a, conditions));
      }
      default:
        return true;
    }
  };
  return (e) => inside(e, place([]));
}

/** Where an expression stands: what is known to hold there, and the answers that were found there. */
interface Here {
  readonly known: readonly Expr[];
  readonly answers: Map<Expr, boolean>;
}
const place = (known: readonly Expr[]): Here => ({ known, answers: new Map() });

const isCall = (e: Expr, op: Node<"apply">["op"]): e is Node<"apply"> => e.kind === "apply" && e.op === op;

/** Reads that take place for all values of the indices around them; subscripts were checked for these. */
function unconditionalReads(definitions: readonly Definition[], s: Algebra): readonly Read[] {
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    evaluated(e, s).forEach(visit);
  };
  for (const d of definitions) visit(d.body);
  return [...seen].filter((e) => e.kind === "read");
}

/** The parts that are evaluated wherever an expression is. */
function evaluated(e: Expr, s: Algebra): readonly Expr[] {
  switch (e.kind) {
    case "where":
      return [e.guard];
    case "reduce":
      // r < 3, where that is what r runs to, is no condition.
      return e.guard === undefined || s.simplify(e.guard) === always ? [e.body] : [e.guard];
    case "apply":
      return e.op === "and" || e.op === "or" ? [e.args[0]!] : e.args;
    default:
      return children(e);
  }
}
