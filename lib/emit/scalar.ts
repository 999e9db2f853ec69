/** Scalars of a nest as JavaScript or TypeScript, with least parentheses. */
import { unreachable } from "../errors.ts";
import type { Scalar } from "../loop/nest.ts";
import { holds, spellings } from "./spelling.ts";

export type Target = "js" | "ts";

/** A piece of code, and how tightly its outermost form holds. */
interface Code {
  readonly text: string;
  readonly holds: number;
}

/** With `fast`, functions that are slow in JavaScript are our own. */
export function emitScalar(s: Scalar, target: Target, fast = false): string {
  return code(s, target, fast).text;
}

/** As an operand of what holds `least`: in parentheses if it must. */
export function emitOperand(s: Scalar, least: number, target: Target, fast = false): string {
  const { text, holds } = code(s, target, fast);
  return holds >= least ? text : `(${text})`;
}

const atom = (text: string): Code => ({ text, holds: holds.atom });

function code(s: Scalar, target: Target, fast: boolean): Code {
  switch (s.kind) {
    case "const":
      return constantCode(s.value, s.type);
    case "name":
      return atom(s.name);
    case "load": {
      const element = `${s.buffer}[${emitScalar(s.offset, target, fast)}]`;
      if (s.type === "bool") return { text: `${element} !== 0`, holds: holds.equality };
      return atom(target === "ts" ? `${element}!` : element);
    }
    case "select": {
      const guard = emitOperand(s.guard, holds.or, target, fast);
      const then = emitOperand(s.yes, holds.or, target, fast);
      const otherwise = emitOperand(s.no, holds.choice, target, fast);
      return { text: `${guard} ? ${then} : ${otherwise}`, holds: holds.choice };
    }
    case "apply":
      return operation(s, target, fast);
    default:
      return unreachable(s);
  }
}

function constantCode(value: number, type: Scalar["type"]): Code {
  if (type === "bool") return atom(value === 0 ? "false" : "true");
  const text = Object.is(value, -0) ? "-0" : String(value);
  return { text, holds: text.startsWith("-") ? holds.unary : holds.atom };
}

function operation(s: Extract<Scalar, { kind: "apply" }>, target: Target, fast: boolean): Code {
  const spelling = spellings[s.op];
  if ("calls" in spelling)
    return atom(
      `${(fast && spelling.fast) || spelling.calls}(${s.args.map((a) => emitScalar(a, target, fast)).join(", ")})`,
    );
  if ("prefix" in spelling) return signed(spelling.prefix, s.args[0]!, target, fast);
  if ("infix" in spelling) return chain(s, spelling, target, fast);
  const [argument] = s.args as [Scalar];
  switch (spelling.special) {
    case "iverson":
      if (fast && argument.kind === "apply" && argument.op === "and" && argument.args.every(isComparison))
        return chain(product(argument.args), { infix: "*", holds: holds.multiplicative }, target, fast);
      // Not `p ? 1 : 0`, which is a branch.
      return signed("+", argument, target, fast);
    case "same":
      return code(argument, target, fast);
    case "quotient":
      return {
        text: `Math.floor(${chain(s, { infix: "/", holds: holds.multiplicative }, target, fast).text})`,
        holds: holds.atom,
      };
    default:
      return unreachable(spelling.special);
  }
}

/** [p and q] as [p] · [q]: `p && q` is a branch. */
const product = (conditions: readonly Scalar[]): Extract<Scalar, { kind: "apply" }> => ({
  kind: "apply",
  op: "mul",
  type: "int",
  args: conditions.map((c) => ({ kind: "apply", op: "iverson", type: "int", args: [c] })),
});

/** A comparison of what is known already: nothing is lost if it is made in vain. */
const isComparison = (s: Scalar): boolean =>
  s.kind === "apply" && compares.has(s.op) && s.args.every((a) => a.kind === "name" || a.kind === "const");

const compares: ReadonlySet<string> = new Set(["lt", "le", "gt", "ge", "eq", "ne"]);

/** `-x`; never `--x`, which means something else. */
function signed(sign: string, argument: Scalar, target: Target, fast: boolean): Code {
  const operand = emitOperand(argument, holds.unary, target, fast);
  return { text: operand.startsWith(sign) ? `${sign}(${operand})` : sign + operand, holds: holds.unary };
}

/** Operands from left to right; a negative term of a sum is subtracted. */
function chain(
  s: Extract<Scalar, { kind: "apply" }>,
  { infix, holds: least }: { readonly infix: string; readonly holds: number },
  target: Target,
  fast: boolean,
): Code {
  // Grouping of `&&` and `||` changes nothing; that of arithmetic does, and a chain of comparisons is none.
  const right = s.op === "and" || s.op === "or" ? least : least + 1;
  const left = s.op === "add" || s.op === "sub" || s.op === "mul" || s.op === "div" ? least : right;
  const [first, ...others] = s.args as [Scalar, ...Scalar[]];
  const text = others.reduce(
    (sum, term) => {
      const negative = s.op === "add" ? negated(term) : undefined;
      if (negative !== undefined) return `${sum} - ${emitOperand(negative, right, target, fast)}`;
      return `${sum} ${infix} ${emitOperand(term, right, target, fast)}`;
    },
    emitOperand(first, left, target, fast),
  );
  return { text, holds: least };
}

/** The argument of a negative term: a + (−b) is a − b, exactly. */
function negated(term: Scalar): Scalar | undefined {
  if (term.kind === "apply" && term.op === "neg") return term.args[0];
  if (term.kind === "const" && (term.value < 0 || Object.is(term.value, -0)))
    return { ...term, value: -term.value };
  return undefined;
}
