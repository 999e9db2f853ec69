/** Names by scope: two constants that never meet may have one name, so that `sum3` is `sum` again where nothing else is. */
import { mapped } from "../mapped.ts";
import type { Scalar, Statement } from "./nest.ts";
import { renamedOne, withName, withParts, withScalars } from "./rewrite.ts";

/**
 * Gives each `let` the plainest name that is free where it stands. `stems` has the name
 * that each was first asked for; names in `taken` belong to the whole nest.
 */
export function rename(
  statements: readonly Statement[],
  stems: ReadonlyMap<string, string>,
  taken: ReadonlySet<string>,
): { readonly statements: readonly Statement[]; readonly renamed: ReadonlyMap<string, string> } {
  const renamed = new Map<string, string>();
  const block = (inner: readonly Statement[], around: ReadonlySet<string>): readonly Statement[] => {
    const scope = new Set(around);
    return mapped(inner, (s) => statement(s, scope));
  };
  const statement = (s: Statement, scope: Set<string>): Statement => {
    const now = withScalars(s, scalar, (body) => block(body, scope));
    if (now.kind === "assign") return renamedOne(now, renamed.get(now.name) ?? now.name);
    if (now.kind !== "let") return now;
    const name = plainest(stems.get(now.name) ?? now.name, (n) => scope.has(n) || taken.has(n));
    scope.add(name);
    renamed.set(now.name, name);
    return renamedOne(now, name);
  };
  const scalar = (s: Scalar): Scalar =>
    s.kind === "name" ? withName(s, renamed.get(s.name) ?? s.name) : withParts(s, scalar);
  const scope = new Set<string>();
  return { statements: statements.map((s) => statement(s, scope)), renamed };
}

/** `sum`, else `sum2`, `sum3`, …; `x1_2` after `x1`. */
export function plainest(stem: string, taken: (name: string) => boolean): string {
  if (!taken(stem)) return stem;
  const joint = /\d$/u.test(stem) ? "_" : "";
  for (let n = 2; ; n++) {
    const name = `${stem}${joint}${n}`;
    if (!taken(name)) return name;
  }
}
