/**
 * Lowering: a derivation's definitions as one nest.
 *
 * Input: definitions in order of computation, the subscripts to check, the names of
 * the results. Output: a nest that computes the results in as few passes over the
 * rows as the definitions allow, each pass doing all that concerns a row at once.
 */
import type { Derivation } from "../diff/derivation.ts";
import type { Extent } from "../expr/extent.ts";
import { apply, at, freeIndices, read, type Expr, type Index, type Node } from "../expr/node.ts";
import { namesRead } from "../expr/names-read.ts";
import type { Definition, Input } from "../expr/program.ts";
import { conjuncts } from "./affine.ts";
import { fromAllButOne } from "./all-but-one.ts";
import { Block } from "./block.ts";
import type { Context, SizeName, Storage, Style } from "./context.ts";
import { doorOf } from "./door.ts";
import { Names } from "./identifier.ts";
import { foldConstants } from "./fold.ts";
import { iterate } from "./iterate.ts";
import { Magnitudes } from "./magnitude.ts";
import { materialise, occurrences } from "./materialise.ts";
import { needsOf } from "./need.ts";
import { neverNegativeOf } from "./never-negative.ts";
import { constant, named, type Buffer, type Nest, type Parameter, type Result, type Scalar } from "./nest.ts";
import {
  accumulate,
  accumulatePrecisely,
  accumulation,
  flat,
  flattening,
  isPlainSum,
  isPreciseSum,
  reduction,
  settled,
} from "./reduction.ts";
import { lower, offset } from "./scalar.ts";
import { Reach } from "./reach.ts";
import { schedule, type Schedule } from "./schedule.ts";
import { madeBefore, setApart, type SetApart } from "./set-apart.ts";
import { isShared, share } from "./share.ts";
import { nameSizes } from "./sizes.ts";
import { ordered } from "./order.ts";
import { rename } from "./rename.ts";
import { rowExtent, scatters, stagesOf, type Stage } from "./stage.ts";
import { streams } from "./stride.ts";
import { tidy } from "./tidy.ts";
import { title } from "./title.ts";
import { verify } from "./verify.ts";

export interface LoweringOptions {
  readonly style: Style;
  /** A definition as text, for the comment above its code. */
  readonly describe?: (definition: Definition, sizeName: SizeName) => string;
}

export function lowerDerivation(derivation: Derivation, { style, describe }: LoweringOptions): Nest {
  const { definitions, results } = needed(derivation);
  const shapes = shapesOf(derivation.inputs, definitions);
  const reach = new Reach(derivation.bounds, shapes);
  const extent = rowExtent(
    definitions,
    derivation.inputs.map((input) => input.shape),
  );
  const { parted, stages, row, scheduled } = staged(definitions, style, extent, reach, shapes);

  const names = new Names();
  const inputs = derivation.inputs.map((input) => ({ input, name: names.fresh(input.name) }));
  const sizes = nameSizes(
    names,
    derivation.inputs,
    parted,
    derivation.bounds.flatMap((b) => b.over),
  );
  const cx: Context = {
    style,
    names,
    sizes,
    reach,
    row: row?.name,
    storage: new Map(inputs.map(({ input, name }) => [input.name, inputStorage(input, name)])),
    uses: new Map(),
    allUses: occurrences(stages),
    neverNegative: neverNegativeOf(stages),
    magnitudes: new Magnitudes(stages),
    compensated: new Map(),
    needs: needsOf(stages),
  };
  const doorNames = names.fork();
  const door = doorOf({ ...cx, names: doorNames }, derivation);
  const builder = new Builder(
    cx,
    row,
    results,
    describe && ((d) => describe(d, (extent) => sizes.nameOf(extent))),
  );
  builder.run(scheduled, stages);
  const buffers = [...inputs.flatMap(({ input, name }) => inputBuffer(input, name)), ...builder.buffers];
  const whole = [...sizes.list(), ...inputs, ...buffers].map(({ name }) => name);
  const answers = new Set(builder.results(new Map()).map((r) => r.name));
  const { statements, renamed } = rename(
    foldConstants(tidy(builder.root.statements, answers), answers),
    names.stems(),
    names.fixed(whole),
  );
  const nest: Nest = {
    sizes: sizes.list(),
    parameters: inputs.flatMap(({ input, name }): Parameter[] =>
      input.shape.length > 0 ? [] : [{ name, of: input.name, type: input.type }],
    ),
    buffers,
    // Its constants were named before the buffers were.
    door: rename(foldConstants(door), doorNames.stems(), doorNames.fixed(whole)).statements,
    body: statements,
    results: builder.results(renamed),
  };
  verify(nest);
  return nest;
}

