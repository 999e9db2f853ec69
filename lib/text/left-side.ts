/** Indices as they stand on a left-hand side: `i`, or with what they run to, `i < 3`. */
import { UserError } from "../errors.ts";
import type { IndexSyntax, Syntax } from "../expr/syntax.ts";
import { checkName } from "./names.ts";

/** The index that is written so. Throws for anything but a name, `name < size` and `name <= size`. */
export function indexOnLeft(written: Syntax): IndexSyntax {
  if (written.kind === "name") return named(written);
  const [bound, ...more] = written.kind === "compare" ? written.rest : [];
  if (written.kind !== "compare" || written.first.kind !== "name" || bound === undefined || more.length > 0)
    throw noIndex(written);
  const { op, right } = bound;
  if (op !== "lt" && op !== "le") throw noIndex(written);
  return { ...named(written.first), below: op === "lt" ? right : oneMore(right) };
}

function named({ name, place }: Extract<Syntax, { kind: "name" }>): IndexSyntax {
  checkName(name, place);
  return { name, place };
}

const oneMore = (e: Syntax): Syntax => ({
  kind: "infix",
  op: "add",
  left: e,
  right: { kind: "number", value: 1, integer: true },
});

const noIndex = ({ place }: Syntax): UserError =>
  new UserError("on the left stand indices, perhaps with what they run to", {
    place,
    fix: "score[i,j] = …, or score[i,j < 3] = …",
  });
