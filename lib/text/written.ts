/**
 * Expressions back to syntax: how a person would write them.
 *
 * Nested reductions of one kind become one binder, a sum over its number of terms
 * a `mean`, a conjunction that passes a value on a chain of comparisons. A bound
 * index whose name is in use is renamed, so that the text means the same when read.
 */
import { expectArgument } from "../argument.ts";
import { unreachable } from "../errors.ts";
import { looksLikeIndex } from "../expr/binder.ts";
import type { Extent, SizeName } from "../expr/extent.ts";
import { freeIndices, type Expr, type Index, type Node } from "../expr/node.ts";
import { partsOf } from "../expr/parts.ts";
import { conjuncts } from "../expr/nested-reduction.ts";
import type { Reduction } from "../expr/ops.ts";
import type { Definition, Input } from "../expr/program.ts";
import { shownName } from "../expr/substitute.ts";
import type { DefinitionSyntax, Infix, Syntax } from "../expr/syntax.ts";
import { chains, comparisonOf, isChain, isLinked } from "./chains.ts";
import { isName } from "./names.ts";
import { averaged, subscripts, tellsIndex, together, type Nest } from "./nests.ts";
import { untold, untoldIn, type Shapes } from "./untold.ts";
import { writtenSize, type AxisOf } from "./written-size.ts";

export interface WrittenOptions {
  /** A name for an extent, such as `N`; where it gives none, `extent(X, 0)` is written. */
  readonly sizeName?: SizeName | undefined;
  /** Names that bound indices must not take, besides those in the expression. */
  readonly taken?: Iterable<string> | undefined;
  /** Nodes to write at most; what is beyond is written `…`. */
  readonly most?: number | undefined;
  /** The inputs that definitions read, so that indices get bounds where what is written does not tell them. */
  readonly inputs?: readonly Input[] | undefined;
  /** Whether averages are written as `mean`, else as quotients. */
  readonly means?: boolean | undefined;
}

/** Ten thousand nodes are some fifty pages. */
const mostNodes = 10_000;

/** What stands where an expression was cut. */
export const ellipsis: Syntax = { kind: "name", name: "…" };

export function written(e: Expr, options: WrittenOptions = {}): Syntax {
  expectArgument("printing", "options", options);
  const taken = new Set([...(options.taken ?? []), ...namesIn([e])]);
  return new Writer(e, options, taken, untoldIn(e)).expression(named(freeIndices(e), taken));
}

/** A definition by itself: what its indices run to is told elsewhere. */
export function writtenDefinition(definition: Definition, options: WrittenOptions = {}): DefinitionSyntax {
  const { indices, ...written } = writtenProgram([definition], options)[0]!;
  return { ...written, indices: indices.map(({ name }) => ({ name })) };
}

/** Definitions that are read together. No bound index takes a name that means something else anywhere in the program. */
export function writtenProgram(
  definitions: readonly Definition[],
  options: WrittenOptions = {},
): readonly DefinitionSyntax[] {
  expectArgument("printing", "options", options);
  const names = new Set(namesIn(definitions.map((d) => d.body)));
  for (const i of definitions.flatMap((d) => d.indices)) addNames(i.extent, names);
  const taken = new Set([...(options.taken ?? []), ...names, ...definitions.map((d) => d.name)]);
  const inputs = options.inputs ?? [];
  const { left, reductions } = untold(definitions, shapesOf(inputs), axesIn(inputs, []));
  return definitions.map((definition, n) => {
    const { name, indices, body } = definition;
    const axisOf = axesIn(inputs, definitions.slice(0, n));
    const scope = named([...indices, ...freeIndices(body)], taken);
    return {
      name,
      indices: indices.map((i) => {
        const own = { name: scope.shown.get(i)! };
        return left.get(definition)!.has(i)
          ? { ...own, below: writtenSize(i.extent, options.sizeName, axisOf) }
          : own;
      }),
      body: new Writer(body, options, taken, reductions, axisOf).expression(scope),
    };
  });
}

/** The first axis with an extent, of inputs or of definitions that came before. */
const axesIn =
  (inputs: readonly Input[], before: readonly Definition[]): AxisOf =>
  (extent) => {
    for (const { name, shape } of inputs) {
      const axis = shape.indexOf(extent);
      if (axis >= 0) return { array: name, axis };
    }
    for (const { name, indices } of before) {
      const axis = indices.findIndex((i) => i.extent === extent);
      if (axis >= 0) return { array: name, axis };
    }
    return undefined;
  };

const shapesOf = (inputs: readonly Input[]): Shapes => new Map(inputs.map((i) => [i.name, i.shape]));

interface Scope {
  /** Names of the indices in scope. */
  readonly shown: ReadonlyMap<Index, string>;
  /** All names given out around here, also those of indices that an inner binder of the same index hides. */
  readonly used: ReadonlySet<string>;
}

