/**
 * Passes over rows, taken a block of rows at a time.
 *
 *   for i { score = X[i] · W; …; dW += X[i] ⊗ dscore }
 *
 * becomes
 *
 *   for i0 by R { contract the scores of R rows; for i { … }; contract the R rows into dW }
 *
 * so that a contraction has rows to tile over, and each block of rows of X is read from memory once.
 * What a row keeps to itself between two parts of the work gets a place for each row of a block.
 * A pass stays as it is where no contraction would gain, or where its parts cannot be told apart.
 */
import { mapped } from "../mapped.ts";
import { fixedExtent } from "../expr/extent.ts";
import { call, minus, plus, times } from "../loop/integer.ts";
import type { Names } from "../loop/identifier.ts";
import {
  constant,
  load,
  named,
  type Buffer,
  type Nest,
  type Range,
  type Scalar,
  type Statement,
} from "../loop/nest.ts";
import { remadeContract, remadeFill, withBody, withBranches } from "../loop/remade.ts";
import { replaced, rewritten, withScalars } from "../loop/rewrite.ts";
import type { Contract } from "./contraction.ts";
import { effectsOf, touchCounts } from "./effects.ts";
import { partsOf, type Part } from "./parts.ts";
import { Pass } from "./pass.ts";
import type { Windows } from "./windows.ts";

/** The nest with its passes over rows blocked, `rows` at a time; `windows` says what is a window. */
export function blockRows(nest: Nest, names: Names, rows: number, windows: Windows): Nest {
  const buffers = [...nest.buffers];
  const counts = touchCounts(nest.body);
  const body = nest.body.map((s) => {
    if (s.kind !== "for") return s;
    const pass = new Pass(nest, s, counts, windows);
    const parts = partsOf(pass);
    return parts === undefined ? s : new Blocking(pass, parts, buffers, names, rows).loop();
  });
  return { ...nest, buffers, body };
}

class Blocking {
  readonly #pass: Pass;
  readonly #parts: readonly Part[];
  readonly #names: Names;
  readonly #rows: number;
  /** Where the present block begins and ends. */
  readonly #start: string;
  readonly #end: string;
  /** What the rows of the present block are counted by. */
  readonly #range: Range;
  /** Row buffers with a place for each row of a block. */
  readonly #wide = new Set<string>();
  /** Names of a row, and the buffer that has a place for each row. */
  readonly #kept = new Map<string, string>();

  /** `buffers` are those of the nest: the ones that get rows are replaced, new ones are added. */
  constructor(pass: Pass, parts: readonly Part[], buffers: Buffer[], names: Names, rows: number) {
    const { index } = pass.loop;
    this.#pass = pass;
    this.#parts = parts;
    this.#names = names;
    this.#rows = rows;
    this.#start = names.fresh(`${index}0`);
    this.#end = names.fresh(`${index}1`);
    this.#range = { index, from: named(this.#start, "int"), to: named(this.#end, "int") };
    this.#expand(buffers);
  }

  loop(): Statement {
    const value = call("min", plus(this.#range.from, constant(this.#rows)), this.#pass.loop.to);
    const last: Statement = { kind: "let", name: this.#end, type: "int", value, mutable: false };
    const body = this.#parts.flatMap((part) =>
      part.kind === "rows" ? [this.#eachRow(part)] : this.#whole(part),
    );
    return {
      kind: "for",
      index: this.#start,
      from: constant(0),
      to: this.#pass.loop.to,
      step: this.#rows,
      body: [last, ...body],
    };
  }

  /** Gives what parts share a place for each row of a block: buffers get an axis, scalars a buffer. */
  #expand(buffers: Buffer[]): void {
    const rows = fixedExtent(this.#rows);
    for (const name of this.#shared()) {
      const at = buffers.findIndex((b) => b.name === name);
      if (at >= 0) {
        buffers[at] = { ...buffers[at]!, shape: [rows, ...buffers[at]!.shape] };
        this.#wide.add(name);
        continue;
      }
      const kept = this.#names.fresh(`${name}_rows`);
      buffers.push({
        name: kept,
        of: name,
        role: "scratch",
        type: this.#pass.lets.get(name)!.type,
        shape: [rows],
      });
      this.#kept.set(name, kept);
    }
  }

  /** Names and row buffers that more than one part touches, or that a contraction does. */
  #shared(): ReadonlySet<string> {
    const counts = new Map<string, number>();
    for (const part of this.#parts) {
      const { accesses, reads, assigns, defines } = effectsOf(part.statements);
      const weight = part.kind === "block" ? 2 : 1;
      const all = new Set([...accesses.map((a) => a.buffer), ...reads, ...assigns, ...defines]);
      for (const name of all) counts.set(name, (counts.get(name) ?? 0) + weight);
    }
    const names = [...this.#pass.own, ...this.#pass.lets.keys()].filter(
      (name) => !this.#pass.again.has(name),
    );
    return new Set(names.filter((name) => (counts.get(name) ?? 0) > 1));
  }

  /** A place in what has a row for each row of the block. */
  #place(volume: Scalar, offset: Scalar): Scalar {
    return plus(times(minus(this.#pass.row, this.#range.from), volume), offset);
  }

  /** The place of the row in the buffer of a name. */
  get #spot(): Scalar {
    return this.#place(constant(1), constant(0));
  }

  /** Statements with their row buffers replaced by those of the block. */
  #widened(s: Statement): Statement {
    const place = (buffer: string, offset: Scalar): Scalar =>
      this.#wide.has(buffer) ? this.#place(this.#pass.volume(buffer), offset) : offset;
    const wide = (v: Scalar): Scalar | undefined =>
      v.kind === "load" && this.#wide.has(v.buffer)
        ? load(v.buffer, place(v.buffer, replaced(v.offset, wide)), v.type)
        : undefined;
    return rewritten(s, wide, place);
  }

  #eachRow(part: Part): Statement {
    const body = this.#withScalars(part.statements).map((s) =>
      this.#widened(this.#spread(s, [this.#range.index])),
    );
    const { index, from, to } = this.#range;
    return { kind: "for", index, from, to, body };
  }

