/**
 * Vectors whose sum of squares overflows or vanishes, although what is made of it does not:
 * each is multiplied by a power of two first, which is exact.
 *
 * For a definition total[i] = sum(d, w[i,d]^2), w linear in arrays A, …, of which all definitions
 * are homogeneous row by row:
 *
 *   squares[i] = sum(d, w[i,d]^2)
 *   length[i]  = max(d, abs(w[i,d]))
 *   unit[i]    = squares[i] is of ordinary size ? 1 : 2^n that brings length[i] to size
 *   total[i]   = unit[i] == 1 ? squares[i] : sum(d, (unit[i]*w[i,d])^2)
 *
 * Everything else is computed with unit[i]*A[i,d] for A[i,d]; a gradient of degree n is divided by unit[i]^n.
 *
 * Where constants are added on the way, as in variance[j] + eps, they are multiplied by the power of unit[j] that
 * makes all homogeneous. They count for the length as the number whose power they are, sqrt(abs(eps)), so that
 * they do not grow beyond size; where that cannot be told, units are at most 1.
 */
import { claim } from "../diff/names.ts";
import {
  apply,
  at,
  children,
  num,
  read,
  rebuild,
  reduce,
  where,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import type { Definition } from "../expr/program.ts";
import { partsOf, rewriting } from "../expr/parts.ts";
import { comparisons } from "../expr/syntax.ts";
import { substitute } from "../expr/substitute.ts";
import { isLinear } from "./linear.ts";
import type { Row } from "./row.ts";
import { expression, powersOf, quotient } from "./powers.ts";

// prettier-ignore
export const scaleReason: Omit<Row, "rewrite"> = {
  name: "vectors brought to size", from: "sum(d, a[d]^2)", to: "sum(d, (2^n*a[d])^2), and all that reads it with 2^n*a[d]", holds: "all definitions are homogeneous in a",
  counterexample: { text: "sum(d, a[d]*b[d]) / (sqrt(sum(d, a[d]^2)) * sqrt(sum(d, b[d]^2)))", at: { a: [3e200, 4e200], b: [1, 2] } },
};

type Read = Node<"read">;

/** How a definition grows when the arrays do: as the power `degree` of the factor of the row that subscript `axis` tells. */
interface Growth {
  readonly degree: number;
  readonly axis: number;
}

/** A power of the rows' factor; `row` is undefined where nothing depends on it, `degree` where it is 0, which fits any. */
interface Power {
  readonly degree: number | undefined;
  readonly row: Index | undefined;
}

const constant: Power = { degree: 0, row: undefined };

/** Some of the definitions, as they are scaled together: arrays by the axis of the row. */
type Rows = ReadonlyMap<string, number>;

/** The definitions with vectors brought to size where they can be; `results` are computed at their own size. */
export function scaled(
  definitions: readonly Definition[],
  results: ReadonlySet<string>,
  taken: Set<string>,
  scaling: Scaling,
): readonly Definition[] {
  const apart: readonly Definition[] = definitions.flatMap((d) =>
    results.has(d.name) ? [d] : withRootApart(d, definitions, taken),
  );
  let all: readonly Definition[] = apart;
  for (const { name } of apart) {
    const d = all.find((other) => other.name === name)!;
    const group = results.has(name) ? undefined : groupOf(d, apart);
    const growths = group && growthsOf(all, new Map([...group.arrays].map((array) => [array, 0])));
    if (group && growths) {
      all = withUnit(all, d, group, growths, results, taken, scaling);
      continue;
    }
    const rows = results.has(name) ? undefined : rowsOf(d, all);
    const lifted = rows && growthsOf(all, rows, true);
    if (rows && lifted) all = broughtDown(all, d, rows, lifted, results, taken, scaling);
  }
  return all;
}

/** √Σ w² as the root of a definition of its own, where all are homogeneous in the arrays of w. */
function withRootApart(
  d: Definition,
  definitions: readonly Definition[],
  taken: Set<string>,
): readonly Definition[] {
  const { indices, body } = d;
  if (body.kind !== "apply" || body.op !== "sqrt") return [d];
  const sum = { ...d, body: body.args[0]! };
  const group = groupOf(sum, definitions);
  if (!group || !growthsOf(definitions, new Map([...group.arrays].map((array) => [array, 0])))) return [d];
  const name = claim("squares", taken);
  return [
    { ...sum, name },
    { ...d, body: apply("sqrt", read(name, indices.map(at))) },
  ];
}

/** The inputs in Σ w² or a mean of squares, by rows of the definition's index. */
function rowsOf({ indices, body }: Definition, definitions: readonly Definition[]): Rows | undefined {
  const sum =
    body.kind === "apply" && body.op === "div" && body.args[1]!.kind === "size" ? body.args[0]! : body;
  if (indices.length !== 1 || sum.kind !== "reduce" || sum.op !== "sum") return undefined;
  const square = sum.body;
  if (square.kind !== "apply" || square.op !== "pow" || square.args[1] !== num(2)) return undefined;
  const made = new Set(definitions.map((d) => d.name));
  const found = new Map<string, number>();
  const visit = (e: Expr): void => {
    const axis = e.kind === "read" ? e.at.indexOf(at(indices[0]!)) : -1;
    if (
      e.kind === "read" &&
      e.at.length === 2 &&
      axis >= 0 &&
      e.at.includes(at(sum.over)) &&
      !made.has(e.name)
    )
      found.set(e.name, axis);
    children(e).forEach(visit);
  };
  visit(square.args[0]!);
  return found.size > 0 ? found : undefined;
}

/** Arrays that are scaled together: they are subscripted by the row first. */
interface Group {
  readonly arrays: ReadonlySet<string>;
  readonly over: Index;
  readonly w: Expr;
}

/** The arrays in Σ w², when a definition is that. */
function groupOf({ indices, body }: Definition, definitions: readonly Definition[]): Group | undefined {
  if (indices.length !== 1 || body.kind !== "reduce" || body.op !== "sum" || body.guard !== undefined)
    return undefined;
  const square = body.body;
  if (square.kind !== "apply" || square.op !== "pow" || square.args[1] !== num(2)) return undefined;
  const w = square.args[0]!;
  const arrays = new Set<string>();
  const picks = (r: Read): boolean =>
    r.at.length === 2 && r.at[0] === at(indices[0]!) && r.at[1] === at(body.over);
  const visit = (e: Expr): void => {
    if (e.kind === "read" && picks(e)) arrays.add(e.name);
    children(e).forEach(visit);
  };
  visit(w);
  if (arrays.size === 0 || definitions.some((d) => arrays.has(d.name)) || !isLinear(w, picks))
    return undefined;
  return { arrays, over: body.over, w };
}

/** Is told of each sum of squares, and what becomes of it. */
export type Scaling = (sum: Definition, after: Expr) => void;

/** How each definition grows with the arrays; undefined where one is not homogeneous, or cannot be made so. */
function growthsOf(
  definitions: readonly Definition[],
  arrays: Rows,
  lifting = false,
): ReadonlyMap<string, Growth> | undefined {
  const known = new Map<string, Growth>([...arrays].map(([name, axis]) => [name, { degree: 1, axis }]));
  for (const { name, indices, body } of definitions) {
    const power = new Homogeneity(known, lifting).of(body);
    if (!power) return undefined;
    const degree = power.degree ?? 0;
    if (degree === 0) continue;
    const axis = indices.indexOf(power.row!);
    if (axis < 0) return undefined;
    known.set(name, { degree, axis });
  }
  return known;
}

/** Degrees of expressions: 3·a·b² has degree 3 in a and b. */
class Homogeneity {
  readonly #known: ReadonlyMap<string, Growth>;
  /** Whether constants may stand beside what grows: they are to grow, too. */
  readonly #lifting: boolean;
  readonly #memo = new Map<Expr, Power | undefined>();

  constructor(known: ReadonlyMap<string, Growth>, lifting: boolean) {
    this.#known = known;
    this.#lifting = lifting;
  }

  of(e: Expr): Power | undefined {
    if (!this.#memo.has(e)) this.#memo.set(e, this.#decide(e));
    return this.#memo.get(e);
  }

  #decide(e: Expr): Power | undefined {
    switch (e.kind) {
      case "num":
        return e.value === 0 ? { degree: undefined, row: undefined } : constant;
      case "read": {
        const growth = this.#known.get(e.name);
        if (!growth) return e.at.every((s) => this.of(s)?.degree === 0) ? constant : undefined;
        const row = e.at[growth.axis];
        return row?.kind === "index" ? { degree: growth.degree, row: row.index } : undefined;
      }
      case "where":
        return this.of(e.guard) && this.#same([e.then, e.else]);
      case "reduce": {
        const body = this.of(e.body);
        if (!body || (e.guard !== undefined && !this.of(e.guard))) return undefined;
        if (e.op === "argmax" || e.op === "argmin") return body.row === e.over ? undefined : constant;
        if (e.op !== "sum" && e.op !== "max" && e.op !== "min") return body.degree === 0 ? body : undefined;
        return body.row === e.over && body.degree !== 0 ? undefined : body.row === e.over ? constant : body;
      }
      case "apply":
        return this.#apply(e);
      default:
        return constant;
    }
  }

  #apply({ op, args }: Node<"apply">): Power | undefined {
    const [x, y] = args as [Expr, Expr];
    switch (op) {
      case "add":
      case "sub":
      case "neg":
      case "max":
      case "min":
      case "abs":
      case "relu":
      case "precise":
      case "exactsum":
      case "roundoff":
      case "hypot":
        return this.#same(args);
      case "lt":
      case "le":
      case "gt":
      case "ge":
      case "eq":
      case "ne":
        return this.#same(args) && constant;
      case "and":
      case "or":
      case "not":
      case "iverson":
        return args.every((a) => this.of(a)) ? constant : undefined;
      case "mul":
      case "mulroundoff":
        return this.#product(args.map((a) => this.of(a)));
      case "div": {
        const below = this.of(y);
        return this.#product([this.of(x), below && power(below, -1)]);
      }
      case "sqrt":
      case "pow": {
        const base = this.of(x);
        const by = op === "sqrt" ? 0.5 : y.kind === "num" ? y.value : undefined;
        if (!base || by === undefined)
          return args.every((a) => this.of(a)?.degree === 0) ? constant : undefined;
        return power(base, by);
      }
      case "sign":
        return this.of(x) && constant;
      default:
        return args.every((a) => this.of(a)?.degree === 0) ? constant : undefined;
    }
  }

  #same(es: readonly Expr[]): Power | undefined {
    let found: Power = { degree: undefined, row: undefined };
    for (const e of es) {
      const p = this.of(e);
      if (!p) return undefined;
      const differ = p.degree !== undefined && found.degree !== undefined && p.degree !== found.degree;
      if (differ && !(this.#lifting && (p.degree === 0 || found.degree === 0))) return undefined;
      if (p.row && found.row && p.row !== found.row) return undefined;
      found = { degree: found.degree || (p.degree ?? found.degree), row: found.row ?? p.row };
    }
    return found;
  }

  #product(of: readonly (Power | undefined)[]): Power | undefined {
    let degree: number | undefined = 0;
    let row: Index | undefined;
    for (const p of of) {
      if (!p || (p.row && row && p.row !== row)) return undefined;
      degree = degree === undefined || p.degree === undefined ? undefined : degree + p.degree;
      row ??= p.row;
    }
    return { degree, row: degree === 0 ? undefined : row };
  }
}