/** Free indices keep their names, but for made-up ones and for the second of two that are called alike. */
function named(indices: readonly Index[], taken: ReadonlySet<string>): Scope {
  const shown = new Map<Index, string>();
  const used = new Set<string>();
  const give = (i: Index, name: string): void => {
    shown.set(i, name);
    used.add(name);
  };
  const another = (i: Index): string => shownName(i.name, either(used, taken));
  for (const i of indices)
    if (!shown.has(i) && !isMadeUp(i.name)) give(i, used.has(i.name) ? another(i) : i.name);
  for (const i of indices) if (!shown.has(i)) give(i, another(i));
  return { shown, used };
}

/** Names that are in one set or the other. */
const either = (a: ReadonlySet<string>, b: ReadonlySet<string>): Pick<ReadonlySet<string>, "has"> => ({
  has: (name) => a.has(name) || b.has(name),
});

const isMadeUp = (name: string): boolean => !isName(name);

class Writer {
  readonly #root: Expr;
  readonly #options: WrittenOptions;
  readonly #taken: ReadonlySet<string>;
  readonly #untold: ReadonlySet<Node<"reduce">>;
  readonly #axisOf: AxisOf | undefined;
  #left: number;

  constructor(
    root: Expr,
    options: WrittenOptions,
    taken: ReadonlySet<string>,
    untold: ReadonlySet<Node<"reduce">>,
    axisOf?: AxisOf,
  ) {
    this.#root = root;
    this.#untold = untold;
    this.#axisOf = axisOf;
    this.#options = options;
    this.#taken = taken;
    this.#left = options.most ?? mostNodes;
  }

  /** The whole expression, in the scope of its free indices. */
  expression(scope: Scope): Syntax {
    return this.#write(this.#root, scope);
  }

