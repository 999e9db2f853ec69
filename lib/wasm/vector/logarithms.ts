/**
 * A choice between logarithms as a logarithm of a choice.
 *
 * Lanes compute both sides of a choice, and a logarithm costs more than all that stands around it: log x, log(1 + y) and sums
 * of either with something else become one logarithm, of x or of 1 + y with what its rounding lost.
 */
import type { Scalar } from "../../loop/nest.ts";
import { op, type Code } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import { withSignOf } from "../functions/bits.ts";
import { lanesIn } from "../functions/emit.ts";
import { logOfSum } from "../functions/logarithm.ts";
import { twoSum, type Twofold } from "../functions/twofold.ts";
import type { Lanes } from "../lanes.ts";

type Select = Extract<Scalar, { kind: "select" }>;
type Apply = Extract<Scalar, { kind: "apply" }>;

/** A logarithm, and the terms of the sum that it is in, itself among them. */
export interface Side {
  readonly log: Apply;
  readonly terms: readonly Scalar[];
}

/** Both sides of a choice between logarithms. */
export interface Choice {
  readonly yes: Side;
  readonly no: Side;
}

export function choiceOfLogs(s: Select): Choice | undefined {
  const [yes, no] = [sideOf(s.yes), sideOf(s.no)];
  return yes && no && { yes, no };
}

/** What a choice evaluates whichever side is chosen, but for the logarithm. */
export const partsOf = ({ yes, no }: Choice): readonly Scalar[] =>
  [yes, no].flatMap(({ log, terms }) => [log.args[0]!, ...terms.filter((t) => t !== log)]);

function sideOf(s: Scalar): Side | undefined {
  const terms = s.kind === "apply" && s.op === "add" ? s.args : [s];
  const logs = terms.filter(isLog);
  return logs.length === 1 ? { log: logs[0]!, terms } : undefined;
}

const isLog = (s: Scalar): s is Apply => s.kind === "apply" && (s.op === "log" || s.op === "log1p");

/** The value of a choice in all lanes; `real` writes the parts. */
export function writeChoice(
  f: FunctionBuilder,
  { shape }: Lanes,
  guard: Code,
  { yes, no }: Choice,
  real: (s: Scalar) => Code,
): Code {
  const lanes = lanesIn(f, shape);
  const given = ({ log }: Side): { readonly x: Code; readonly of: Twofold<Code> } => {
    const x = f.keep(real(log.args[0]!));
    const zero = lanes.constant(0);
    return { x, of: log.op === "log1p" ? twoSum(lanes, lanes.constant(1), x) : { head: x, tail: zero } };
  };
  const [a, b] = [given(yes), given(no)];
  const { head, tail } = {
    head: lanes.select(guard, a.of.head, b.of.head),
    tail: lanes.select(guard, a.of.tail, b.of.tail),
  };
  const log = logOfSum(lanes, head, tail);
  const side = ({ log: own, terms }: Side, x: Code): Code => {
    // log(1 − 0) is −0.
    const value = own.op === "log1p" ? withSignOf(lanes, x, log) : log;
    return terms
      .map((t) => (t === own ? value : f.keep(real(t))))
      .reduce((sum, t) => op(`${shape}.add`, sum, t));
  };
  return lanes.select(guard, f.keep(side(yes, a.x)), f.keep(side(no, b.x)));
}