  #whole(part: Part): readonly Statement[] {
    return part.statements.map((s) => this.#work(s));
  }

  #work(s: Statement): Statement {
    const all = (inner: readonly Statement[]) => inner.map((t) => this.#work(t));
    if (s.kind === "contract") return this.#contraction(s);
    if (s.kind === "fill") return remadeFill(s, this.#kept.get(s.buffer) ?? s.buffer, s.value);
    if (s.kind === "for") return withBody(s, all(s.body));
    return s.kind === "if" ? withBranches(s, all(s.yes), s.no) : s;
  }

  /** A contraction over the rows of the block. */
  #contraction(s: Contract): Statement {
    const factors = s.factors.map((f) => {
      const kept = f.kind === "name" ? this.#kept.get(f.name) : undefined;
      return kept === undefined ? f : load(kept, this.#spot, f.type);
    });
    const narrow = (ranges: readonly Range[]) =>
      ranges.map((r) => (r.index === this.#range.index ? this.#range : r));
    const kept = this.#kept.get(s.buffer);
    const [frees, sums] = [narrow(s.frees), narrow(s.sums)];
    return this.#widened(
      kept === undefined
        ? remadeContract(s, s.offset, frees, sums, factors)
        : { kind: "contract", buffer: kept, offset: this.#spot, frees, sums, factors },
    );
  }

  /** A part of the rows, with the scalars that it has from other parts, and those that other parts have from it. */
  #withScalars(statements: readonly Statement[]): readonly Statement[] {
    const { lets, again } = this.#pass;
    const own = statements.filter((s) => !(s.kind === "let" && again.has(s.name)));
    const { reads, assigns, defines } = effectsOf(own);
    const at = this.#spot;
    const before: Statement[] = [];
    const after: Statement[] = [];
    for (const [name, { type, mutable }] of lets) {
      const value = again.get(name);
      if (value !== undefined && reads.has(name)) before.push({ kind: "let", name, type, value, mutable });
      const buffer = this.#kept.get(name);
      if (buffer === undefined) continue;
      const made = defines.has(name);
      if (!made && (reads.has(name) || assigns.has(name)))
        before.push({ kind: "let", name, type, value: load(buffer, at, type), mutable: assigns.has(name) });
      if (made || assigns.has(name))
        after.push({ kind: "store", buffer, offset: at, by: "set", value: named(name, type) });
    }
    return [...before, ...own, ...after];
  }

  /** Filling the one row of a buffer that has several is a loop, inside of those over `open`. */
  #spread(s: Statement, open: readonly string[]): Statement {
    if (s.kind !== "fill") {
      const within = s.kind === "for" ? [...open, s.index] : open;
      return withScalars(
        s,
        (scalar) => scalar,
        (body) => mapped(body, (t) => this.#spread(t, within)),
      );
    }
    if (!this.#wide.has(s.buffer)) return s;
    const index = this.#names.index("n", new Set(open));
    const store: Statement = {
      kind: "store",
      buffer: s.buffer,
      offset: named(index, "int"),
      by: "set",
      value: s.value,
    };
    return { kind: "for", index, from: constant(0), to: this.#pass.volume(s.buffer), body: [store] };
  }
}
