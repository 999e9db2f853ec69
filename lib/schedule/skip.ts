/**
 * Rows that add nothing are skipped: of a block, the rows in which a factor is not zero throughout are listed,
 * and the contraction sums over the list.
 *
 *   contract dW[d, j] += X[i, d] * dscore[i, j]  summed over i from i0 to i1
 *
 * becomes
 *
 *   active = 0; for i { …; if some dscore[i, j] is not 0 { rows[active] = i - i0; active += 1 } }
 *   contract dW[d, j] += X[i0 + rows[a], d] * dscore[i0 + rows[a], j]  summed over a from 0 to active
 *
 * where the factor is computed row by row and can be exactly zero: from comparisons and choices, not from
 * functions such as exp. A skipped row adds exactly 0, also where X is infinite in it and 0 · ∞ would be NaN.
 */
import { fixedExtent } from "../expr/extent.ts";
import type { Names } from "../loop/identifier.ts";
import { call, minus, plus, times } from "../loop/integer.ts";
import { constant, load, named, type Buffer, type Nest, type Scalar, type Statement } from "../loop/nest.ts";
import { naming, replaced } from "../loop/rewrite.ts";
import type { Contract } from "./contraction.ts";
import { writes } from "./effects.ts";
import { mentions, polynomial, scalarOf } from "./polynomial.ts";
import { canVanish } from "./vanish.ts";
import { volume } from "./volume.ts";

type Loop = Extract<Statement, { kind: "for" }>;

/** `of` says which buffers may be looked at, by the definition that they hold. */
export function skipZeroRows(nest: Nest, names: Names, of: (definition: string) => boolean): Nest {
  const buffers = [...nest.buffers];
  const body = nest.body.map((s) =>
    s.kind === "for" && s.step !== undefined ? new Block(nest, buffers, s, names, of).skipping() : s,
  );
  return { ...nest, buffers, body };
}

class Block {
  readonly #nest: Nest;
  readonly #buffers: Buffer[];
  readonly #loop: Loop;
  readonly #names: Names;
  readonly #of: (definition: string) => boolean;

  constructor(nest: Nest, buffers: Buffer[], loop: Loop, names: Names, of: (definition: string) => boolean) {
    this.#nest = nest;
    this.#buffers = buffers;
    this.#loop = loop;
    this.#names = names;
    this.#of = of;
  }

  skipping(): Statement {
    const body = [...this.#loop.body];
    const lists = new Map<string, { readonly rows: string; readonly active: string }>();
    for (let at = 0; at < body.length; at++) {
      const s = body[at]!;
      if (s.kind !== "contract") continue;
      const adjoint = this.#adjoint(s, body.slice(0, at));
      if (adjoint === undefined) continue;
      let list = lists.get(adjoint.buffer);
      if (list === undefined) {
        list = this.#listed(adjoint.buffer, body[adjoint.by] as Loop, body, adjoint.by);
        lists.set(adjoint.buffer, list);
        at++;
      }
      body[at] = this.#among(s, list);
    }
    return { ...this.#loop, body };
  }

  /** A factor that is computed by a loop over the rows before, and whose rows can be zero: its buffer, and which statement that loop is. */
  #adjoint(
    s: Contract,
    before: readonly Statement[],
  ): { readonly buffer: string; readonly by: number } | undefined {
    const row = s.sums.find((r) => r.from.kind === "name" && r.from.name === this.#loop.index);
    if (row === undefined) return undefined;
    for (const f of s.factors) {
      if (f.kind !== "load" || !mentions(f.offset, row.index) || !this.#isRows(f.buffer)) continue;
      const by = before.findLastIndex((t) => writes(t, f.buffer));
      const writer = before[by];
      if (writer?.kind === "for" && writer.index === row.index && canVanish(before, f.buffer, row.index))
        return { buffer: f.buffer, by };
    }
    return undefined;
  }

  /** Whether a buffer has a place for each row of a block, and may be looked at. */
  #isRows(name: string): boolean {
    const { role, shape, of } = this.#nest.buffers.find((b) => b.name === name)!;
    return role === "scratch" && this.#of(of) && shape[0] === fixedExtent(this.#loop.step!);
  }

  /** Makes the loop that computes the factor list the rows that are not zero. */
  #listed(buffer: string, writer: Loop, body: Statement[], at: number) {
    const active = this.#names.fresh("active");
    const rows = this.#names.fresh("rows");
    const shape = [fixedExtent(this.#loop.step!)];
    this.#buffers.push({ name: rows, of: buffer, role: "scratch", type: "int", shape });
    const row = minus(named(writer.index, "int"), named(this.#loop.index, "int"));
    const { before, guard } = this.#isNot0(buffer, row, writer.index);
    const note: readonly Statement[] = [
      { kind: "store", buffer: rows, offset: named(active, "int"), by: "set", value: row },
      { kind: "assign", name: active, by: "add", value: constant(1) },
    ];
    const comment: Statement = { kind: "comment", text: `rows in which ${buffer} is not 0` };
    const list: Statement = { kind: "if", guard, yes: note, no: [] };
    body[at] = { ...writer, body: [...writer.body, comment, ...before, list] };
    body.splice(at, 0, { kind: "let", name: active, type: "int", value: constant(0), mutable: true });
    return { rows, active };
  }

  /** Whether any value of a row is not 0, and the statements that count those that are not. */
  #isNot0(
    buffer: string,
    row: Scalar,
    open: string,
  ): { readonly before: readonly Statement[]; readonly guard: Scalar } {
    const { shape: whole, type } = this.#nest.buffers.find((b) => b.name === buffer)!;
    const [, ...shape] = whole;
    const isNot0 = (offset: Scalar) => call("ne", load(buffer, offset, type), constant(0));
    if (shape.length === 0) return { before: [], guard: isNot0(row) };
    const nonzero = this.#names.fresh("nonzero");
    const index = this.#names.index("n", new Set([open]));
    const length = volume(this.#nest, shape);
    const one = call("iverson", isNot0(plus(times(row, length), named(index, "int"))));
    const count: Statement = { kind: "assign", name: nonzero, by: "add", value: one };
    return {
      before: [
        { kind: "let", name: nonzero, type: "int", value: constant(0), mutable: true },
        { kind: "for", index, from: constant(0), to: length, body: [count] },
      ],
      guard: call("gt", named(nonzero, "int"), constant(0)),
    };
  }

  /** The contraction over the rows of a list. */
  #among(s: Contract, { rows, active }: { readonly rows: string; readonly active: string }): Contract {
    const row = s.sums.find((r) => r.from.kind === "name" && r.from.name === this.#loop.index)!;
    const index = this.#names.index("a", new Set([...s.frees, ...s.sums].map((r) => r.index)));
    const listedRow = plus(named(this.#loop.index, "int"), load(rows, named(index, "int"), "int"));
    const by = naming(new Map([[row.index, listedRow]]));
    const factors = s.factors.map((f) =>
      f.kind === "load" ? { ...f, offset: scalarOf(polynomial(replaced(f.offset, by))) } : f,
    );
    const listed = { index, from: constant(0), to: named(active, "int") };
    return { ...s, factors, sums: s.sums.map((r) => (r.index === row.index ? listed : r)) };
  }
}