  #write(e: Expr, scope: Scope): Syntax {
    if (this.#left-- <= 0) return ellipsis;
    switch (e.kind) {
      case "num":
        return constant(e);
      case "index":
        return { kind: "name", name: scope.shown.get(e.index) ?? e.index.name };
      case "size":
        return writtenSize(e.extent, this.#options.sizeName, this.#axisOf);
      case "read":
        return e.at.length === 0
          ? { kind: "name", name: e.name }
          : { kind: "subscript", name: e.name, at: e.at.map((s) => this.#write(s, scope)) };
      case "apply":
        return this.#apply(e, scope);
      case "where":
        return choose(this.#write(e.guard, scope), this.#write(e.then, scope), this.#write(e.else, scope));
      case "reduce":
        return this.#binder(e.op, together(e), scope);
      default:
        return unreachable(e);
    }
  }

  #apply(e: Node<"apply">, scope: Scope): Syntax {
    const write = (a: Expr): Syntax => this.#write(a, scope);
    const [first, ...rest] = e.args;
    switch (e.op) {
      case "add":
        return rest.reduce((sum, a) => plus(sum, write(a)), write(first!));
      case "mul":
        return rest.reduce((product, a) => infix("mul", product, write(a)), write(first!));
      case "div": {
        const mean = this.#options.means !== false && averaged(e);
        return mean ? this.#binder("mean", mean, scope) : infix("div", write(first!), write(rest[0]!));
      }
      case "sub":
      case "pow":
        return infix(e.op, write(first!), write(rest[0]!));
      case "neg":
        return { kind: "negate", of: write(first!) };
      case "and":
        return this.#conjunction(e.args, scope);
      case "or":
        return e.args.map(write).reduce((left, right) => ({ kind: "logic", op: "or", left, right }));
      case "not":
        return { kind: "not", of: write(first!) };
      case "exactsum":
        return rest.filter(isSeen).reduce((sum, a) => plus(sum, write(a)), write(first!));
      case "expsum":
        return {
          kind: "call",
          name: "exp",
          args: [rest.filter(isSeen).reduce((sum, a) => plus(sum, write(a)), write(first!))],
        };
      case "precise":
        return write(first!);
      case "iverson":
        return { kind: "iverson", of: write(first!) };
      default: {
        const op = comparisonOf(e.op);
        return op === undefined
          ? { kind: "call", name: e.op, args: e.args.map(write) }
          : { kind: "compare", first: write(first!), rest: [{ op, right: write(rest[0]!) }] };
      }
    }
  }

  #conjunction(conditions: readonly Expr[], scope: Scope): Syntax {
    if (isChain(conditions)) return this.#chain(conditions, scope);
    return conditions
      .map((c, n) =>
        // (a and b) and c would be read as one conjunction of three: only a chain is apart from what follows.
        n === 0 && c.kind === "apply" && c.op === "and" && isLinked(c.args)
          ? this.#chain(c.args, scope)
          : this.#write(c, scope),
      )
      .reduce((left, right) => ({ kind: "logic", op: "and", left, right }));
  }

  /** a < b and b < c, written a < b < c. */
  #chain(links: readonly Expr[], scope: Scope): Syntax {
    const [first, ...later] = links.map((link) => this.#write(link, scope));
    if (first?.kind !== "compare") return first!;
    const rest = later.flatMap((link) => (link.kind === "compare" ? link.rest : []));
    return { ...first, rest: [...first.rest, ...rest] };
  }

  /**
   * A binder's guard, as what stands between its indices and its body. Other binders are read back
   * condition by condition, so that any of them may be put into chains; argmax keeps its guard whole.
   */
  #guards(op: Reduction, guard: Expr, scope: Scope): readonly Syntax[] {
    if (op === "argmax" || op === "argmin") {
      const parts =
        guard.kind === "apply" && guard.op === "and" && !isChain(guard.args) ? guard.args : [guard];
      return parts.map((part) => this.#write(part, scope));
    }
    const conditions = chains(conjuncts(guard)).map((links) => this.#chain(links, scope));
    return [conditions.reduce((left, right) => ({ kind: "logic", op: "and", left, right }))];
  }

  /** `sum(i, j, guard, body)`, for reductions that stand directly inside each other, outermost first. */
  #binder(name: string, nested: Nest, scope: Scope): Syntax {
    const [shown, used] = [new Map(scope.shown), new Set(scope.used)];
    const inner: Scope = { shown, used };
    const bound: string[] = [];
    const guards: Syntax[] = [];
    for (const e of nested) {
      const { op, over, guard } = e;
      const own = shownName(over.name, either(used, this.#taken));
      shown.set(over, own);
      used.add(own);
      bound.push(own);
      if (this.#untold.has(e)) guards.push(this.#bound(own, over.extent));
      if (guard !== undefined) guards.push(...this.#guards(op, guard, inner));
    }
    const { body } = nested.at(-1)!;
    const told = nested.every(
      (e, n) =>
        (this.#untold.has(e) || tellsIndex(e)) &&
        (n === 0 || (looksLikeIndex(bound[n]!) && subscripts(e.over, body))),
    );
    const indices = told ? [] : bound.map((name): Syntax => ({ kind: "name", name }));
    return { kind: "call", name, args: [...indices, ...guards, this.#write(body, inner)] };
  }

  /** `r < 3` */
  #bound(name: string, extent: Extent): Syntax {
    const right = writtenSize(extent, this.#options.sizeName, this.#axisOf);
    return { kind: "compare", first: { kind: "name", name }, rest: [{ op: "lt", right }] };
  }
}

/** What rounding takes is 0 over the reals: as a term it is not shown. */
const isSeen = (e: Expr): boolean =>
  e.kind !== "apply" ||
  !(
    e.op === "roundoff" ||
    e.op === "mulroundoff" ||
    ((e.op === "add" || e.op === "neg") && !e.args.some(isSeen))
  );

const infix = (op: Infix, left: Syntax, right: Syntax): Syntax => ({ kind: "infix", op, left, right });

const choose = (guard: Syntax, yes: Syntax, no: Syntax): Syntax => ({
  kind: "where",
  guard,
  then: yes,
  else: no,
});

const integer = (value: number): Syntax =>
  value < 0
    ? { kind: "negate", of: { kind: "number", value: -value, integer: true } }
    : { kind: "number", value, integer: true };

function constant({ value, type }: Pick<Node<"num">, "value" | "type">): Syntax {
  if (value < 0 || Object.is(value, -0)) return { kind: "negate", of: constant({ value: -value, type }) };
  if (Number.isNaN(value)) return infix("div", integer(0), integer(0));
  return { kind: "number", value, integer: type === "int" && Number.isSafeInteger(value) };
}

/** sum + term, a minus sign of the term taken up: a - b, not a + -b. */
function plus(sum: Syntax, term: Syntax): Syntax {
  const opposite = withoutMinus(term);
  return opposite === undefined ? infix("add", sum, term) : infix("sub", sum, opposite);
}

/** The term without the minus sign that it begins with. */
function withoutMinus(term: Syntax): Syntax | undefined {
  if (term.kind === "negate") return term.of;
  if (term.kind !== "infix" || (term.op !== "mul" && term.op !== "div")) return undefined;
  const left = withoutMinus(term.left);
  return left && infix(term.op, left, term.right);
}

/** Names of arrays and scalars: what a bound index must not be called. */
function namesIn(roots: readonly Expr[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const e of partsOf(...roots)) {
    if (e.kind === "read") names.add(e.name);
    if (e.kind === "size") addNames(e.extent, names);
    if (e.kind === "reduce") addNames(e.over.extent, names);
  }
  return names;
}

function addNames(extent: Extent, names: Set<string>): void {
  if (extent.kind === "axis") names.add(extent.array);
  if (extent.kind === "scalar") names.add(extent.name);
  if (extent.kind !== "window") return;
  for (const { inside, others, offsetSizes = [], slackSizes = [] } of extent.fits) {
    addNames(inside, names);
    for (const part of [...others, ...offsetSizes, ...slackSizes]) addNames(part.extent, names);
  }
}
