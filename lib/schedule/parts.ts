/**
 * The work of a pass in parts: what is done for each row by itself, and the contractions, which
 * take a whole block of rows at once.
 */
import { plus, times } from "../loop/integer.ts";
import { constant, load, parts, type Range, type Scalar, type Statement } from "../loop/nest.ts";
import { remadeRange } from "../loop/remade.ts";
import { naming, replaced, rewritten } from "../loop/rewrite.ts";
import { surrounded, type Around } from "./around.ts";
import {
  gains,
  isAsWellAround,
  isContraction,
  recognise,
  type Contract,
  type ContractionPart,
} from "./contraction.ts";
import { commute, effectsOf } from "./effects.ts";
import type { Pass } from "./pass.ts";
import { mentions } from "./polynomial.ts";

/** Statements for each row of a block, or for the block at once. */
export interface Part {
  readonly kind: "rows" | "block";
  readonly statements: readonly Statement[];
}

/**
 * The parts of a pass in order, neighbours of one kind as one; undefined when it has no contraction
 * that gains, or when its parts cannot run one after the other for all rows of a block.
 */
export function partsOf(pass: Pass): readonly Part[] | undefined {
  const { from, step } = pass.loop;
  if (step !== undefined || from.kind !== "const" || from.value !== 0) return undefined;
  const parts = new Parting(pass).parts();
  return parts.some((p) => p.kind === "block") && areApart(pass, parts) ? parts : undefined;
}

class Parting {
  readonly #pass: Pass;
  readonly #parts: { readonly kind: Part["kind"]; readonly statements: Statement[] }[] = [];

  constructor(pass: Pass) {
    this.#pass = pass;
  }

  parts(): readonly Part[] {
    const { body } = this.#pass.loop;
    // Comments and constants go where the statement after them goes.
    let waiting: Statement[] = [];
    for (let at = 0; at < body.length;) {
      const s = body[at]!;
      const found = this.#contractionAt(at);
      at += found?.length ?? 1;
      if (found === undefined && (s.kind === "comment" || s.kind === "let")) {
        waiting.push(s);
        continue;
      }
      if (found === undefined) this.#add("rows", [...waiting, s]);
      else {
        this.#add("rows", [...waiting.filter((w) => w.kind === "let"), ...found.start]);
        this.#add("block", [...waiting.filter((w) => w.kind === "comment"), ...found.zero, ...found.work]);
        this.#add("rows", found.finish);
      }
      waiting = [];
    }
    this.#add("rows", waiting);
    return this.#parts;
  }