const power = ({ degree, row }: Power, by: number): Power => ({ degree: degree && degree * by, row });

/** The definitions with one group of arrays brought to size, by what `d` says of it. */
function withUnit(
  definitions: readonly Definition[],
  d: Definition,
  { arrays, over, w }: Group,
  growths: ReadonlyMap<string, Growth>,
  results: ReadonlySet<string>,
  taken: Set<string>,
  scaling: Scaling,
): readonly Definition[] {
  const [i] = d.indices as [Index];
  const [squares, unit] = ["squares", "unit"].map((name) => claim(name, taken)) as [string, string];
  const length = claim("length", taken);
  const unitAt = (row: Expr): Expr => read(unit, [row]);
  const here = read(squares, [at(i)]);
  const ordinary = apply(
    "and",
    apply("gt", here, num(2 ** -400, "real")),
    apply("lt", here, num(2 ** 400, "real")),
  );
  const greatest = reduce("max", over, undefined, apply("abs", w));
  const inSize = (e: Expr): Expr => {
    if (e === greatest) return apply("mul", unitAt(at(i)), read(length, [at(i)]));
    return e.kind === "read" && arrays.has(e.name)
      ? apply("mul", unitAt(e.at[0]!), rebuild(e, inSize))
      : rebuild(e, inSize);
  };
  // A loop over a row is left as it is where there is nothing to scale; as a definition of its own it is run with that of the squares.
  const inParts = ({ name, indices, body }: Definition): readonly [Expr, ...Definition[]] => {
    const row = loops(body) ? rowOf(body, arrays) : undefined;
    if (!row) return [inSize(body)];
    const whole = (plain: Expr): Expr => where(apply("eq", unitAt(row), num(1)), plain, inSize(lastOf(body)));
    if (body.kind !== "reduce") return [whole(body)];
    const plain = claim(name, taken);
    return [whole(read(plain, indices.map(at))), { name: plain, indices, body }];
  };
  return definitions.flatMap((other) => {
    if (other !== d) {
      const growth = results.has(other.name) ? growths.get(other.name) : undefined;
      const [body, ...plain] = inParts(other);
      return [
        ...plain,
        {
          ...other,
          body: growth ? ownSize(body, unitAt(at(other.indices[growth.axis]!)), growth.degree) : body,
        },
      ];
    }
    const total = where(apply("eq", unitAt(at(i)), num(1)), here, inSize(d.body));
    scaling(d, total);
    return [
      { name: squares, indices: d.indices, body: d.body },
      { name: length, indices: d.indices, body: greatest },
      {
        name: unit,
        indices: d.indices,
        body: where(ordinary, num(1, "real"), toSize(read(length, [at(i)]))),
      },
      { ...d, body: total },
    ];
  });
}

