/**
 * How a contraction is computed: which of its indices runs along the lanes, which are tiled for registers,
 * which are loops around. Only offsets are looked at, by how far a step of an index moves each of them.
 */
import type { Range, Scalar, Statement } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";
import { replaced } from "../../loop/rewrite.ts";
import { isOne, isZero, mentions, strideOf, type Polynomial } from "../../schedule/polynomial.ts";
import type { Neighbours } from "./panel.ts";

export type Contract = Extract<Statement, { kind: "contract" }>;
type Load = Extract<Scalar, { kind: "load" }>;

/** Lanes along b: O[a, b] += Σₖ A[a, k] · B[k, b], where values of B that lie apart are copied side by side. */
export interface PanelPlan {
  readonly kind: "panel";
  readonly neighbours: Neighbours;
  readonly a: Range | undefined;
  readonly b: Range;
  /** Whether values next to each other along b lie apart in B, and in O. */
  readonly gathered: boolean;
  readonly scattered: boolean;
  readonly k: Range | undefined;
  readonly A: Load;
  readonly B: Load;
  readonly offset: Scalar;
  /** Loops around, outermost first. */
  readonly outer: readonly Range[];
  /** The buffer of a list whose k-th element stands where k did in the offsets. */
  readonly list: Load | undefined;
}

/** Lanes along k: O[a, b] += Σₖ A[a, k] · B[b, k]. */
export interface DotsPlan {
  readonly kind: "dots";
  readonly a: Range | undefined;
  readonly b: Range | undefined;
  readonly k: Range;
  readonly A: Load;
  readonly B: Load;
  readonly offset: Scalar;
  readonly outer: readonly Range[];
}

export type Plan = PanelPlan | DotsPlan;

/**
 * A plan for a product of two arrays: with lanes along neighbours where there are any, else along an index whose
 * values are first copied side by side; undefined where there is neither.
 */
export function planOf(contract: Contract): Plan | undefined {
  const { factors } = contract;
  const [first, second, ...others] = factors;
  if (first?.kind !== "load" || second?.kind !== "load" || others.length > 0) return undefined;
  if (first.type !== "real" || second.type !== "real") return undefined;
  const listed = overList(contract);
  const { frees, sums, offset, factors: loads } = listed?.contract ?? contract;
  const [P, Q] = loads as [Load, Load];
  const ranges = [...frees, ...sums];
  const pairs = [
    [P, Q],
    [Q, P],
  ] as const;
  const plans = pairs.map(([A, B]) => new Panels({ frees, sums, A, B, offset }, listed));
  if (!plans.every((p) => p.steps.areEven(ranges))) return undefined;
  for (const panels of plans) {
    const b = frees.find((r) => panels.isPanel(r) && panels.apart(r) === 0);
    if (b !== undefined) return panels.along(b);
  }
  if (listed !== undefined) return undefined;
  return dotsPlan({ frees, sums, A: P, B: Q, offset }) ?? apartPlan(plans, frees);
}

/** Lanes along an index that takes larger steps in B, in O, or in both: the fewer, the better. One row of A alone is not worth a copy. */
function apartPlan(plans: readonly Panels[], frees: readonly Range[]): PanelPlan | undefined {
  const ways = plans.flatMap((panels) =>
    frees.filter((r) => panels.isPanel(r)).map((b) => ({ panels, b, apart: panels.apart(b) })),
  );
  const [first] = ways.toSorted(
    (x, y) => x.apart - y.apart || Number(y.panels.isAlongK) - Number(x.panels.isAlongK),
  );
  const plan = first?.panels.along(first.b);
  return plan?.a === undefined ? undefined : plan;
}

interface Product {
  readonly frees: readonly Range[];
  readonly sums: readonly Range[];
  readonly A: Load;
  readonly B: Load;
  readonly offset: Scalar;
}

/** Plans with lanes along a free index of B. */
class Panels {
  readonly steps: Steps;
  readonly #product: Product;
  readonly #listed: { readonly k: Range; readonly list: Load } | undefined;

  constructor(product: Product, listed: { readonly k: Range; readonly list: Load } | undefined) {
    this.steps = new Steps(product.A, product.B, product.offset);
    this.#product = product;
    this.#listed = listed;
  }

  /** Whether an index moves B and O, and not A. */
  isPanel({ index }: Range): boolean {
    return this.steps.none("A", index) && !this.steps.none("B", index) && !this.steps.none("O", index);
  }

  /** In how many of B and O neighbours along an index lie apart. */
  apart({ index }: Range): number {
    return (["B", "O"] as const).filter((which) => !this.steps.one(which, index)).length;
  }

