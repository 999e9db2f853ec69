/** Syntax as a short outline for specs: `(add a (mul 2 x))`, places left out. */
import type { IndexSyntax, ProgramSyntax, Syntax } from "../../lib/expr/syntax.ts";

export function outline(e: Syntax): string {
  switch (e.kind) {
    case "number":
      return e.integer ? String(e.value) : `${e.value}r`;
    case "name":
      return e.name;
    case "subscript":
      return `${e.name}[${e.at.map(outline).join(" ")}]`;
    case "call":
      return `${e.name}(${e.args.map(outline).join(" ")})`;
    case "infix":
    case "logic":
      return `(${e.op} ${outline(e.left)} ${outline(e.right)})`;
    case "negate":
      return `(neg ${outline(e.of)})`;
    case "not":
      return `(not ${outline(e.of)})`;
    case "iverson":
      return `[${outline(e.of)}]`;
    case "compare":
      return `(${[outline(e.first), ...e.rest.map(({ op, right }) => `${op} ${outline(right)}`)].join(" ")})`;
    case "where":
      return `(where ${outline(e.guard)} ${outline(e.then)} ${outline(e.else)})`;
  }
}

export const outlineProgram = ({ definitions }: ProgramSyntax): string =>
  definitions.map((d) => `${d.name}${d.indices.map(indexOutline).join("")} = ${outline(d.body)}`).join("; ");

const indexOutline = ({ name, below }: IndexSyntax): string =>
  below === undefined ? `.${name}` : `.${name}<${outline(below)}`;