/** The definitions with rows of which some are too long multiplied by a unit of at most 1, and constants beside them as well. */
function broughtDown(
  definitions: readonly Definition[],
  d: Definition,
  rows: Rows,
  growths: ReadonlyMap<string, Growth>,
  results: ReadonlySet<string>,
  taken: Set<string>,
  scaling: Scaling,
): readonly Definition[] {
  const [row] = d.indices as [Index];
  const [length, unit] = ["length", "unit"].map((name) => claim(name, taken)) as [string, string];
  const unitAt = (place: Expr): Expr => read(unit, [place]);
  const powers = new Homogeneity(growths, true);
  const units = new Map([[1, unit]]);
  const unitPower = (place: Expr, degree: number): Expr => {
    let name = units.get(degree);
    if (name === undefined) units.set(degree, (name = claim("scale", taken)));
    return read(name, [place]);
  };
  const constants = constantsBeside(definitions, powers);
  const lifted = new Map<string, Definition>();
  const liftedAt = (constant: Expr, degree: number, place: Expr): Expr => {
    const key = `${constant.id} ${degree}`;
    let own = lifted.get(key);
    if (own === undefined) {
      const name = claim(constant.kind === "read" ? constant.name : "constant", taken);
      lifted.set(key, (own = { name, indices: [row], body: timesPower(constant, unitAt(at(row)), degree) }));
    }
    return read(own.name, [place]);
  };
  const grown = (e: Expr, place: Expr, degree: number): Expr => {
    const all = powersOf(e);
    const scalar = [...all].find(([f, n]) => n === 1 && constants?.has(f))?.[0];
    if (scalar === undefined) return apply("mul", unitPower(place, degree), e);
    const own = liftedAt(scalar, degree, place);
    return expression(new Map([[own, 1], ...quotient(all, new Map([[scalar, 1]]))]));
  };
  const inSize = rewriting((e, go) => {
    const axis = e.kind === "read" ? rows.get(e.name) : undefined;
    if (e.kind === "read" && axis !== undefined) return apply("mul", unitAt(e.at[axis]!), e);
    if (e.kind !== "apply" || !likes.has(e.op)) return rebuild(e, go);
    const found = e.args.map((a) => powers.of(a));
    const main = found.find((p) => p?.degree);
    const { row: place, degree } = main ?? constant;
    if (!place || !degree) return rebuild(e, go);
    return apply(
      e.op,
      ...e.args.map((a, n) => (found[n]!.degree === 0 ? grown(go(a), at(place), degree) : go(a))),
    );
  });
  const sum = d.body.kind === "apply" ? (d.body.args[0] as Node<"reduce">) : (d.body as Node<"reduce">); // see rowsOf
  const sizes = [...rows].map(([name, axis]) =>
    apply("abs", read(name, axis === 0 ? [at(row), at(sum.over)] : [at(sum.over), at(row)])),
  );
  const greatest = reduce("max", sum.over, undefined, greatestOf(sizes));
  const size = constants ? toSize : downToSize;
  const first = definitions.findIndex(({ body }) => inSize(body) !== body);
  const made = definitions.map((other) => {
    const growth = results.has(other.name) ? growths.get(other.name) : undefined;
    const body = inSize(other.body);
    return {
      ...other,
      body: growth ? ownSize(body, unitAt(at(other.indices[growth.axis]!)), growth.degree) : body,
    };
  });
  scaling(d, inSize(d.body));
  return made.toSpliced(
    first,
    0,
    { name: length, indices: [row], body: greatestOf([greatest, ...(constants?.values() ?? [])]) },
    { name: unit, indices: [row], body: size(read(length, [at(row)])) },
    ...[...units]
      .filter(([degree]) => degree !== 1)
      .map(([degree, name]) => ({
        name,
        indices: [row],
        body: apply("pow", unitAt(at(row)), num(degree)),
      })),
    ...lifted.values(),
  );
}

