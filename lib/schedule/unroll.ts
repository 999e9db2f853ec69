/**
 * Loops of a few steps, written out:
 *
 *   for r < 2 { sum += X[i + r] }   becomes   sum += X[i]; sum += X[i + 1]
 *
 * A loop of so few steps takes longer to run than what it does.
 */
import { folded, plus } from "../loop/integer.ts";
import { bodiesOf, constant, type Nest, type Statement } from "../loop/nest.ts";
import { withBody, withBranches } from "../loop/remade.ts";
import { naming, renamed, replaced, rewritten } from "../loop/rewrite.ts";
import { withFresh, type Fresh } from "./fresh.ts";

type Loop = Extract<Statement, { kind: "for" }>;

/** So many steps has a loop at most that is written out, and so many statements what becomes of it. */
const [mostSteps, mostStatements] = [4, 12];

/** The nest with all innermost loops of a few steps written out. */
export const unroll = (nest: Nest): Nest => withFresh(nest, unrolled);

function unrolled(statements: readonly Statement[], fresh: Fresh): readonly Statement[] {
  const all = statements.flatMap((s): readonly Statement[] => {
    if (s.kind === "if") return [withBranches(s, unrolled(s.yes, fresh), unrolled(s.no, fresh))];
    if (s.kind !== "for") return [s];
    const loop = withBody(s, unrolled(s.body, fresh));
    const steps = stepsOf(loop);
    if (steps === undefined || steps * sizeOf(loop.body) > mostStatements) return [loop];
    return Array.from({ length: steps }, (_, n) => n).flatMap((n) => step(loop, n, fresh));
  });
  return all.length === statements.length && all.every((s, n) => s === statements[n]) ? statements : all;
}

/** How many steps an innermost loop has, where the text says so, and they are few. */
function stepsOf({ from, to, step, body }: Loop): number | undefined {
  if (from.kind !== "const" || to.kind !== "const" || step !== undefined) return undefined;
  const steps = to.value - from.value;
  return steps > 0 && steps <= mostSteps && !body.some(isLong) ? steps : undefined;
}

/** Branches written out were slower: a processor learns one branch of a loop better than three beside each other. */
const isLong = (s: Statement): boolean =>
  s.kind === "for" ||
  s.kind === "if" ||
  s.kind === "contract" ||
  s.kind === "fill" ||
  bodiesOf(s).some(isLong);

const sizeOf = (statements: readonly Statement[]): number =>
  statements.reduce((n, s) => n + (s.kind === "comment" ? 0 : 1 + sizeOf(bodiesOf(s))), 0);

/** The body of a loop at its n-th step; what it defines has names of its own. */
function step({ index, from, body }: Loop, n: number, fresh: Fresh): readonly Statement[] {
  const by = naming(new Map([[index, plus(from, constant(n))]]));
  const names = new Map(body.flatMap((s) => (s.kind === "let" ? [[s.name, fresh(s.name)]] : [])));
  return body
    .filter((s) => n === 0 || s.kind !== "comment")
    .map((s) =>
      renamed(
        rewritten(s, (v) => folded(replaced(v, by))),
        names,
      ),
    );
}
