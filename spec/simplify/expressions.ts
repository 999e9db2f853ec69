/**
 * Random well-typed expressions for the specs of the simplifier.
 *
 * An expression is drawn from a list of choices; where the list ends every choice is
 * the first, which is the simplest. So fast-check shrinks expressions by shrinking lists.
 *
 * Free are the reals x and z (z > 0), a[i], b[j] and s[i,j], the labels y[i] < C, and the
 * indices i < N, j < C and k < C; every read is inside.
 */
import fc from "fast-check";
import { axisExtent, fixedExtent, type Extent } from "../../lib/expr/extent.ts";
import {
  apply,
  at,
  index,
  num,
  read,
  reduce,
  size,
  where,
  type Expr,
  type Index,
} from "../../lib/expr/node.ts";
import type { Op, Reduction } from "../../lib/expr/ops.ts";

export const rows: Extent = axisExtent("s", 0);
export const columns: Extent = axisExtent("s", 1);
const few = fixedExtent(2);

export const free = { i: index("i", rows), j: index("j", columns), k: index("k", columns) };

/** What an expression is drawn from. */
export const choices: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(999), {
  minLength: 4,
  maxLength: 90,
  size: "max",
});

/** The real expression that these choices make. */
export const expressionOf = (list: readonly number[]): Expr =>
  new Draw(list).real([free.i, free.j, free.k], 5);

type Scope = readonly Index[];
type Make = () => Expr;

const smooth: readonly Op[] = [
  "exp",
  "softplus",
  "sigmoid",
  "tanh",
  "sin",
  "cos",
  "atan",
  "erf",
  "cosh",
  "expm1",
  "asinh",
  "cbrt",
];
const bound = ["j", "m", "k", "i", "q"];

class Draw {
  readonly #list: readonly number[];
  #next = 0;

  constructor(list: readonly number[]) {
    this.#list = list;
  }

  #pick<T>(from: readonly T[]): T {
    return from[(this.#list[this.#next++] ?? 0) % from.length]!;
  }

  #make(from: readonly Make[]): Expr {
    return this.#pick(from)();
  }

