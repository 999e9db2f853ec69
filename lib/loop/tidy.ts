/**
 * Small repairs of finished statements, which lowering, looking forward only, cannot make:
 * a constant that is used once, right away, goes where it is used; x = x + y becomes x += y.
 */
import { mentions } from "./mentioned.ts";
import { bodiesOf, parts, scalarsOf, type Scalar, type Statement } from "./nest.ts";
import { printScalar } from "./print.ts";
import { withBody, withBranches } from "./remade.ts";
import { naming, rewritten } from "./rewrite.ts";

/** Constants in `kept` stay: they are read after the statements. */
export function tidy(
  statements: readonly Statement[],
  kept: ReadonlySet<string> = new Set(),
): readonly Statement[] {
  return inlined(statements.map(inside), kept).map(updated);
}

function inside(s: Statement): Statement {
  if (s.kind === "for") return withBody(s, tidy(s.body));
  if (s.kind === "if") return withBranches(s, tidy(s.yes), tidy(s.no));
  return s;
}

/** x = x + y as x += y. */
function updated(s: Statement): Statement {
  if ((s.kind !== "assign" && s.kind !== "store") || s.by !== "set") return s;
  if (s.value.kind !== "apply" || s.value.op !== "add") return s;
  const target = s.kind === "assign" ? s.name : `${s.buffer}[${printScalar(s.offset)}]`;
  const [first, ...others] = s.value.args;
  if (printScalar(first!) !== target || others.length !== 1) return s;
  const value = others[0]!;
  return s.kind === "assign"
    ? { kind: "assign", name: s.name, by: "add", value }
    : { kind: "store", buffer: s.buffer, offset: s.offset, by: "add", value };
}

/** Puts a constant where it is used, if that is once, not inside a loop, and with nothing written in between. */
function inlined(statements: readonly Statement[], kept: ReadonlySet<string>): readonly Statement[] {
  const out: Statement[] = [];
  for (const s of statements.toReversed()) {
    const mayMove = s.kind === "let" && !s.mutable && !kept.has(s.name) && size(s.value) <= 6;
    const user = mayMove ? userOf(s.name, out) : undefined;
    if (s.kind === "let" && user !== undefined)
      out[user] = rewritten(out[user]!, naming(new Map([[s.name, s.value]])));
    else out.push(s);
  }
  return out.toReversed();
}

/** Where in statements, the last one first, a constant is used that is used once, with nothing but constants before it. */
function userOf(name: string, statements: readonly Statement[]): number | undefined {
  let at = statements.length - 1;
  for (; at >= 0 && usesIn(statements[at]!, name) === 0; at--)
    if (!isConstant(statements[at]!)) return undefined;
  if (at < 0 || !takes(statements[at]!) || usesIn(statements[at]!, name) > 1) return undefined;
  for (let n = at - 1; n >= 0; n--) if (usesIn(statements[n]!, name) > 0) return undefined;
  return at;
}

const isConstant = (s: Statement): boolean => s.kind === "let" && !s.mutable;

/** One step, perhaps under a condition. */
const takes = (s: Statement): boolean =>
  s.kind === "let" ||
  s.kind === "assign" ||
  s.kind === "store" ||
  (s.kind === "if" && s.no.length === 0 && s.yes.length === 1 && s.yes[0]!.kind !== "if" && takes(s.yes[0]!));

const size = (s: Scalar): number => 1 + parts(s).reduce((sum, part) => sum + size(part), 0);

/** How often a statement reads a name. What it adds to, or a contraction reads again and again, is never used once. */
function usesIn(s: Statement, name: string): number {
  const scalar = (v: Scalar): number =>
    (v.kind === "name" && v.name === name ? 1 : 0) + parts(v).reduce((sum, part) => sum + scalar(part), 0);
  const own = scalarsOf(s).reduce((sum, v) => sum + (mentions(v, name) ? scalar(v) : 0), 0);
  const inside = bodiesOf(s).reduce((sum, t) => sum + usesIn(t, name), 0);
  const target = s.kind === "assign" && s.name === name ? 2 : 0;
  return (s.kind === "contract" ? 2 * own : own) + inside + target;
}
