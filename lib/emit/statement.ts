/** Statements of a nest as lines of JavaScript or TypeScript. */
import { unreachable } from "../errors.ts";
import { plain } from "../schedule/plain.ts";
import type { Buffer, Range, Scalar, Statement, Update } from "../loop/nest.ts";
import { comment, wrapped } from "./comment.ts";
import { contractionCall } from "./contraction.ts";
import { emitOperand, emitScalar, type Target } from "./scalar.ts";
import { filled } from "./filled.ts";
import { holds } from "./spelling.ts";

/** The longest line for which a body stays beside its condition. */
const width = 100;

export interface StatementOptions {
  readonly target: Target;
  readonly buffers: ReadonlyMap<string, Buffer>;
  /** Whether functions that are slow in JavaScript are our own. */
  readonly fast?: boolean;
}

export function emitStatements(
  statements: readonly Statement[],
  options: StatementOptions,
  indent: string,
): readonly string[] {
  return statements.flatMap((s, n) => {
    const lines = emitStatement(s, options, indent);
    // A comment begins a paragraph.
    return s.kind === "comment" && n > 0 ? ["", ...lines] : lines;
  });
}

function emitStatement(s: Statement, options: StatementOptions, indent: string): readonly string[] {
  const { target, fast } = options;
  const scalar = (value: Scalar) => emitScalar(value, target, fast);
  switch (s.kind) {
    case "comment":
      return wrapped(comment(s.text), `${indent}// `);
    case "let":
      return [`${indent}${s.mutable ? "let" : "const"} ${s.name} = ${scalar(s.value)};`];
    case "assign":
      return [`${indent}${update(s.name, s.name, s.by, s.value, options)};`];
    case "store": {
      const element = `${s.buffer}[${scalar(s.offset)}]`;
      const value = options.buffers.get(s.buffer)?.type === "bool" ? counted(s.value) : s.value;
      const exists = target === "ts" ? `${element}!` : element;
      return [`${indent}${update(s.by === "set" ? element : exists, exists, s.by, value, options)};`];
    }
    case "fill":
      return [`${indent}${s.buffer}.fill(${scalar(s.value)});`];
    case "for": {
      const all = filled(s);
      if (all !== undefined) {
        const range = `${scalar(all.from)}, ${scalar(all.to)}`;
        return [`${indent}${all.buffer}.fill(${scalar(all.value)}, ${range});`];
      }
      return [
        `${indent}${loopHead(s, target)} {`,
        ...emitStatements(s.body, options, `${indent}  `),
        `${indent}}`,
      ];
    }
    case "contract":
      return contraction(s, options, indent);
    case "if":
      return conditional(s, options, indent);
    case "require":
      return [
        `${indent}if (!(${scalar(s.guard)})) {`,
        `${indent}  throw new RangeError(${template(s.message, target)});`,
        `${indent}}`,
      ];
    default:
      return unreachable(s);
  }
}

function contraction(
  s: Extract<Statement, { kind: "contract" }>,
  options: StatementOptions,
  indent: string,
): readonly string[] {
  const found = contractionCall(s, options.target);
  if (found === undefined) return emitStatements(plain(s), options, indent);
  return found.around
    .reduceRight<readonly string[]>(
      (body, range) => [`${loopHead(range, options.target)} {`, ...body.map((line) => `  ${line}`), "}"],
      [found.call],
    )
    .map((line) => indent + line);
}

function loopHead({ index, from, to, step }: Range & { readonly step?: number }, target: Target): string {
  const next = step === undefined ? `${index}++` : `${index} += ${step}`;
  const end = emitOperand(to, holds.additive, target);
  return `for (let ${index} = ${emitScalar(from, target)}; ${index} < ${end}; ${next})`;
}

const counted = (condition: Scalar): Scalar => ({
  kind: "apply",
  op: "iverson",
  type: "int",
  args: [condition],
});

function update(
  to: string,
  from: string,
  by: Update,
  value: Scalar,
  { target, fast }: StatementOptions,
): string {
  const text = emitScalar(value, target, fast);
  switch (by) {
    case "set":
      return `${to} = ${text}`;
    case "add":
      if (value.kind === "const" && value.value === 1) return `${to}++`;
      if (value.kind === "apply" && value.op === "neg")
        return `${to} -= ${emitScalar(value.args[0]!, target, fast)}`;
      return `${to} += ${text}`;
    case "mul":
      return `${to} *= ${text}`;
    case "max":
    case "min":
      return `${to.replace(/!$/u, "")} = Math.${by}(${from}, ${text})`;
    default:
      return unreachable(by);
  }
}

function conditional(
  s: Extract<Statement, { kind: "if" }>,
  options: StatementOptions,
  indent: string,
): readonly string[] {
  const head = (guard: Scalar) => `if (${emitScalar(guard, options.target, options.fast)})`;
  const block = (statements: readonly Statement[]) => emitStatements(statements, options, `${indent}  `);
  // A block, for constants that are to stay in it.
  if (s.guard.kind === "const" && s.guard.value !== 0 && s.no.length === 0)
    return [`${indent}{`, ...block(s.yes), `${indent}}`];
  if (s.yes.length === 0) {
    const not: Scalar = { kind: "apply", op: "not", type: "bool", args: [s.guard] };
    return [`${indent}${head(not)} {`, ...block(s.no), `${indent}}`];
  }
  const [only] = s.yes;
  if (s.yes.length === 1 && s.no.length === 0 && only !== undefined && isShort(only)) {
    const [line] = emitStatement(only, options, "");
    const whole = `${indent}${head(s.guard)} ${line}`;
    if (whole.length <= width) return [whole];
  }
  const otherwise = s.no.length === 0 ? [`${indent}}`] : [`${indent}} else {`, ...block(s.no), `${indent}}`];
  return [`${indent}${head(s.guard)} {`, ...block(s.yes), ...otherwise];
}

const isShort = (s: Statement): boolean => s.kind === "assign" || s.kind === "store";

/** A message with values in it, as a template literal. */
function template(message: readonly (string | Scalar)[], target: Target): string {
  const parts = message.map((part) =>
    typeof part === "string" ? part.replaceAll(/[\\`]|\$\{/gu, "\\$&") : `\${${emitScalar(part, target)}}`,
  );
  return `\`${parts.join("")}\``;
}