  // prettier-ignore
  real(scope: Scope, depth: number): Expr {
    const leaves: Make[] = [
      () => read("x", []),
      () => num(this.#pick([1, 2, 0, -1, 3, 0.5, -2])),
      () => read("a", [this.#row(scope)]),
      () => read("b", [this.#column(scope)]),
      () => read("s", [this.#row(scope), this.#column(scope)]),
      () => read("z", []),
    ];
    if (depth === 0) return this.#make(leaves);
    const next = (): Expr => this.real(scope, depth - 1);
    return this.#make([
      ...leaves,
      () => apply("add", next(), next()),
      () => apply("mul", next(), next()),
      () => this.#reduction(scope, depth),
      () => apply("iverson", this.condition(scope, depth - 1)),
      () => apply("sub", next(), next()),
      () => this.#reduction(scope, depth),
      () => where(this.condition(scope, depth - 1), next(), next()),
      () => apply("mul", apply("iverson", this.condition(scope, depth - 1)), next()),
      () => this.#reduction(scope, depth),
      () => apply(this.#pick(["max", "min"] as const), next(), next()),
      () => apply(this.#pick(["abs", "relu", "sign"] as const), next()),
      () => apply("neg", next()),
      () => apply("div", next(), this.#positive(scope, depth)),
      () => apply("pow", next(), num(this.#pick([2, 3, 4]))),
      () => apply(this.#pick(smooth), next()),
      () => apply("log", this.#positive(scope, depth)),
      () => apply("add", next(), next(), next()),
      () => this.#reduction(scope, depth),
      () => this.integer(scope, depth - 1),
      () => apply("pow", this.#positive(scope, depth), num(this.#pick([-1, 0.5, -2, -0.5, 1.5]))),
      () => apply(this.#pick(["softplus", "sigmoid", "exp"] as const), apply("neg", next())),
      () => apply("stop", next()),
    ]);
  }

  /** More than 0 by how it is written, or nearly always. */
  // prettier-ignore
  #positive(scope: Scope, depth: number): Expr {
    const next = (): Expr => this.real(scope, Math.max(0, depth - 2));
    return this.#make([
      () => read("z", []),
      () => apply("exp", next()),
      () => apply("add", num(1), apply("exp", next())),
      () => this.#overIndex("sum", scope, (inner) => apply("exp", this.real(inner, Math.max(0, depth - 2)))),
      () => apply("add", num(1), apply("pow", next(), num(2))),
      () => apply("mul", read("z", []), apply("exp", next())),
      () => apply("sigmoid", next()),
      () => apply("sub", num(1), apply("sigmoid", next())),
      () => apply("add", apply("exp", next()), apply("exp", next())),
      () => apply("add", num(1), apply("abs", next())),
    ]);
  }

  #reduction(scope: Scope, depth: number): Expr {
    const op = this.#pick<Reduction>(["sum", "sum", "sum", "max", "min", "logsumexp", "prod", "sum"]);
    if (op === "sum" && this.#pick([0, 0, 0, 0, 0, 0, 1]) === 1) return this.#shifted(scope, depth);
    const body = (inner: Scope): Expr => this.real(inner, depth - 1);
    return op === "sum" || op === "prod"
      ? this.#overIndex(op, scope, body)
      : this.#overIndex(op, scope, body);
  }

  #overIndex(op: Reduction, scope: Scope, body: (inner: Scope) => Expr): Expr {
    const over = index(this.#pick(bound), this.#pick([columns, rows, columns, few]));
    const inner = [...scope.filter((i) => i.name !== over.name), over];
    const guard = this.#pick([0, 1, 0, 1]) === 1 ? this.#guard(over, inner) : undefined;
    return reduce(op, over, guard, body(inner));
  }

  /** A sum over a window: what its guard lets through is read beside the index. */
  #shifted(scope: Scope, depth: number): Expr {
    const over = index(this.#pick(bound), rows);
    const inner = [...scope.filter((i) => i.name !== over.name), over];
    const where = apply("add", this.#affine(inner), num(this.#pick([1, -1, 0, 2])));
    const inside = apply("and", apply("ge", where, num(0)), apply("lt", where, size(rows)));
    return reduce(
      "sum",
      over,
      inside,
      apply("mul", read("a", [where]), this.real(inner, Math.max(0, depth - 2))),
    );
  }

  #affine(scope: Scope): Expr {
    const any = (): Expr => at(this.#pick(scope));
    return this.#make([
      any,
      () => apply("add", any(), any()),
      () => apply("sub", any(), any()),
      () => apply("mul", num(2), any()),
    ]);
  }

  #guard(over: Index, scope: Scope): Expr {
    const simple = (): Expr =>
      apply(this.#pick(["ne", "eq", "lt", "ge", "le", "gt"] as const), at(over), this.integer(scope, 0));
    return this.#make([
      simple,
      simple,
      simple,
      () => this.condition(scope, 1),
      () => apply("and", simple(), this.condition(scope, 1)),
    ]);
  }

  // prettier-ignore
  condition(scope: Scope, depth: number): Expr {
    const compare = (): Op => this.#pick(["eq", "ne", "lt", "ge", "gt", "le"] as const);
    const integers = (): Expr => apply(compare(), this.integer(scope, 0), this.integer(scope, 0));
    const affine = (): Expr => apply(compare(), this.#affine(scope), apply("add", this.integer(scope, 0), num(this.#pick([0, 1, -1, 2]))));
    if (depth <= 0) return this.#make([integers, affine]);
    const next = (): Expr => this.condition(scope, depth - 1);
    return this.#make([
      integers,
      () => apply("gt", this.real(scope, depth - 1), num(0)),
      integers,
      () => apply(this.#pick(["gt", "ge", "lt", "le"] as const), this.real(scope, depth - 1), this.real(scope, depth - 1)),
      affine,
      () => apply("and", next(), next()),
      () => apply("or", next(), next()),
      () => apply("not", next()),
    ]);
  }

  // prettier-ignore
  integer(scope: Scope, depth: number): Expr {
    const leaves: Make[] = [
      () => at(this.#pick(scope)),
      () => num(this.#pick([0, 1, 2])),
      () => read("y", [this.#row(scope)], "int"),
      () => size(this.#pick([columns, rows])),
    ];
    if (depth <= 0) return this.#make(leaves);
    const next = (): Expr => this.integer(scope, depth - 1);
    return this.#make([
      ...leaves,
      () => apply("iverson", this.condition(scope, depth - 1)),
      () => this.#overIndex("argmax", scope, (inner) => this.real(inner, depth - 1)),
      () => apply("add", next(), next()),
      () => apply("mul", num(this.#pick([2, -1, 3])), next()),
      () => apply(this.#pick(["max", "min"] as const), next(), next()),
      () => this.#overIndex("sum", scope, (inner) => apply("iverson", this.condition(inner, depth - 1))),
      () => this.#overIndex("argmin", scope, (inner) => this.real(inner, depth - 1)),
    ]);
  }

  #row(scope: Scope): Expr {
    const indices = scope.filter((i) => i.extent === rows);
    return indices.length === 0 ? num(0) : this.#make([...indices.map((i) => () => at(i)), () => num(0)]);
  }

  #column(scope: Scope): Expr {
    const indices = scope.filter((i) => i.extent === columns);
    const label = (): Expr => read("y", [this.#row(scope)], "int");
    return this.#make([...indices.map((i) => () => at(i)), label, label, () => num(0)]);
  }
}