  #add(kind: Part["kind"], statements: readonly Statement[]): void {
    if (statements.length === 0) return;
    const parts = this.#parts;
    // Rows that do not care about the work of the block since the last rows join those.
    const since = parts.findLastIndex(
      (part) => part.kind === "rows" || !commute(part.statements, statements),
    );
    const last = kind === "rows" && parts[since]?.kind === "rows" ? parts[since] : parts.at(-1);
    if (last?.kind === kind) last.statements.push(...statements);
    else parts.push({ kind, statements: [...statements] });
  }

  /** The contraction that begins at a statement of the body, over all rows of a block, with what sets its sums to zero. */
  #contractionAt(at: number) {
    const { body } = this.#pass.loop;
    const s = body[at]!;
    const fill = s.kind === "fill" && this.#pass.own.has(s.buffer) ? s : undefined;
    const found = recognise(body, fill === undefined ? at : at + 1, this.#pass.windows);
    if (found === undefined) return undefined;
    const { start, finish, variable } = found;
    const { loop, windows } = this.#pass;
    if (found.parts.every(({ contract }) => isAsWellAround(contract, loop.index, windows))) return undefined;
    const work: Statement[] = [];
    for (const part of found.parts) {
      const contract = this.#extended(part, variable);
      const around = part.around.map((a) => this.#again(a));
      if (contract === undefined || around.some((a) => this.#isOfRow(a))) return undefined;
      work.push(surrounded(contract, around));
    }
    const { buffer } = found.parts[0]!.contract;
    if (fill !== undefined && (fill.buffer !== buffer || start.length > 0)) return undefined;
    // What every row sets to zero is filled at once, where it has a place for each row.
    const whole = variable !== undefined || (start.length > 0 && this.#pass.own.has(buffer));
    const zero: Statement = { kind: "fill", buffer, value: constant(0, "real") };
    return {
      length: found.length + (fill === undefined ? 0 : 1),
      work,
      start: whole ? [] : start,
      zero: whole ? [zero] : fill === undefined ? [] : [fill],
      finish,
    };
  }

  /** The contraction with the rows among its ranges; undefined where it is none then, or gains nothing. */
  #extended({ contract, places }: ContractionPart, variable: string | undefined): Contract | undefined {
    const { loop, again, own } = this.#pass;
    const { index, from, to } = loop;
    const row: Range = { index, from, to };
    const back = rewritten(contract, naming(again)) as Contract;
    if (this.#isPlacedByRow(back)) return undefined;
    const inRow = variable !== undefined || own.has(contract.buffer);
    const wideAt = (s: Scalar): Scalar => (inRow ? this.#at(contract.buffer, s) : s);
    const offset = wideAt(back.offset);
    const free = mentions(offset, index);
    const wide: Contract = {
      ...back,
      offset,
      factors: back.factors.map((f) => this.#factor(f)),
      frees: free ? [row, ...back.frees] : back.frees,
      sums: free ? back.sums : [row, ...back.sums],
    };
    const by = naming(again);
    const frees = places.frees.map((r) => remadeRange(r, replaced(r.from, by), replaced(r.to, by)));
    const widePlaces = {
      offset: wideAt(replaced(places.offset, by)),
      frees: free ? [row, ...frees] : frees,
    };
    if (!isContraction(wide, widePlaces) || !gains(wide)) return undefined;
    return { ...wide, offset: back.offset, factors: back.factors };
  }

  /** Whether where it reads, writes or ends is not told by the row's number alone. */
  #isPlacedByRow({ offset, factors, frees, sums }: Contract): boolean {
    const places = [
      offset,
      ...factors.flatMap((f) => (f.kind === "load" ? [f.offset] : [])),
      ...[...frees, ...sums].flatMap((r) => [r.from, r.to]),
    ];
    return places.some((s) => [...this.#pass.lets.keys()].some((name) => mentions(s, name)));
  }

  /** A loop or condition with the constants that are read from the inputs put in. */
  #again(a: Around): Around {
    const by = naming(this.#pass.again);
    return "guard" in a
      ? { guard: replaced(a.guard, by) }
      : remadeRange(a, replaced(a.from, by), replaced(a.to, by));
  }

  /** Whether a loop or a condition is not the same for all rows. */
  #isOfRow(a: Around): boolean {
    const { loop, lets } = this.#pass;
    const isOfRow = (s: Scalar): boolean =>
      s.kind === "load" ||
      (s.kind === "name" && (s.name === loop.index || lets.has(s.name))) ||
      parts(s).some(isOfRow);
    return "guard" in a ? isOfRow(a.guard) : isOfRow(a.from) || isOfRow(a.to);
  }

  /** A factor as it depends on the row: what a row keeps to itself has a place for each row. */
  #factor(factor: Scalar): Scalar {
    if (factor.kind === "name" && this.#pass.lets.has(factor.name))
      return load(factor.name, this.#pass.row, factor.type);
    if (factor.kind === "load" && this.#pass.own.has(factor.buffer))
      return load(factor.buffer, this.#at(factor.buffer, factor.offset), factor.type);
    return factor;
  }

  #at(name: string, offset: Scalar): Scalar {
    return plus(times(this.#pass.row, this.#pass.volume(name)), offset);
  }
}

/**
 * Whether the parts may run one after the other for all rows of a block: what lives longer than
 * a row is touched by one part only, or each row has its own place in it.
 */
function areApart(pass: Pass, parts: readonly Part[]): boolean {
  const effects = parts.map((p) => effectsOf(p.statements));
  const inside = new Set([...pass.lets.keys(), ...effects.flatMap((e) => [...e.defines])]);
  const outer = effects.flatMap((e) => [...e.assigns]).filter((name) => !inside.has(name));
  const touching = (name: string) => effects.filter((e) => e.assigns.has(name) || e.reads.has(name)).length;
  if (outer.some((name) => touching(name) > 1)) return false;
  const written = new Set(
    effects.flatMap((e) => e.accesses.flatMap((a) => (a.kind === "load" ? [] : [a.buffer]))),
  );
  return [...written].every((buffer) => {
    if (pass.own.has(buffer) || pass.lets.has(buffer)) return true;
    return (
      effects.filter((e) => e.accesses.some((a) => a.buffer === buffer)).length === 1 ||
      pass.isAligned(buffer)
    );
  });
}