  /** Whether values of A are neighbours along what is summed over. */
  get isAlongK(): boolean {
    return this.#product.sums.some(({ index }) => this.steps.one("A", index));
  }

  along(b: Range): PanelPlan {
    const { frees, sums, A, B, offset } = this.#product;
    const { steps } = this;
    const list = this.#listed?.list;
    const k =
      this.#listed?.k ??
      best(sums, [
        ({ index }) => steps.one("A", index) && !steps.none("B", index),
        ({ index }) => !steps.none("A", index) && !steps.none("B", index),
        () => true,
      ]);
    const byK = k !== undefined && list === undefined && steps.one("A", k.index);
    const a = best(
      frees.filter((r) => r !== b && steps.none("B", r.index) && !steps.none("A", r.index)),
      [({ index }) => steps.one("A", index), () => true],
    );
    const byA = a !== undefined && steps.one("A", a.index);
    const [gathered, scattered] = [!steps.one("B", b.index), !steps.one("O", b.index)];
    const outer = [...frees, ...sums].filter((r) => r !== a && r !== b && r !== k);
    const neighbours = byK ? "k" : byA ? "a" : "none";
    return { kind: "panel", neighbours, a, b, gathered, scattered, k, A, B, offset, outer, list };
  }
}

function dotsPlan({ frees, sums, A, B, offset }: Product): DotsPlan | undefined {
  const steps = new Steps(A, B, offset);
  const k = sums.find(({ index }) => steps.one("A", index) && steps.one("B", index));
  if (k === undefined) return undefined;
  const a = frees.find(({ index }) => !steps.none("A", index) && steps.none("B", index));
  const b = frees.find(({ index }) => !steps.none("B", index) && steps.none("A", index));
  const outer = [...frees, ...sums].filter((r) => r !== a && r !== b && r !== k);
  return { kind: "dots", a, b, k, A, B, offset, outer };
}

/** How far a step of an index moves the offsets of A, B and O. */
class Steps {
  readonly #offsets: Readonly<Record<"A" | "B" | "O", Scalar>>;

  constructor(A: Load, B: Load, O: Scalar) {
    this.#offsets = { A: A.offset, B: B.offset, O };
  }

  #of(which: "A" | "B" | "O", index: string): Polynomial | undefined {
    return strideOf(this.#offsets[which], index);
  }

  areEven(ranges: readonly Range[]): boolean {
    return ranges.every(({ index }) =>
      (["A", "B", "O"] as const).every((which) => this.#of(which, index) !== undefined),
    );
  }

  none(which: "A" | "B" | "O", index: string): boolean {
    return isZero(this.#of(which, index)!);
  }

  one(which: "A" | "B" | "O", index: string): boolean {
    return isOne(this.#of(which, index));
  }
}

/** The first range that the first possible wish is true of. */
function best(ranges: readonly Range[], wishes: readonly ((r: Range) => boolean)[]): Range | undefined {
  for (const wish of wishes) {
    const found = ranges.find(wish);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A contraction in which one sum stands in a subscript of a list only, with the list's element as its index. */
function overList(
  contract: Contract,
): { readonly contract: Contract; readonly k: Range; readonly list: Load } | undefined {
  const loads = [contract.offset, ...contract.factors.map((f) => (f.kind === "load" ? f.offset : f))];
  for (const k of contract.sums) {
    const list = loads.map((s) => listIn(s, k.index)).find((l) => l !== undefined);
    if (list === undefined) continue;
    const key = printScalar(list);
    const item: Scalar = { kind: "name", type: "int", name: k.index };
    const without = (s: Scalar): Scalar => replaced(s, (v) => (printScalar(v) === key ? item : undefined));
    // The index stands nowhere beside the list: a load of the list, taken out, leaves none.
    const none: Scalar = { kind: "const", type: "int", value: 0 };
    const rest = loads.map((s) => replaced(s, (v) => (printScalar(v) === key ? none : undefined)));
    if (rest.some((s) => mentions(s, k.index))) continue;
    const factors = contract.factors.map((f) =>
      f.kind === "load" ? { ...f, offset: without(f.offset) } : f,
    );
    return { contract: { ...contract, offset: without(contract.offset), factors }, k, list };
  }
  return undefined;
}

function listIn(s: Scalar, index: string): Load | undefined {
  if (s.kind === "load") return s.offset.kind === "name" && s.offset.name === index ? s : undefined;
  if (s.kind !== "apply") return undefined;
  for (const arg of s.args) {
    const found = listIn(arg, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
