/** A nest as text, one statement a line: for people who debug it, and for the verifier's messages. */
import type { Range, Scalar, Statement, Update } from "./nest.ts";

// prettier-ignore
const signs: Record<Update, string> = { set: "=", add: "+=", mul: "*=", max: "max=", min: "min=" };

const known = new WeakMap<Scalar, string>();

/** A scalar as text, the same for equal scalars; it is made once. */
export function printScalar(s: Scalar): string {
  if (s.kind === "const") return Object.is(s.value, -0) ? "-0" : String(s.value);
  if (s.kind === "name") return s.name;
  let text = known.get(s);
  if (text === undefined) known.set(s, (text = printed(s)));
  return text;
}

function printed(s: Exclude<Scalar, { kind: "const" | "name" }>): string {
  switch (s.kind) {
    case "load":
      return `${s.buffer}[${printScalar(s.offset)}]`;
    case "apply":
      return `${s.op}(${s.args.map(printScalar).join(", ")})`;
    case "select":
      return `(${printScalar(s.guard)} ? ${printScalar(s.yes)} : ${printScalar(s.no)})`;
  }
}

const printRange = ({ index, from, to }: Range): string =>
  `${index} from ${printScalar(from)} to ${printScalar(to)}`;

/** The lines of statements; those of bodies are indented. */
export function printStatements(statements: readonly Statement[], indent = ""): readonly string[] {
  return statements.flatMap((s) => printStatement(s, indent));
}

/** The lines of one statement; the first is its head. */
export function printStatement(s: Statement, indent = ""): readonly string[] {
  const body = (inner: readonly Statement[]) => printStatements(inner, `${indent}  `);
  switch (s.kind) {
    case "comment":
      return [`${indent}# ${s.text.replaceAll("\n", " ")}`];
    case "let":
      return [`${indent}${s.mutable ? "var" : "let"} ${s.name}: ${s.type} = ${printScalar(s.value)}`];
    case "assign":
      return [`${indent}${s.name} ${signs[s.by]} ${printScalar(s.value)}`];
    case "store":
      return [`${indent}${s.buffer}[${printScalar(s.offset)}] ${signs[s.by]} ${printScalar(s.value)}`];
    case "fill":
      return [`${indent}fill ${s.buffer} with ${printScalar(s.value)}`];
    case "for":
      return [`${indent}for ${printRange(s)}${s.step === undefined ? "" : ` by ${s.step}`}`, ...body(s.body)];
    case "contract":
      return [
        `${indent}contract ${s.buffer}[${printScalar(s.offset)}] += ${s.factors.map(printScalar).join(" * ")}`,
        `${indent}  for all ${s.frees.map(printRange).join(", ")} summed over ${s.sums.map(printRange).join(", ")}`,
      ];
    case "if":
      return [
        `${indent}if ${printScalar(s.guard)}`,
        ...body(s.yes),
        ...(s.no.length > 0 ? [`${indent}else`, ...body(s.no)] : []),
      ];
    case "require":
      return [
        `${indent}require ${printScalar(s.guard)}, "${s.message.map((m) => (typeof m === "string" ? m : `{${printScalar(m)}}`)).join("")}"`,
      ];
  }
}
