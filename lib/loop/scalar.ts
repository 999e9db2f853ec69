/**
 * Scalars: an expression as a value at one place of a nest.
 *
 * Whatever does not need the loops around it is computed outside of them; what is
 * used more than once is computed once. `where`, `and` and `or` stay lazy: a side
 * that needs statements of its own becomes the branch of an `if`.
 */
import { anywhere } from "../expr/parts.ts";
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import type { Block } from "./block.ts";
import { storageOf, type Context, type Storage } from "./context.ts";
import { cost } from "./cost.ts";
import { call, minus, plus, times } from "./integer.ts";
import { farFromOverflow } from "./magnitude.ts";
import { constant, load, named, parts, select, type Scalar, type Statement } from "./nest.ts";
import { reduction, withOneMore } from "./reduction.ts";
import { title } from "./title.ts";

/** The value of `e` in `block`, adding to it and to the blocks around it whatever must be computed first. */
export function lower(cx: Context, e: Expr, block: Block): Scalar {
  const known = block.known(e);
  if (known !== undefined) return known;
  if (isLeaf(cx, e)) return inline(cx, e, block);
  const { near, far, top } = block.homes(e, cx.reach, cx.needs.get(e));
  if (e.kind === "reduce") {
    const shared = (cx.allUses.get(e) ?? 0) > 1;
    return keep(cx, e, shared ? top : (far ?? block));
  }
  if (far !== undefined && worthHoisting(e)) return keep(cx, e, far);
  // What takes long and another stage of the same pass needs as well is computed once, too.
  const often = (cx.uses.get(e) ?? 0) > 1 || ((cx.allUses.get(e) ?? 0) > 1 && isLong(e));
  if (often && worthSharing(e)) return keep(cx, e, far !== undefined ? block : near);
  return inline(cx, e, block);
}

/** As `lower`, but the value is a constant or a name: it may be written down several times. */
export function atom(cx: Context, e: Expr, block: Block, wanted = title(e, cx.row)): Scalar {
  if (isLeaf(cx, e) || e.kind === "reduce") return lower(cx, e, block);
  const { near, far } = block.homes(e, cx.reach, cx.needs.get(e));
  const shared = (cx.uses.get(e) ?? 0) > 1 && worthSharing(e);
  return keep(cx, e, far ?? (shared ? near : block), wanted);
}

function keep(cx: Context, e: Expr, home: Block, wanted = title(e, cx.row)): Scalar {
  const known = home.known(e);
  if (known !== undefined) return known;
  if (e.kind === "reduce") {
    const value = reduction(cx, e, home, wanted);
    home.remember(e, value);
    return value;
  }
  const value = inline(cx, e, home);
  if (value.kind === "name" || value.kind === "const") {
    home.remember(e, value);
    return value;
  }
  return name(cx, e, value, home, wanted);
}

function name(cx: Context, e: Expr, value: Scalar, home: Block, wanted: string): Scalar {
  const fresh = cx.names.fresh(wanted);
  home.statements.push({ kind: "let", name: fresh, type: e.type, value, mutable: false });
  const known = named(fresh, e.type);
  home.remember(e, known);
  return known;
}

function isLeaf(cx: Context, e: Expr): boolean {
  if (e.kind === "read") return storageOf(cx, e.name).kind === "scalar";
  return e.kind === "num" || e.kind === "index" || e.kind === "size";
}

/** Loads always leave loops that they do not depend on; arithmetic only when it is more than one step. */
function worthHoisting(e: Expr): boolean {
  if (e.kind === "read") return true;
  if (e.kind === "apply" && (e.op === "neg" || e.op === "iverson")) return false;
  if (e.type === "bool") return cost(e) >= 10;
  return cost(e) >= 4;
}

/** A function, or what needs a choice with a loop in it. */
const isLong = (e: Expr): boolean =>
  (e.kind === "apply" && e.op !== "pow" && (e.args.length === 1 || e.op === "expsum") && cost(e) >= 10) ||
  (cost(e) >= 100 && anywhere(e, hasLoopedSide));

const hasLoopedSide = (e: Expr): boolean => e.kind === "where" && cost(e.then) + cost(e.else) >= 100;

const worthSharing = (e: Expr): boolean =>
  e.kind === "read" || (cost(e) >= 3 && e.type !== "bool" && !(e.kind === "apply" && e.op === "neg"));

