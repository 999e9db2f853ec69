/**
 * Constants of a nest that are added to variables and nothing else: where such a one is a zero, its sign does not matter, as
 * a sum begins at 0.
 */
import { parts, scalarsOf, type Nest, type Scalar, type Statement } from "../../loop/nest.ts";
import { lossOf, visit } from "./accumulation.ts";

/** The names of those that are rectified: max(0, x). */
export function onlyAdded(nest: Nest): ReadonlySet<string> {
  const found = new Set<string>();
  const beginAtZero = new Set<string>();
  visit(nest.body, (s) => {
    if (s.kind !== "let") return;
    if (!s.mutable && s.value.kind === "apply" && s.value.op === "relu") found.add(s.name);
    if (s.mutable && s.value.kind === "const" && Object.is(s.value.value, 0)) beginAtZero.add(s.name);
  });
  if (found.size === 0) return found;
  const read = (s: Scalar): void => {
    if (s.kind === "name") found.delete(s.name);
    parts(s).forEach(read);
  };
  visit(nest.body, (s) => {
    if (!isAddition(s, beginAtZero)) scalarsOf(s).forEach(read);
  });
  for (const r of nest.results) found.delete(r.name);
  return found;
}

/** Whether a statement adds a name to a sum, or what that addition loses. */
function isAddition(s: Statement, sums: ReadonlySet<string>): boolean {
  if (s.kind !== "assign" || s.by !== "add" || !sums.has(s.name)) return false;
  return (lossOf(s.value)?.term ?? s.value).kind === "name";
}
