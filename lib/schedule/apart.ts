/** Names told apart: constants of sibling blocks may share a name, which would not do once their blocks are joined. */
import type { Names } from "../loop/identifier.ts";
import { bodiesOf, named, type Scalar, type Statement } from "../loop/nest.ts";
import { naming, replaced, rewritten } from "../loop/rewrite.ts";

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
    return inner.map((s) => statement(s, scope));
  };
  const statement = (s: Statement, scope: Map<string, Scalar>): Statement => {
    const by = naming(scope);
    switch (s.kind) {
      case "let": {
        const value = replaced(s.value, by);
        const name = kept.has(s.name) && statements.includes(s) ? s.name : names.fresh(s.name);
        scope.set(s.name, named(name, s.type));
        return { ...s, name, value };
      }
      case "assign":
        return { ...s, name: nameIn(scope, s.name), value: replaced(s.value, by) };
      case "for":
        return { ...s, from: replaced(s.from, by), to: replaced(s.to, by), body: block(s.body, scope) };
      case "if":
        return { ...s, guard: replaced(s.guard, by), yes: block(s.yes, scope), no: block(s.no, scope) };
      default:
        return rewritten(s, by);
    }
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