function inline(cx: Context, e: Expr, block: Block): Scalar {
  switch (e.kind) {
    case "num":
      return constant(e.value, e.type);
    case "index":
      return named(block.nameOf(e.index), "int");
    case "size":
      return cx.sizes.scalar(e.extent);
    case "read":
      return reading(cx, e, block);
    case "apply":
      return operation(cx, e, block);
    case "where":
      return choice(cx, e, block);
    case "reduce":
      return keep(cx, e, block);
  }
}

function reading(cx: Context, e: Node<"read">, block: Block): Scalar {
  const storage = storageOf(cx, e.name);
  if (storage.kind === "scalar") return named(storage.name, storage.type);
  return load(storage.name, offset(cx, storage, e.at, block), storage.type);
}

/** The position in a buffer of the element at these subscripts. */
export function offset(
  cx: Context,
  storage: Extract<Storage, { kind: "buffer" }>,
  at: readonly Expr[],
  block: Block,
): Scalar {
  return storage.axes.reduce<Scalar>((position, { extent, kept }, axis) => {
    if (!kept) return position;
    return plus(times(position, cx.sizes.scalar(extent)), subscript(cx, at[axis]!, block));
  }, constant(0));
}

/** A subscript as written, but in the integer arithmetic of offsets. */
function subscript(cx: Context, e: Expr, block: Block): Scalar {
  if (e.kind === "apply" && block.known(e) === undefined) {
    const parts = e.args.map((a) => () => subscript(cx, a, block));
    if (e.op === "add") return parts.map((part) => part()).reduce(plus);
    if (e.op === "sub") return minus(parts[0]!(), parts[1]!());
    if (e.op === "mul") return parts.map((part) => part()).reduce(times);
  }
  return lower(cx, e, block);
}

function operation(cx: Context, e: Node<"apply">, block: Block): Scalar {
  if (e.op === "stop" || e.op === "precise") return lower(cx, e.args[0]!, block);
  if (e.op === "pow") return power(cx, e, block);
  if (e.op === "and" || e.op === "or") return connective(cx, e, block);
  if (e.op === "iverson" && cx.style === "loops")
    return select(lower(cx, e.args[0]!, block), constant(1), constant(0));
  const positive = positivePart(e);
  if (positive !== undefined) {
    const x = lower(cx, positive, block);
    return cx.style === "fused" ? call("relu", x) : call("max", constant(0), x);
  }
  if (e.op === "exactsum") return exactSum(cx, e, block);
  if (e.op === "div" && cx.style === "fused") return quotient(cx, e, block);
  const args = e.args.map((a) => lower(cx, a, block));
  return (e.op === "add" && withOneMore(cx, args)) || call(e.op, ...args);
}

/** x of relu(x) and of max(0, x), when it is real. */
function positivePart({ op, args, type }: Node<"apply">): Expr | undefined {
  if (op === "relu") return args[0];
  if (op !== "max" || args.length !== 2 || type !== "real") return undefined;
  return args.find((_, n) => args[1 - n]!.kind === "num" && isZero(args[1 - n]!));
}

const isZero = (e: Expr): boolean => e.kind === "num" && Object.is(e.value, 0);

/**
 * Of x + a + b, where a and b are the same for all x of a loop, a + b is added up outside of it: the
 * rounded sum, and what it lost. Then x + shift + shift_lost is within one ulp and has the right sign:
 * where x and shift cancel, their sum is exact (P. H. Sterbenz), and elsewhere what rounding takes
 * from it is no more than half an ulp of a result that shift_lost can hardly change.
 */
function exactSum(cx: Context, e: Node<"apply">, block: Block): Scalar {
  const whole = () => call("exactsum", ...e.args.map((a) => lower(cx, a, block)));
  const outside = e.args.filter((a) => block.homes(a, cx.reach).far !== undefined);
  const inside = e.args.filter((a) => !outside.includes(a));
  const [a, b] = outside;
  if (
    cx.style !== "fused" ||
    inside.length !== 1 ||
    outside.length !== 2 ||
    a === undefined ||
    b === undefined
  )
    return whole();
  const sum = apply("add", b, a);
  const home = block.homes(sum, cx.reach).far;
  if (home === undefined) return whole();
  // Both parts read them: what is read where a condition holds would be read lane by lane.
  for (const part of outside) keep(cx, isOperation(part, "neg") ? part.args[0]! : part, home);
  const shift = keep(cx, sum, home, "shift");
  const finite = apply("lt", apply("abs", sum), num(Infinity, "real"));
  const lost = keep(cx, where(finite, apply("roundoff", b, a), num(0, "real")), home, "shift_lost");
  const value = call("add", call("add", lower(cx, inside[0]!, block), shift), lost);
  return name(cx, e, value, block, title(e, cx.row));
}

