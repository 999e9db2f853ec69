/**
 * A nest as a module of WebAssembly: `run(frame)` computes the results from what stands in memory.
 *
 * The module has no memory of its own: the host gives one as `host.memory`, laid out as `layout.ts` says.
 * Inputs have passed the door.
 */
import { extentKey, type Extent } from "../expr/extent.ts";
import { Names } from "../loop/identifier.ts";
import { bodiesOf, type Nest, type Scalar, type Statement } from "../loop/nest.ts";
import { apart } from "../schedule/apart.ts";
import { call, get, i32, op, opWith, type Code } from "./code.ts";
import { constantsTogether } from "./constants.ts";
import type { FunctionBuilder } from "./function.ts";
import { roots } from "./functions/roots.ts";
import { aligned, layoutOf, type Layout } from "./layout.ts";
import { relaxedOf } from "./library.ts";
import { ModuleBuilder } from "./module.ts";
import { Operations } from "./operations.ts";
import { converted } from "./scalar.ts";
import { Scope } from "./scope.ts";
import { StatementWriter, type SharedLoops } from "./statement.ts";
import { chunkFunction, mostChunks, partFunction, shareOut, slotNames } from "./threads/chunks.ts";
import { parallels } from "./threads/parallel.ts";
import { visit } from "./vector/accumulation.ts";
import { Storage, type Precision } from "./storage.ts";

/** After the tables of functions. */
const frameAt = aligned(roots.at + 16 * roots.pairs.length);

export interface KernelOptions {
  readonly precision?: Precision;
  /** Whether loops are shared out among threads; the memory is then a shared one. */
  readonly threads?: boolean;
}

export interface WasmKernel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same with relaxed multiply-adds, for engines that have them; undefined where nothing is different. */
  readonly relaxed: Uint8Array<ArrayBuffer> | undefined;
  readonly layout: Layout;
  /** How many loops are shared out among threads. */
  readonly shared: number;
  /** Buffers of which each chunk of a shared loop has its own. */
  readonly own: ReadonlySet<string>;
  /** Whether the module wants `Math` from the host. */
  readonly asksHost: boolean;
}

export function wasmKernel(
  plain: Nest,
  { precision = "float64", threads = false }: KernelOptions = {},
): WasmKernel {
  const nest = toldApart(precision === "float32" ? constantsTogether(plain) : plain);
  const module = new ModuleBuilder();
  module.importMemory("host", "memory", threads ? { pages: 1, most: 65536, shared: true } : { pages: 1 });
  const storage = new Storage(nest, precision);
  const operations = new Operations(module);
  const shared = threads ? [...parallels(nest).values()] : [];
  const slots = shared.flatMap(slotNames);
  const layout = layoutOf(nest, storage, { frameAt, slots, frames: shared.length > 0 ? mostChunks : 0 });
  const types = typesIn(nest);
  const enter = (
    f: FunctionBuilder,
    frame: Code,
    own: Code,
    ofOwn: ReadonlySet<string>,
    loops?: SharedLoops,
  ) => {
    const scope = entered(f, frame, own, ofOwn, layout, storage);
    const work = f.keep(op("i32.add", own, i32(layout.workAt)));
    return new StatementWriter(
      f,
      scope,
      storage,
      operations,
      lengths(nest, scope),
      module,
      work,
      types,
      loops,
    );
  };
  const whole = (name: string, loops?: SharedLoops): void => {
    const f = module.function(name, ["i32"], "none");
    const frame = f.parameter(0);
    const w = enter(f, frame, frame, new Set(), loops);
    w.all(nest.body);
    leave(f, layout, w.scope);
    module.export(name, f);
  };
  whole("run");
  if (shared.length > 0) {
    const host = module.import("host", "share", ["i32", "i32"], "none");
    const chunks = shared.map((p, n) => chunkFunction(module, p, n, layout.slots, enter));
    module.export("part", partFunction(module, chunks, layout, call));
    const loops = shared.map(
      (p, n) =>
        [
          p.loop,
          (w: StatementWriter) => shareOut(w, w.f.parameter(0), p, n, layout.slots, layout, host, call),
        ] as const,
    );
    whole("spread", new Map<Statement, (w: StatementWriter) => void>(loops));
  }
  const own = new Set(shared.flatMap((p) => [...p.own]));
  return {
    bytes: module.bytes(),
    relaxed: nest.body.some(contracts) ? module.bytes(relaxedOf) : undefined,
    layout,
    asksHost: operations.asksHost,
    shared: shared.length,
    own,
  };
}

/** The nest with each name defined once: what is known of a name, such as its lanes, then holds wherever it is read. */
function toldApart(nest: Nest): Nest {
  const names = new Names();
  for (const { name } of [...nest.sizes, ...nest.parameters, ...nest.buffers]) names.fresh(name);
  const scalars = nest.results.filter((r) => r.scalar).map((r) => r.name);
  return { ...nest, body: apart(nest.body, names, new Set(scalars)).body };
}

const contracts = (s: Statement): boolean => s.kind === "contract" || bodiesOf(s).some(contracts);

/** The types of the names that statements define. */
function typesIn(nest: Nest): ReadonlyMap<string, Scalar["type"]> {
  const types = new Map<string, Scalar["type"]>();
  visit(nest.body, (s) => {
    if (s.kind === "let") types.set(s.name, s.type);
    if (s.kind === "for") types.set(s.index, "int");
  });
  return types;
}

/** Takes what the frame holds into locals. */
function entered(
  f: FunctionBuilder,
  frame: Code,
  own: Code,
  ofOwn: ReadonlySet<string>,
  layout: Layout,
  storage: Storage,
): Scope {
  const scope = new Scope();
  for (const { name, type, offset } of layout.parameters) {
    const local = f.local(type === "int" ? "i32" : storage.real);
    const value = opWith("f64.load", { offset }, frame);
    f.set(local, converted(value, type === "int" ? "i32" : storage.real));
    scope.define(name, local);
  }
  for (const { name, offset } of layout.sizes) {
    const local = f.local("i32");
    f.set(local, opWith("i32.load", { offset }, frame));
    scope.define(name, local);
  }
  for (const { name, offset } of layout.buffers)
    scope.placeBuffer(name, f.keep(opWith("i32.load", { offset }, ofOwn.has(name) ? own : frame)));
  return scope;
}

/** Puts scalar results into the frame. */
function leave(f: FunctionBuilder, layout: Layout, scope: Scope): void {
  for (const { name, offset } of layout.results)
    f.emit(opWith("f64.store", { offset }, f.parameter(0), converted(get(scope.local(name)), "f64")));
}

/** The number of elements of each buffer, from the sizes of its axes. */
function lengths(nest: Nest, scope: Scope): (buffer: string) => Code {
  const names = new Map(nest.sizes.map((s) => [extentKey(s.extent), s.name]));
  const size = (extent: Extent): Code =>
    extent.kind === "fixed" ? i32(extent.value) : get(scope.local(names.get(extentKey(extent))!));
  return (buffer) => {
    const shape = nest.buffers.find((b) => b.name === buffer)!.shape;
    return shape.map(size).reduce((all, one) => op("i32.mul", all, one), i32(1));
  };
}
