/** Names told apart: constants of sibling blocks may share a name, which would not do once their blocks are joined. */
import { mapped } from "../mapped.ts";
import type { Names } from "../loop/identifier.ts";
import { bodiesOf, named, type Scalar, type Statement } from "../loop/nest.ts";
import { naming, renamedOne, replaced, withScalars } from "../loop/rewrite.ts";

/**
 * The same statements, with each name of a constant or variable defined once, and the loop indices.
 * Names in `kept`, which the outermost block defines, stay as they are.
 */
export function apart(
  statements: readonly Statement[],
  names: Names,
  kept: ReadonlySet<string> = new Set(),
): { readonly body: readonly Statement[]; readonly indices: ReadonlySet<string> } {
  const indices = indicesOf(statements);
  for (const index of indices) names.index(index, new Set());
  for (const name of kept) names.fresh(name);
  const block = (inner: readonly Statement[], around: ReadonlyMap<string, Scalar>): readonly Statement[] => {
    const scope = new Map(around);
    return mapped(inner, (s) => statement(s, scope));
  };
  const statement = (s: Statement, scope: Map<string, Scalar>): Statement => {
    const by = naming(scope);
    const now = withScalars(
      s,
      (v) => (scope.size === 0 ? v : replaced(v, by)),
      (inner) => block(inner, scope),
    );
    if (now.kind === "assign") return renamedOne(now, nameIn(scope, now.name));
    if (now.kind !== "let") return now;
    const name = kept.has(now.name) && statements.includes(s) ? now.name : names.fresh(now.name);
    // Most names stay as they are: nothing that reads them is then made anew.
    if (name !== now.name || scope.has(now.name)) scope.set(now.name, named(name, now.type));
    return renamedOne(now, name);
  };
  return { body: block(statements, new Map()), indices };
}

/** The indices of all loops. */
function indicesOf(statements: readonly Statement[]): ReadonlySet<string> {
  const indices = new Set<string>();
  const see = (s: Statement): void => {
    if (s.kind === "for") indices.add(s.index);
    if (s.kind === "contract") for (const { index } of [...s.frees, ...s.sums]) indices.add(index);
    bodiesOf(s).forEach(see);
  };
  statements.forEach(see);
  return indices;
}

const nameIn = (scope: ReadonlyMap<string, Scalar>, name: string): string => {
  const now = scope.get(name);
  return now?.kind === "name" ? now.name : name;
};
