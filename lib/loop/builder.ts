/** Stages as statements: time by time, a pass over the rows for all that concerns a row. */
import { type Index, type Node } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import { conjuncts } from "./affine.ts";
import { fillArray, placeOf } from "./array.ts";
import { Block } from "./block.ts";
import { Comment } from "./comment.ts";
import type { Context, Storage } from "./context.ts";
import { iterate } from "./iterate.ts";
import { occurrences } from "./materialise.ts";
import { constant, named, type Buffer, type Result, type Scalar } from "./nest.ts";
import { ordered } from "./order.ts";
import {
  accumulate,
  accumulatePrecisely,
  accumulation,
  flat,
  flattening,
  isPreciseSum,
  reduction,
  settled,
} from "./reduction.ts";
import { lower } from "./scalar.ts";
import type { Schedule } from "./schedule.ts";
import type { Stage } from "./stage.ts";
import { title } from "./title.ts";

export type ResultName = { readonly wrt: string | undefined; readonly name: string };
type Role<R extends Stage["role"]> = Extract<Stage, { role: R }>;

/** Lowers stages into a root block, time by time. */
export class Builder {
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
    const name = names.fresh(stage.name.includes("•") ? this.#title(stage) : stage.name);
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

  #title(stage: Stage): string {
    const counts = stage.role === "accumulate" && stage.op === "sum" && stage.type === "int";
    return counts ? "count" : title(stage.body, this.#cx.row);
  }

  #stage(stage: Stage, build: () => void, block = this.root): void {
    this.#cx.uses = occurrences([stage]);
    const [formula, describe] = [stage.formula, this.#describe];
    if (formula && describe) block.statements.push(new Comment(() => describe(formula)));
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
          : {
              kind: "store",
              buffer: target.name,
              offset: placeOf(this.#cx, target, stage.indices, block),
              by,
              value,
            },
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
              offset: placeOf(this.#cx, finished, stage.indices, block),
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
    fillArray(cx, stage, storage, indices, block);
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
}
