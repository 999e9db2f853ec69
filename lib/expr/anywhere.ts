/** Questions about the parts of an expression. Parts are shared, so each is looked at once. */
import { children, type Expr } from "./node.ts";

/** Whether `is` holds for the expression or any part of it. */
export function anywhere(root: Expr, is: (e: Expr) => boolean): boolean {
  const seen = new Set<Expr>();
  const visit = (e: Expr): boolean => {
    if (seen.has(e)) return false;
    seen.add(e);
    return is(e) || children(e).some(visit);
  };
  return visit(root);
}
