/** Names by scope: two constants that never meet may have one name, so that `sum3` is `sum` again where nothing else is. */
import type { Range, Scalar, Statement } from "./nest.ts";

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
    return inner.map((s) => statement(s, scope));
  };
  const statement = (s: Statement, scope: Set<string>): Statement => {
    switch (s.kind) {
      case "comment":
        return s;
      case "let": {
        const value = scalar(s.value);
        const name = plainest(stems.get(s.name) ?? s.name, (n) => scope.has(n) || taken.has(n));
        scope.add(name);
        renamed.set(s.name, name);
        return { ...s, name, value };
      }
      case "assign":
        return { ...s, name: renamed.get(s.name) ?? s.name, value: scalar(s.value) };
      case "store":
        return { ...s, offset: scalar(s.offset), value: scalar(s.value) };
      case "fill":
        return { ...s, value: scalar(s.value) };
      case "for":
        return { ...s, from: scalar(s.from), to: scalar(s.to), body: block(s.body, scope) };
      case "contract":
        return {
          ...s,
          offset: scalar(s.offset),
          factors: s.factors.map(scalar),
          frees: s.frees.map(range),
          sums: s.sums.map(range),
        };
      case "if":
        return { ...s, guard: scalar(s.guard), yes: block(s.yes, scope), no: block(s.no, scope) };
      case "require":
        return {
          ...s,
          guard: scalar(s.guard),
          message: s.message.map((m) => (typeof m === "string" ? m : scalar(m))),
        };
    }
  };
  const scalar = (s: Scalar): Scalar => {
    switch (s.kind) {
      case "const":
        return s;
      case "name":
        return { ...s, name: renamed.get(s.name) ?? s.name };
      case "load":
        return { ...s, offset: scalar(s.offset) };
      case "apply":
        return { ...s, args: s.args.map(scalar) };
      case "select":
        return { ...s, guard: scalar(s.guard), yes: scalar(s.yes), no: scalar(s.no) };
    }
  };
  const range = (r: Range): Range => ({ ...r, from: scalar(r.from), to: scalar(r.to) });
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