/** Definitions as stages with their times; for speed, values that several loops of a row need are computed once. */
function staged(
  definitions: readonly Definition[],
  style: Style,
  extent: Extent | undefined,
  reach: Reach,
  shapes: Map<string, readonly Extent[]>,
) {
  const refused = new Set<Expr>();
  for (;;) {
    const shared =
      style === "fused"
        ? share(fromAllButOne(definitions, reach), { row: extent, reach, refused })
        : definitions;
    for (const d of shared) shapes.set(d.name, extentsOf(d));
    const parted = materialise(shared, extent, reach);
    for (const d of parted) shapes.set(d.name, extentsOf(d));
    const { stages, row } = stagesOf(parted, extent, reach);
    for (const s of stages) shapes.set(s.name, extentsOf(s));
    const scheduled = schedule(stages, row);
    // Rows that a later pass reads would be kept for all samples: they are cheaper to compute again.
    const kept = shared.filter(isShared).filter((d) => scheduled.stored.has(d.name));
    if (kept.length === 0) return { parted, stages, row, scheduled };
    for (const d of kept) refused.add(d.shares);
  }
}

/** The definitions that results depend on, and which definition each result is. No definition is two results. */
function needed(derivation: Derivation) {
  const results: { readonly wrt: string | undefined; readonly name: string }[] = [];
  const aliases: Definition[] = [];
  const wanted: [string | undefined, string][] = [[undefined, derivation.value], ...derivation.gradients];
  for (const [wrt, name] of wanted) {
    const original = derivation.definitions.find((d) => d.name === name);
    if (original === undefined) throw new Error(`the derivation has no definition of ${name}`);
    if (!results.some((r) => r.name === name)) {
      results.push({ wrt, name });
      continue;
    }
    const alias = `d${wrt}•${aliases.length}`;
    aliases.push({
      name: alias,
      indices: original.indices,
      body: read(name, original.indices.map(at), original.body.type),
    });
    results.push({ wrt, name: alias });
  }
  const live = new Set(results.map((r) => r.name));
  const all = [...derivation.definitions, ...aliases];
  for (const d of all.toReversed())
    if (live.has(d.name)) for (const name of namesRead(d.body)) live.add(name);
  return { definitions: all.filter((d) => live.has(d.name)), results };
}

const extentsOf = (d: { readonly indices: readonly Index[] }): readonly Extent[] =>
  d.indices.map((i) => i.extent);

function shapesOf(
  inputs: readonly Input[],
  definitions: readonly Definition[],
): Map<string, readonly Extent[]> {
  return new Map([
    ...inputs.map((input) => [input.name, input.shape] as const),
    ...definitions.map((d) => [d.name, extentsOf(d)] as const),
  ]);
}

const inputStorage = (input: Input, name: string): Storage =>
  input.shape.length === 0
    ? { kind: "scalar", name, type: input.type }
    : { kind: "buffer", name, type: input.type, axes: input.shape.map((extent) => ({ extent, kept: true })) };

const inputBuffer = (input: Input, name: string): Buffer[] =>
  input.shape.length === 0
    ? []
    : [{ name, of: input.name, role: "input", type: input.type, shape: input.shape }];

type ResultName = { readonly wrt: string | undefined; readonly name: string };
type Role<R extends Stage["role"]> = Extract<Stage, { role: R }>;

/** Lowers stages into a root block, time by time. */
class Builder {
  readonly root = Block.root();
  readonly buffers: Buffer[] = [];
  readonly #cx: Context;
  readonly #row: Index | undefined;
  readonly #results: readonly ResultName[];
  readonly #describe: ((definition: Definition) => string) | undefined;
  /** For the compensated sums of the present pass, where what they lose is kept. */
  readonly #lost = new Map<string, string>();

