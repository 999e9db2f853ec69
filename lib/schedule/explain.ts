/** What a scheduled nest does, step by step, for people: which loops, which blocks, what is skipped, in which order sums are added up. */
import type { Extent } from "../expr/extent.ts";
import { extentKey } from "../expr/extent.ts";
import type { Nest, Statement } from "../loop/nest.ts";
import { printScalar } from "../loop/print.ts";
import { effectsOf } from "./effects.ts";
import { mentions } from "./polynomial.ts";

// prettier-ignore
export type Step =
  | { readonly kind: "clear";    /** Arrays that are set to zero. */ readonly writes: readonly string[] }
  | { readonly kind: "compute";  /** Arrays and scalars that it writes. */ readonly writes: readonly string[] }
  | { readonly kind: "contract"; readonly into: string; /** Indices of the loops around it. */ readonly around: readonly string[]; readonly factors: readonly string[]; readonly frees: readonly string[]; readonly sums: readonly string[]; /** The array whose zero rows it skips. */ readonly skips?: string }
  | { readonly kind: "pass";     readonly index: string; readonly size: string; /** How many at a time. */ readonly rows: number; /** Inputs of which a block reads its own rows only. */ readonly reads: readonly string[]; readonly steps: readonly Step[] };

export interface Explanation {
  readonly steps: readonly Step[];
  readonly scratch: readonly { readonly name: string; readonly shape: string }[];
}

export function explain(nest: Nest): Explanation {
  const sizes = new Map(nest.sizes.map((s) => [extentKey(s.extent), s.name]));
  const size = (e: Extent): string => (e.kind === "fixed" ? String(e.value) : sizes.get(extentKey(e))!);
  const scratch = nest.buffers
    .filter((b) => b.role === "scratch")
    .map(({ name, shape }) => ({ name, shape: shape.map(size).join(" × ") }));
  return { steps: joined(nest.body.flatMap((s) => stepsOf(s, nest))), scratch };
}

type Loop = Extract<Statement, { kind: "for" }>;
type Contract = Extract<Statement, { kind: "contract" }>;

/** The steps of a statement; `row` counts the rows of the pass around it. */
function stepsOf(s: Statement, nest: Nest, row?: string, around: readonly string[] = []): readonly Step[] {
  if (s.kind === "comment") return [];
  if (s.kind === "fill" && s.value.kind === "const" && s.value.value === 0)
    return [{ kind: "clear", writes: [s.buffer] }];
  if (s.kind === "contract") return [{ ...contraction(s, nest, row), around }];
  if (s.kind === "for" && row === undefined && !holdsContraction(s)) return [pass(s, nest)];
  const [only, ...others] = bodyOf(s);
  if (only !== undefined && others.length === 0 && holdsContraction(only))
    return stepsOf(only, nest, row, s.kind === "for" ? [...around, s.index] : around);
  const { accesses, assigns } = effectsOf([s]);
  const stored = accesses.flatMap((a) => (a.kind === "load" ? [] : [a.buffer]));
  const defined = s.kind === "let" ? [s.name] : [];
  return [{ kind: "compute", writes: [...new Set([...defined, ...outer(assigns, s), ...stored])] }];
}

/** What a loop or a condition holds. */
const bodyOf = (s: Statement): readonly Statement[] =>
  s.kind === "for" ? s.body : s.kind === "if" ? s.yes : [];

/** Whether a statement is a contraction, perhaps in loops and conditions with nothing else in them. */
const holdsContraction = (s: Statement): boolean =>
  s.kind === "contract" || (bodyOf(s).length === 1 && bodyOf(s).every(holdsContraction));

/** Variables that outlive a statement. */
const outer = (assigns: ReadonlySet<string>, s: Statement): readonly string[] => {
  const { defines } = effectsOf([s]);
  return [...assigns].filter((name) => !defines.has(name));
};

/** A loop over rows, perhaps a block at a time. */
function pass(s: Loop, nest: Nest): Step {
  const rows = s.step ?? 1;
  const index = s.body.flatMap((t) => rowIndex(t, s.index))[0] ?? s.index;
  const inputs = new Set(nest.buffers.filter((b) => b.role === "input").map((b) => b.name));
  const { accesses } = effectsOf(s.body);
  const reads = accesses.flatMap((a) =>
    a.kind === "load" && inputs.has(a.buffer) && (mentions(a.offset, index) || mentions(a.offset, s.index))
      ? [a.buffer]
      : [],
  );
  // Constants, such as where the block ends, are of no interest.
  const work = s.body.filter((t) => t.kind !== "let");
  const steps = joined(work.flatMap((t) => stepsOf(t, nest, index)));
  return { kind: "pass", index, size: printScalar(s.to), rows, reads: [...new Set(reads)], steps };
}

/** What the rows of a block are counted by. */
const rowIndex = (s: Statement, block: string): readonly string[] => {
  if (s.kind !== "contract" && holdsContraction(s)) return bodyOf(s).flatMap((t) => rowIndex(t, block));
  const ranges = s.kind === "for" ? [s] : s.kind === "contract" ? [...s.frees, ...s.sums] : [];
  return ranges.filter((r) => mentions(r.from, block)).map((r) => r.index);
};

function contraction(s: Contract, nest: Nest, row: string | undefined) {
  const { buffer, factors, frees, sums } = s;
  const lists = new Map(
    nest.buffers.flatMap((b) => (b.role === "scratch" && b.type === "int" ? [[b.name, b.of]] : [])),
  );
  const list = effectsOf([s]).accesses.find((a) => a.kind === "load" && lists.has(a.buffer));
  return {
    kind: "contract" as const,
    into: buffer,
    factors: factors.map((f) => (f.kind === "load" ? f.buffer : printScalar(f))),
    frees: frees.map((r) => r.index),
    sums: sums.map((r) =>
      list?.kind === "load" && mentions(list.offset, r.index) ? (row ?? r.index) : r.index,
    ),
    ...(list && { skips: lists.get(list.buffer)! }),
  };
}

/** Computations that follow one another as one. */
function joined(steps: readonly Step[]): readonly Step[] {
  const out: Step[] = [];
  for (const step of steps) {
    const last = out.at(-1);
    if ((last?.kind === "compute" || last?.kind === "clear") && step.kind === last.kind)
      out[out.length - 1] = { kind: last.kind, writes: [...new Set([...last.writes, ...step.writes])] };
    else if (!("writes" in step) || step.writes.length > 0) out.push(step);
  }
  return out;
}
