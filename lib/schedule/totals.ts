/**
 * Sums inside larger formulas, computed before:
 *
 *   for b { var sum = 0; for k { var sum2 = 0; for a { sum2 += x[a] * M[k, a, b] }; sum += g[k] * sum2 }; dz[b] = sum }
 *
 * becomes
 *
 *   for k { for b { var sum2 = 0; for a { sum2 += x[a] * M[k, a, b] }; total[k, b] = sum2 } }
 *   for b { var sum = 0; for k { sum += g[k] * total[k, b] }; dz[b] = sum }
 *
 * where the first is a contraction that one load serves several sums of, and the second may be one, too.
 */
import { mapped } from "../mapped.ts";
import type { Names } from "../loop/identifier.ts";
import { load, named, type Nest, type Range, type Scalar, type Statement } from "../loop/nest.ts";
import { withBody } from "../loop/remade.ts";
import { naming, rewritten } from "../loop/rewrite.ts";
import { surroundedAll } from "./around.ts";
import { gains, recognise } from "./contraction.ts";
import { effectsOf } from "./effects.ts";
import { isOne, mentions, strideOf } from "./polynomial.ts";
import { placeOf, Scratch } from "./scratch.ts";
import type { Windows } from "./windows.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Let = Extract<Statement, { kind: "let" }>;

/** The nest with such sums in its passes over rows computed before. */
export function computeTotals(nest: Nest, names: Names, windows: Windows): Nest {
  const scratch = new Scratch(nest);
  const body = nest.body.map((s) => {
    if (s.kind !== "for") return s;
    const made = s.body.flatMap((t) => new Totals(s.index, t, scratch, names, windows).apart());
    return made.every((t, n) => t === s.body[n]) ? s : withBody(s, made);
  });
  const { buffers } = scratch;
  return buffers.length === nest.buffers.length ? nest : { ...nest, buffers, body };
}

/** The sums of one statement of a row. */
class Totals {
  readonly #row: string;
  readonly #statement: Statement;
  readonly #scratch: Scratch;
  readonly #names: Names;
  readonly #windows: Windows;
  readonly #before: Statement[] = [];

  constructor(row: string, statement: Statement, scratch: Scratch, names: Names, windows: Windows) {
    this.#row = row;
    this.#statement = statement;
    this.#scratch = scratch;
    this.#names = names;
    this.#windows = windows;
  }

  /** The statement, with what computes its sums before it. */
  apart(): readonly Statement[] {
    const s = this.#statement;
    if (s.kind !== "for" || recognise([s], 0, this.#windows) !== undefined) return [s];
    const rest = this.#loop(s, []);
    return [...this.#before, rest];
  }

  #loop(s: Loop, around: readonly Range[]): Statement {
    const extent = this.#scratch.extentOf(s);
    if (extent === undefined || s.step !== undefined || around.length === most) return s;
    const ranges = [...around, { index: s.index, from: s.from, to: s.to }];
    const totals = new Map<string, Scalar>();
    const body: Statement[] = [];
    for (const [n, t] of s.body.entries()) {
      if (t.kind === "let" && totals.has(t.name)) continue;
      const variable = this.#sumOf(t, s.body.slice(0, n));
      const total = t.kind === "for" && variable ? this.#total(variable, t, ranges) : undefined;
      if (variable !== undefined && total !== undefined) {
        totals.set(variable.name, total);
        body.splice(body.indexOf(variable), 1);
      } else body.push(t.kind === "for" ? this.#loop(t, ranges) : t);
    }
    const by = naming(totals);
    return body.every((t, n) => t === s.body[n])
      ? s
      : withBody(
          s,
          mapped(body, (t) => rewritten(t, by)),
        );
  }

  /** The variable that loops do nothing but add to, and that nothing touched since it was set to 0. */
  #sumOf(s: Statement, before: readonly Statement[]): Let | undefined {
    if (s.kind !== "for") return undefined;
    const { assigns, accesses } = effectsOf([s]);
    const [name, ...others] = assigns;
    if (name === undefined || others.length > 0 || accesses.some((a) => a.kind !== "load")) return undefined;
    const at = before.findIndex((t) => t.kind === "let" && t.mutable && t.name === name);
    const variable = before[at];
    const { reads, assigns: touched } = effectsOf(before.slice(at + 1));
    return variable?.kind === "let" && !reads.has(name) && !touched.has(name) ? variable : undefined;
  }

  /** The place of a sum that is computed before; undefined where that is no contraction, or gains nothing. */
  #total(variable: Let, loop: Loop, ranges: readonly Range[]): Scalar | undefined {
    const whole = effectsOf([this.#statement]);
    const { reads, accesses, indices } = effectsOf([loop]);
    const own = new Set([...indices, variable.name, ...ranges.map((r) => r.index)]);
    const written = new Set(whole.accesses.flatMap((a) => (a.kind === "load" ? [] : [a.buffer])));
    if ([...reads].some((name) => whole.defines.has(name) && !own.has(name))) return undefined;
    if (accesses.some((a) => written.has(a.buffer))) return undefined;
    const ordered = ranges.toSorted((a, b) => Number(isAlong(a, accesses)) - Number(isAlong(b, accesses)));
    const name = this.#names.fresh("total");
    const offset = placeOf(ordered);
    const store: Statement = {
      kind: "store",
      buffer: name,
      offset,
      by: "set",
      value: named(variable.name, "real"),
    };
    const [computed] = surroundedAll([variable, loop, store], ordered);
    if (computed === undefined || !this.#isWorth(computed)) return undefined;
    this.#scratch.add(name, name, ordered);
    this.#before.push(computed);
    return load(name, offset, "real");
  }

  /** Whether it is a contraction in which one load serves several sums, of this row or of others. */
  #isWorth(computed: Statement): boolean {
    const found = recognise([computed], 0, this.#windows);
    return (
      found !== undefined &&
      found.parts.every(
        ({ contract }) =>
          contract.factors.length > 1 &&
          (gains(contract) ||
            contract.factors.some((f) => f.kind === "load" && !mentions(f.offset, this.#row))),
      )
    );
  }
}

/** So many axes at most has what a row keeps of such sums. */
const most = 2;

/** Whether an array is read along the memory by steps of the index. */
const isAlong = ({ index }: Range, accesses: ReturnType<typeof effectsOf>["accesses"]): boolean =>
  accesses.some((a) => a.kind === "load" && isOne(strideOf(a.offset, index)));
