/**
 * The terms that the steps of a round add to a sum: added up among themselves first, in pairs, and these in pairs again.
 *
 * The sum then waits for one addition a round; and a compensated sum of terms that are never negative is compensated once a
 * round, as what the additions of n such terms lose is at most ⌈log₂ n⌉ half ulps of what they add up to.
 */
import type { Statement } from "../../loop/nest.ts";
import { op, type Code } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import type { Lanes } from "../lanes.ts";
import { lossOf, type Accumulation } from "./accumulation.ts";
import type { LaneWriter } from "./expression.ts";

type Assign = Extract<Statement, { kind: "assign" }>;

export class PartialSums {
  readonly #f: FunctionBuilder;
  readonly #lanes: Lanes;
  readonly #terms = new Map<Accumulation, Code[]>();
  readonly #sums: ReadonlyMap<string, Accumulation>;

  /** For those of the accumulations that can wait: sums whose terms do not cancel, or that are not compensated. */
  constructor(f: FunctionBuilder, lanes: Lanes, accumulations: Iterable<Accumulation>) {
    this.#f = f;
    this.#lanes = lanes;
    const sums = [...accumulations].filter(
      ({ by, type, lost, short }) => by === "add" && type === "real" && (lost === undefined || short),
    );
    this.#sums = new Map(sums.map((sum) => [sum.name, sum]));
  }

  /** Takes a statement that adds a term, or what that addition loses; false where it is to be written as it is. */
  take(s: Assign, values: LaneWriter): boolean {
    // In a step that may be skipped a term of the step before would still be there.
    if (values.isBranch) return false;
    const loss = lossOf(s.value);
    if (loss !== undefined && this.#sums.get(loss.sum)?.lost === s.name) return true;
    const sum = this.#sums.get(s.name);
    if (sum === undefined) return false;
    const term = this.#f.keep(values.orZero(values.real(s.value)));
    const terms = this.#terms.get(sum);
    if (terms === undefined) this.#terms.set(sum, [term]);
    else terms.push(term);
    return true;
  }

  /** The sums of what was taken. */
  *all(): Generator<readonly [Accumulation, Code]> {
    for (const [sum, terms] of this.#terms) yield [sum, this.#added(terms)];
  }

  #added(terms: readonly Code[]): Code {
    if (terms.length === 1) return terms[0]!;
    const half = 2 ** Math.ceil(Math.log2(terms.length) - 1);
    const add = `${this.#lanes.shape}.add` as const;
    return this.#f.keep(op(add, this.#added(terms.slice(0, half)), this.#added(terms.slice(half))));
  }
}