/** x / y / N as x / (y * N): one division, where the product does not overflow; N is a size, so it is not 0. */
function quotient(cx: Context, e: Node<"apply">, block: Block): Scalar {
  const [above, below] = e.args as [Expr, Expr];
  const negative = isOperation(above, "neg");
  const inner = negative ? above.args[0]! : above;
  const once =
    isOperation(inner, "div") && below.kind === "size" ? apply("mul", inner.args[1]!, below) : undefined;
  if (!isOperation(inner, "div") || once === undefined || cx.magnitudes.of(once) > farFromOverflow)
    return call("div", lower(cx, above, block), lower(cx, below, block));
  const home = block.homes(once, cx.reach).far;
  const divisor = home === undefined ? lower(cx, once, block) : keep(cx, once, home);
  const value = call("div", lower(cx, inner.args[0]!, block), divisor);
  return negative ? call("neg", value) : value;
}

const isOperation = (e: Expr, op: Op): e is Node<"apply"> => e.kind === "apply" && e.op === op;

/** x^2 as x * x, x^3 as x * x * x, x^-1 as 1 / x, for speed x^1.5 as x * sqrt(x): exact or nearly so, and much faster. */
function power(cx: Context, e: Node<"apply">, block: Block): Scalar {
  const [base, exponent] = e.args as [Expr, Expr];
  const n = exponent.kind === "num" ? exponent.value : NaN;
  if (n === 1.5 && cx.style === "fused") {
    const x = atom(cx, base, block);
    return call("mul", x, call("sqrt", x));
  }
  if (n !== 2 && n !== 3 && n !== -1 && n !== -2)
    return call("pow", lower(cx, base, block), lower(cx, exponent, block));
  if (n === -1) return call("div", constant(1), lower(cx, base, block));
  const x = atom(cx, base, block);
  const product = call("mul", ...Array.from({ length: Math.abs(n) }, () => x));
  return n < 0 ? call("div", constant(1), product) : product;
}

/** The later sides of `and` and `or` are looked at only when the earlier ones leave the answer open. */
function connective(cx: Context, e: Node<"apply">, block: Block): Scalar {
  const [first, ...others] = e.args as [Expr, ...Expr[]];
  if (others.length === 0) return lower(cx, first, block);
  const rest = others.length === 1 ? others[0]! : apply(e.op, ...others);
  const fact = e.op === "and" ? first : apply("not", first);
  const left = lower(cx, first, block);
  const branch = block.branch([fact]);
  const right = lower(cx, rest, branch);
  const isEager =
    cx.style === "fused" && branch.statements.every(isQuick) && cx.reach.inside(rest, block.facts());
  if (branch.statements.length === 0 || isEager) {
    block.statements.push(...branch.statements);
    const parts = right.kind === "apply" && right.op === e.op ? right.args : [right];
    return call(e.op, left, ...parts);
  }
  const result = cx.names.fresh("holds");
  block.statements.push(
    { kind: "let", name: result, type: "bool", value: left, mutable: true },
    {
      kind: "if",
      guard: e.op === "and" ? named(result, "bool") : call("not", named(result, "bool")),
      yes: [...branch.statements, { kind: "assign", name: result, by: "set", value: right }],
      no: [],
    },
  );
  return named(result, "bool");
}

/** A constant that is computed in less time than a branch takes: an element, or a few sums and products. */
const isQuick = (s: Statement): boolean => s.kind === "let" && !s.mutable && isSumOfElements(s.value);

const isSumOfElements = (s: Scalar): boolean =>
  s.kind !== "select" &&
  (s.kind !== "apply" || ["add", "sub", "mul", "neg"].includes(s.op)) &&
  parts(s).every(isSumOfElements);

function choice(cx: Context, e: Node<"where">, block: Block): Scalar {
  const guard = lower(cx, e.guard, block);
  const [yes, no] = [block.branch([e.guard]), block.branch([apply("not", e.guard)])];
  const then = lower(cx, e.then, yes);
  const otherwise = lower(cx, e.else, no);
  if (yes.statements.length === 0 && no.statements.length === 0) return select(guard, then, otherwise);
  const result = cx.names.fresh(title(e, cx.row));
  const set = (value: Scalar) => ({ kind: "assign", name: result, by: "set", value }) as const;
  block.statements.push(
    { kind: "let", name: result, type: e.type, value: zero(e), mutable: true },
    {
      kind: "if",
      guard,
      yes: [...yes.statements, set(then)],
      no: [...no.statements, set(otherwise)],
    },
  );
  return named(result, e.type);
}

const zero = (e: Expr): Scalar => constant(0, e.type);