/** A number times a power of a unit that may overflow, where the product does not: a unit brings no constant beyond size. */
function timesPower(e: Expr, unit: Expr, degree: number): Expr {
  if (degree !== 1 && degree !== 2) return apply("mul", apply("pow", unit, num(degree)), e);
  const once = apply("mul", unit, e);
  return degree === 1 ? once : apply("mul", unit, once);
}

/** The sizes of the constants that stand beside what grows, to the first degree; undefined where some are no scalars. */
function constantsBeside(
  definitions: readonly Definition[],
  powers: Homogeneity,
): ReadonlyMap<Expr, Expr> | undefined {
  const found = new Map<Expr, Expr>();
  const others = new Set<Expr>();
  for (const e of partsOf(...definitions.map((d) => d.body))) {
    if (e.kind !== "apply" || !likes.has(e.op)) continue;
    const degrees = e.args.map((a) => powers.of(a)?.degree);
    const degree = degrees.find((d) => d !== undefined && d !== 0);
    if (degree === undefined) continue;
    for (const a of e.args.filter((_, n) => degrees[n] === 0)) {
      const root = expression(new Map([[apply("abs", a), 1 / degree]]));
      if (isScalar(a)) found.set(a, root);
      else others.add(a);
    }
  }
  const isKnown = (e: Expr): boolean => [...powersOf(e)].some(([f, n]) => n === 1 && found.has(f));
  return [...others].every(isKnown) ? found : undefined;
}

