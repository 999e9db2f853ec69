/**
 * softplus and sigmoid of arguments that are each other's opposites, from one value of each.
 *
 *   softplus(z)   max(0, z) + softplus(-|z|)
 *   sigmoid(z)    z > 0 ? 1 - sigmoid(-|z|) : sigmoid(-|z|)
 *   e/(1 + e)     sigmoid(-|z|) where that is there, e = exp(-|z|)
 *
 * Nothing is gained in accuracy: what is on the right is as good, and is computed once for z and -z.
 */
import { apply, num, rebuild, where, type Expr, type Node } from "../expr/node.ts";
import { withBodies } from "../expr/bodies.ts";
import { partsOf, rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { argument, isApply, one } from "./pattern.ts";
import { oneProduct } from "./sides.ts";
import { factors, isSum, negative, opposite, signedTerms, sumOf } from "./terms.ts";

type Logistic = "softplus" | "sigmoid";

const isLogistic = (e: Expr): e is Node<"apply"> & { readonly op: Logistic } =>
  e.kind === "apply" && (e.op === "softplus" || e.op === "sigmoid");

/** Definitions in which what z and -z have in common is the same expression. */
export function meetOpposites(definitions: readonly Definition[]): readonly Definition[] {
  const pairs = new Pairs(definitions.map((d) => d.body));
  const meet = (body: Expr): Expr => oneProduct(pairs.none ? body : pairs.rewrite(body));
  return sharedSigmoids(withBodies(definitions, meet));
}

/** e/(1 + e) with e = exp(u) as sigmoid(u), where that is computed anyway. */
function sharedSigmoids(definitions: readonly Definition[]): readonly Definition[] {
  const sigmoids = new Map<Expr, Expr>();
  for (const e of partsOf(...definitions.map((d) => d.body)))
    if (isApply(e, "sigmoid")) {
      const power = apply("exp", argument(e));
      sigmoids.set(apply("div", power, apply("add", one, power)), e);
    }
  if (sigmoids.size === 0) return definitions;
  return withBodies(
    definitions,
    rewriting((e, go) => sigmoids.get(e) ?? rebuild(e, go)),
  );
}

class Pairs {
  /** For each function and argument the argument of which -|z| is taken; only where several share it. */
  readonly #main: Readonly<Record<Logistic, ReadonlyMap<Expr, Expr>>>;

  constructor(bodies: readonly Expr[]) {
    const args = { softplus: new Set<Expr>(), sigmoid: new Set<Expr>() };
    for (const e of partsOf(...bodies)) if (isLogistic(e)) args[e.op].add(e.args[0]!);
    this.#main = { softplus: mainOf(args.softplus), sigmoid: mainOf(args.sigmoid) };
  }

  get none(): boolean {
    return this.#main.softplus.size === 0 && this.#main.sigmoid.size === 0;
  }

  readonly rewrite = rewriting((e, go) => this.#step(e, go));

  #step(e: Expr, go: (e: Expr) => Expr): Expr {
    const main = isLogistic(e) ? this.#main[e.op].get(e.args[0]!) : undefined;
    const inner = rebuild(e, go);
    if (main === undefined || !isLogistic(e) || !isLogistic(inner)) return inner;
    const z = inner.args[0]!;
    const small = apply(e.op, negative(apply("abs", go(main))));
    if (sizeIn(e.args[0]!) !== undefined) return small;
    return e.op === "softplus"
      ? apply("add", apply("max", num(0), z), small)
      : where(apply("gt", z, num(0)), apply("sub", num(1), small), small);
  }
}

/** One of z and -z for both, where both are there. */
function mainOf(args: ReadonlySet<Expr>): ReadonlyMap<Expr, Expr> {
  const found = new Map<Expr, Expr>();
  for (const z of args) {
    const size = sizeIn(z);
    const others = size === undefined ? opposites(z) : [size, ...opposites(size)];
    for (const other of others) {
      if (other === z || !args.has(other)) continue;
      const main = found.get(other) ?? size ?? (isApply(other, "neg") ? z : other);
      found.set(other, main);
      found.set(z, main);
    }
  }
  return found;
}

/** x of -|x|. */
function sizeIn(z: Expr): Expr | undefined {
  const inner = z.kind === "apply" && z.op === "neg" ? z.args[0]! : undefined;
  return inner?.kind === "apply" && inner.op === "abs" ? inner.args[0]! : undefined;
}

/** Expressions that are -z, as it may be written: -z itself, or with the sign in one of the factors. */
function opposites(z: Expr): readonly Expr[] {
  const all = factors(z);
  const turned = all.flatMap((f, n) => {
    if (f.kind !== "num" && !isSum(f)) return [];
    const other = f.kind === "num" ? negative(f) : sumOf(opposite(signedTerms(f)));
    return [all.length === 1 ? other : apply("mul", ...all.with(n, other))];
  });
  return [negative(z), ...turned];
}
