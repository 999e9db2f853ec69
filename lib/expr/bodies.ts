/** Definitions with other bodies. */
import { mapped } from "../mapped.ts";
import type { Expr } from "./node.ts";
import type { Definition } from "./program.ts";

/** The definitions with `f` of each body; the very same objects where that changes nothing. */
export const withBodies = <D extends Definition>(
  definitions: readonly D[],
  f: (body: Expr) => Expr,
): readonly D[] =>
  mapped(definitions, (d) => {
    const body = f(d.body);
    return body === d.body ? d : { ...d, body };
  });