  constructor(
    cx: Context,
    row: Index | undefined,
    results: readonly ResultName[],
    describe: ((definition: Definition) => string) | undefined,
  ) {
    this.#cx = cx;
    this.#row = row;
    this.#results = results;
    this.#describe = describe;
  }

  run({ times, stored }: Schedule, stages: readonly Stage[]): void {
    for (const stage of stages) if (stage.role === "accumulate") this.#own(stage, stages);
    for (const [time, now] of times.entries()) {
      if (now.length === 0) continue;
      if (time % 2 === 0)
        for (const stage of now) this.#stage(stage, () => this.#whole(stage as Role<"whole">));
      else this.#pass(now, stored);
    }
  }

  /** Where the results are; constants have their names after `renamed`. */
  results(renamed: ReadonlyMap<string, string>): readonly Result[] {
    return this.#results.map(({ wrt, name }) => {
      const storage = this.#cx.storage.get(name);
      if (storage === undefined) throw new Error(`${name} was never lowered`);
      const final = renamed.get(storage.name) ?? storage.name;
      return { wrt, name: final, scalar: storage.kind === "scalar", type: storage.type };
    });
  }

  /** Places an accumulation in the storage of the stage that finishes it. */
  #own(stage: Role<"accumulate">, stages: readonly Stage[]): void {
    const finisher = stages.find((s) => s.role === "whole" && s.finishes === stage.name);
    const storage = this.#place(
      finisher ?? stage,
      stage.indices.map(() => true),
    );
    this.#cx.storage.set(stage.name, storage);
    if (finisher) this.#cx.storage.set(finisher.name, storage);
  }

  /** Gives a stage its storage: a scalar, or a buffer of the axes that are kept. */
  #place(stage: Stage, kept: readonly boolean[]): Storage {
    const { names } = this.#cx;
    const wanted = stage.name.includes("•") ? title(stage.body, this.#cx.row) : stage.name;
    const name = names.fresh(wanted);
    const storage: Storage = kept.some(Boolean)
      ? {
          kind: "buffer",
          name,
          type: stage.type,
          axes: stage.indices.map((i, n) => ({ extent: i.extent, kept: kept[n]! })),
        }
      : { kind: "scalar", name, type: stage.type };
    if (storage.kind === "buffer") {
      const role = this.#results.some((r) => r.name === stage.name) ? "result" : "scratch";
      const shape = storage.axes.filter((axis) => axis.kept).map((axis) => axis.extent);
      this.buffers.push({ name, of: stage.name.split("•")[0]!, role, type: stage.type, shape });
    }
    return storage;
  }

  #stage(stage: Stage, build: () => void, block = this.root): void {
    this.#cx.uses = occurrences([stage]);
    if (stage.formula && this.#describe)
      block.statements.push({ kind: "comment", text: this.#describe(stage.formula) });
    build();
  }

  #pass(stages: readonly Stage[], stored: ReadonlySet<string>): void {
    const row = this.#row!;
    for (const stage of stages) if (stage.role === "accumulate") this.#start(stage);
    const name = this.#cx.names.index(row.name, new Set());
    const body = this.root.loop(row, name);
    for (const stage of stages)
      this.#stage(
        stage,
        () =>
          stage.role === "accumulate"
            ? this.#accumulate(stage, body)
            : this.#along(stage as Role<"row">, body, stored),
        body,
      );
    const to = this.#cx.sizes.scalar(row.extent);
    this.root.statements.push({ kind: "for", index: name, from: constant(0), to, body: body.statements });
    for (const [name, low] of this.#lost)
      this.root.statements.push({ kind: "assign", name, by: "set", value: settled(name, low) });
    this.#lost.clear();
  }

  #start(stage: Role<"accumulate">): void {
    const storage = this.#cx.storage.get(stage.name)!;
    const value = constant(accumulation[stage.op].empty, stage.type);
    this.root.statements.push(
      storage.kind === "scalar"
        ? { kind: "let", name: storage.name, type: stage.type, value, mutable: true }
        : { kind: "fill", buffer: storage.name, value },
    );
    if (storage.kind !== "scalar" || !isPreciseSum(stage)) return;
    const low = this.#cx.names.fresh(`${storage.name}_lost`);
    this.root.statements.push({
      kind: "let",
      name: low,
      type: "real",
      value: constant(0, "real"),
      mutable: true,
    });
    this.#lost.set(storage.name, low);
  }

  #accumulate(stage: Role<"accumulate">, body: Block): void {
    const own = { indices: stage.indices, guard: conjuncts(stage.guard), body: stage.body };
    const target = this.#cx.storage.get(stage.name)!;
    const { by } = accumulation[stage.op];
    const { whole, branchless } = flattening(this.#cx);
    const apart = (e: Node<"reduce">) => whole(e) || (target.kind === "buffer" && e.guard === undefined);
    const all = stage.op === "sum" ? flat(own, { whole: apart, branchless }) : own;
    const low = this.#lost.get(target.name);
    if (low !== undefined) {
      accumulatePrecisely(this.#cx, body, all, target.name, low);
      return;
    }
    const indices = target.kind === "buffer" ? ordered(all.indices, all.guard) : all.indices;
    accumulate(this.#cx, body, { ...all, indices }, (value, block) =>
      block.statements.push(
        target.kind === "scalar"
          ? { kind: "assign", name: target.name, by, value }
          : { kind: "store", buffer: target.name, offset: this.#at(target, stage.indices, block), by, value },
      ),
    );
  }

  #along(stage: Role<"row">, body: Block, stored: ReadonlySet<string>): void {
    const whole = stored.has(stage.name) || this.#results.some((r) => r.name === stage.name);
    const kept = stage.indices.map((_, axis) => whole || axis !== stage.axis);
    this.#fill(
      stage,
      kept,
      stage.indices.filter((_, axis) => axis !== stage.axis),
      body,
    );
  }

  #whole(stage: Role<"whole">): void {
    const finished = stage.finishes === undefined ? undefined : this.#cx.storage.get(stage.name);
    if (finished === undefined) {
      this.#fill(
        stage,
        stage.indices.map(() => true),
        stage.indices,
        this.root,
      );
      return;
    }
    if (stage.body.kind === "read" && stage.body.name === stage.finishes) return;
    iterate(this.#cx, this.root, stage.indices, [], (block) => {
      const value = lower(this.#cx, stage.body, block);
      block.statements.push(
        finished.kind === "scalar"
          ? { kind: "assign", name: finished.name, by: "set", value }
          : {
              kind: "store",
              buffer: finished.name,
              offset: this.#at(finished, stage.indices, block),
              by: "set",
              value,
            },
      );
    });
  }

  /** Computes a stage at every value of `indices`, those that `block` does not bind already. */
  #fill(stage: Stage, kept: readonly boolean[], indices: readonly Index[], block: Block): void {
    const cx = this.#cx;
    if (!kept.some(Boolean)) {
      this.#single(stage, block);
      return;
    }
    const storage = this.#place(stage, kept);
    cx.storage.set(stage.name, storage);
    if (storage.kind !== "buffer") return;
    if (this.#scatter(stage, storage, block) || this.#stream(stage, storage, indices, block)) return;
    this.#loops(stage.body, stage, storage, indices, block);
  }

  /** One number: a variable of its own. */
  #single(stage: Stage, block: Block): void {
    const cx = this.#cx;
    const known = block.known(stage.body);
    const wanted = stage.name.includes("•") ? title(stage.body, cx.row) : stage.name;
    if (stage.body.kind === "reduce" && known === undefined) {
      const value = reduction(cx, stage.body, block, wanted);
      block.remember(stage.body, value);
      this.#remember(stage, value);
      return;
    }
    const value = known ?? lower(cx, stage.body, block);
    const name = cx.names.fresh(wanted);
    block.statements.push({ kind: "let", name, type: stage.type, value, mutable: false });
    this.#remember(stage, named(name, stage.type));
  }

  #remember(stage: Stage, value: Scalar): void {
    if (value.kind !== "name") throw new Error(`${stage.name} is kept in no name`);
    this.#cx.storage.set(stage.name, { kind: "scalar", name: value.name, type: stage.type });
  }

  /** The loops of a stage; a choice that does not depend on them is made before them. */
  #loops(
    body: Expr,
    stage: Stage,
    storage: Extract<Storage, { kind: "buffer" }>,
    indices: readonly Index[],
    block: Block,
  ): void {
    const before = indices.length > 0 ? this.#before(body, indices, block) : undefined;
    if (before !== undefined) {
      const guard = lower(this.#cx, before.guard, block);
      const [yes, no] = [block.branch([before.guard]), block.branch([apply("not", before.guard)])];
      this.#loops(before.there, stage, storage, indices, yes);
      this.#loops(before.elsewhere, stage, storage, indices, no);
      block.statements.push({ kind: "if", guard, yes: yes.statements, no: no.statements });
      return;
    }
    const apart = this.#cx.style === "fused" ? setApart(body, indices) : undefined;
    if (apart !== undefined && this.#cx.reach.inside(apart.elsewhere, block.facts())) {
      this.#loops(apart.elsewhere, stage, storage, indices, block);
      this.#elements(apart.there, stage, storage, indices, conjuncts(apart.guard), block);
      return;
    }
    this.#elements(body, stage, storage, indices, [], block);
  }

  /** The choice that is made before the loops over `indices`. */
  #before(body: Expr, indices: readonly Index[], block: Block): SetApart | undefined {
    if (body.kind === "where" && !freeIndices(body.guard).some((i) => indices.includes(i)))
      return { guard: body.guard, there: body.then, elsewhere: body.else };
    const before = this.#cx.style === "fused" ? madeBefore(body, indices) : undefined;
    return before && this.#cx.reach.inside(before.guard, block.facts()) ? before : undefined;
  }

  /** One element after another, those for which all conditions hold. */
  #elements(
    body: Expr,
    stage: Stage,
    storage: Extract<Storage, { kind: "buffer" }>,
    indices: readonly Index[],
    conditions: readonly Expr[],
    block: Block,
  ): void {
    iterate(this.#cx, block, indices, conditions, (inner) => {
      const value = lower(this.#cx, body, inner);
      // One number: whoever reads it in this block has it without a load.
      if (indices.length === 0 && value.kind === "name")
        inner.remember(read(stage.name, stage.indices.map(at), stage.type), value);
      const position = this.#at(storage, stage.indices, inner);
      inner.statements.push({ kind: "store", buffer: storage.name, offset: position, by: "set", value });
    });
  }

  /** A sum whose terms say which element they belong to. True when it was done so. */
  #scatter(stage: Stage, storage: Extract<Storage, { kind: "buffer" }>, block: Block): boolean {
    const { body, indices } = stage;
    if (stage.role !== "whole" || body.kind !== "reduce" || !scatters(stage, body)) return false;
    block.statements.push({ kind: "fill", buffer: storage.name, value: constant(0, stage.type) });
    const all = flat(
      { indices: [body.over, ...indices], guard: conjuncts(body.guard), body: body.body },
      { whole: (e) => e.guard === undefined, branchless: false },
    );
    accumulate(this.#cx, block, all, (value, inner) =>
      inner.statements.push({
        kind: "store",
        buffer: storage.name,
        offset: this.#at(storage, indices, inner),
        by: "add",
        value,
      }),
    );
    return true;
  }

  /**
   * A sum added up in its array, term after term for all elements at once, where that
   * reads memory in order: score[:] += X[i, d] · W[d, :]. True when it was done so.
   */
  #stream(
    stage: Stage,
    storage: Extract<Storage, { kind: "buffer" }>,
    indices: readonly Index[],
    block: Block,
  ): boolean {
    const { body } = stage;
    if (this.#cx.style !== "fused" || indices.length !== 1 || storage.axes.filter((a) => a.kept).length !== 1)
      return false;
    if (!isPlainSum(body) || !streams(body, indices[0]!)) return false;
    block.statements.push({ kind: "fill", buffer: storage.name, value: constant(0, stage.type) });
    accumulate(
      this.#cx,
      block,
      { indices: [body.over, indices[0]!], guard: [], body: body.body },
      (value, inner) =>
        inner.statements.push({
          kind: "store",
          buffer: storage.name,
          offset: this.#at(storage, stage.indices, inner),
          by: "add",
          value,
        }),
    );
    return true;
  }

  #at(storage: Extract<Storage, { kind: "buffer" }>, indices: readonly Index[], block: Block): Scalar {
    return offset(this.#cx, storage, indices.map(at), block);
  }
}