const greatestOf = (of: readonly Expr[]): Expr => of.reduce((a, b) => apply("max", a, b));

const isScalar = (e: Expr): boolean => e.kind === "num" || (e.kind === "read" && e.at.length === 0);

/** Operations of which all operands grow alike. */
const likes: ReadonlySet<Op> = new Set<Op>(["add", "sub", "max", "min", "hypot", ...comparisons]);

/** A power of two, at most 1, that brings a large number to below 2^224. */
const downToSize = (greatest: Expr): Expr =>
  where(apply("gt", greatest, by(600)), by(-800), where(apply("gt", greatest, by(200)), by(-400), by(0)));

const by = (exponent: number): Expr => num(2 ** exponent, "real");

/** A power of two that brings a number to between 2^-274 and 2^224, whose squares and cubes are ordinary numbers. */
function toSize(greatest: Expr): Expr {
  const above = (exponent: number, then: Expr, otherwise: Expr): Expr =>
    where(apply("gt", greatest, by(exponent)), then, otherwise);
  return above(600, by(-800), above(200, by(-400), above(-200, by(0), above(-600, by(400), by(800)))));
}

const lastOf = (body: Expr): Expr => (body.kind === "where" ? lastOf(body.else) : body);

/** A reduction, or its value where vectors are of ordinary size and another one where they are not. */
const loops = (body: Expr): boolean =>
  body.kind === "reduce" ||
  (body.kind === "where" && (body.then.kind === "read" || loops(body.then)) && loops(body.else));

const ownSize = (body: Expr, unit: Expr, degree: number): Expr =>
  degree > 0
    ? apply("div", body, degree === 1 ? unit : apply("pow", unit, num(degree)))
    : apply("mul", body, degree === -1 ? unit : apply("pow", unit, num(-degree)));

/** The row that all reads of the arrays are in, when it is one and not bound in `e`. */
function rowOf(e: Expr, names: ReadonlySet<string>): Expr | undefined {
  const rows = new Set<Expr>();
  const visit = (x: Expr): void => {
    if (x.kind === "read" && names.has(x.name)) rows.add(x.at[0]!);
    children(x).forEach(visit);
  };
  visit(e);
  const [row] = rows;
  const bound = row?.kind === "index" && e !== substitute(e, new Map([[row.index, num(0)]]));
  return rows.size === 1 && bound ? row : undefined;
}
