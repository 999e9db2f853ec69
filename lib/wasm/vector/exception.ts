/**
 * The value of an index that a loop's body asks for, as in `j != y[i]`: most rounds of steps do not have it, and need not ask.
 *
 * What is computed is the same, bit by bit: such rounds leave out what would change nothing.
 */
import { loads, mentionsAny } from "../../loop/mentioned.ts";
import { constant, operation, type Scalar, type Statement } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";
import { effectsOf } from "../../schedule/effects.ts";
import { remadeIf } from "../../loop/remade.ts";
import { replaced, rewritten } from "../../loop/rewrite.ts";

type Loop = Extract<Statement, { kind: "for" }>;

export interface Exception {
  readonly value: Scalar;
  /** The body for all other values of the index. */
  readonly usual: readonly Statement[];
}

/** The exception of a loop; undefined where there is none. Of several none is taken: there might be no other steps. */
export function exceptionOf(loop: Loop): Exception | undefined {
  const found = new Map<string, Scalar>();
  const { defines, assigns } = effectsOf(loop.body);
  const changing = new Set([loop.index, ...defines, ...assigns]);
  const decide = (s: Scalar): boolean | undefined => {
    const value = comparedWith(s, loop.index);
    if (value === undefined || mentionsAny(value, changing) || loads(value)) return undefined;
    found.set(printScalar(value), value);
    return s.kind === "apply" && s.op === "ne";
  };
  const usual = new Decided(decide).all(loop.body);
  const [value, ...more] = found.values();
  return value === undefined || more.length > 0 ? undefined : { value, usual };
}

/** What the index is compared with, if a scalar does nothing else. */
function comparedWith(s: Scalar, index: string): Scalar | undefined {
  if (s.kind !== "apply" || (s.op !== "eq" && s.op !== "ne")) return undefined;
  const isIndex = (a: Scalar): boolean => a.kind === "name" && a.name === index;
  const [a, b] = s.args as readonly [Scalar, Scalar]; // a comparison has two
  const other = isIndex(a) ? b : isIndex(b) ? a : undefined;
  return other?.type === "int" ? other : undefined;
}

/** Statements in which some conditions are decided. */
class Decided {
  readonly #decide: (s: Scalar) => boolean | undefined;

  constructor(decide: (s: Scalar) => boolean | undefined) {
    this.#decide = decide;
  }

  all(statements: readonly Statement[]): readonly Statement[] {
    return statements.flatMap((s) => this.#one(s));
  }

  #one(s: Statement): readonly Statement[] {
    if (s.kind !== "if") return [rewritten(s, this.#replace)];
    const guard = this.#scalar(s.guard);
    if (guard.kind === "const") return this.all(guard.value !== 0 ? s.yes : s.no);
    return [remadeIf(s, guard, this.all(s.yes), this.all(s.no))];
  }

  #scalar(s: Scalar): Scalar {
    return replaced(s, this.#replace);
  }

  readonly #replace = (s: Scalar): Scalar | undefined => {
    const is = this.#decide(s);
    if (is !== undefined) return condition(is);
    if (s.kind === "select") {
      const guard = this.#scalar(s.guard);
      return guard.kind === "const" ? this.#scalar(guard.value !== 0 ? s.yes : s.no) : undefined;
    }
    if (s.kind !== "apply" || (s.op !== "and" && s.op !== "or")) return undefined;
    // What is neither true in every case (`and`) nor false in every case (`or`) remains.
    const neutral = s.op === "and" ? 1 : 0;
    const open = s.args.map((a) => this.#scalar(a)).filter((a) => a.kind !== "const" || a.value !== neutral);
    const decisive = open.find((a) => a.kind === "const");
    if (decisive !== undefined || open.length === 0) return decisive ?? condition(neutral === 1);
    return open.length === 1 ? open[0] : operation(s.op, s.type, open);
  };
}

const condition = (is: boolean): Scalar => constant(is ? 1 : 0, "bool");
