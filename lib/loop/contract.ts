/** Contractions as loops. */
import { call } from "./integer.ts";
import type { Range, Statement } from "./nest.ts";

type Contract = Extract<Statement, { kind: "contract" }>;

/** Loops that add term after term where it belongs: right for every target, fast for none. */
export function plain({ buffer, offset, frees, sums, factors }: Contract): readonly Statement[] {
  const value = factors.length === 1 ? factors[0]! : call("mul", ...factors);
  const add: Statement = { kind: "store", buffer, offset, by: "add", value };
  return [...frees, ...sums].reduceRight<readonly Statement[]>(
    (body, range: Range) => [{ kind: "for", ...range, body }],
    [add],
  );
}
