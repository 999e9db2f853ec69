/**
 * From mathjs expression trees, for people who have them already.
 *
 * Trees are read by their structure; mathjs itself is not loaded, and nothing is
 * evaluated. Whatever mathjs reads in another sense than our text would, such as
 * implicit products or a quote for the transpose, is refused.
 */
import { UserError } from "../errors.ts";
import type { Comparison, DefinitionSyntax, Infix, ProgramSyntax, Syntax } from "../expr/syntax.ts";
import { indexOnLeft } from "./left-side.ts";
import { canonical, checkName, shorten } from "./names.ts";

/** What mathjs's `parse` gives, as far as it is looked at. */
export interface MathjsNode {
  readonly type: string;
}

/** How deep a tree may be. */
const deepest = 500;

// prettier-ignore
const infixes: ReadonlyMap<string, Infix> = new Map([
  ["add", "add"], ["subtract", "sub"], ["multiply", "mul"], ["divide", "div"], ["pow", "pow"],
]);

// prettier-ignore
const comparisons: ReadonlyMap<string, Comparison> = new Map([
  ["smaller", "lt"], ["smallerEq", "le"], ["larger", "gt"], ["largerEq", "ge"], ["equal", "eq"], ["unequal", "ne"],
]);

/** Refused operators whose meaning we have under another sign. */
// prettier-ignore
const instead: ReadonlyMap<string, string> = new Map([
  ["dotMultiply", "write *: names with subscripts are scalars"],
  ["dotDivide",   "write /: names with subscripts are scalars"],
  ["dotPow",      "write ^: names with subscripts are scalars"],
  ["ctranspose",  "write the subscripts in the other order"],
  ["transpose",   "write the subscripts in the other order"],
]);

/**
 * The program that a tree, a block of statements, or a list of trees stands for. Assignments are
 * definitions; the last expression may go without one and is then called `loss`.
 */
export function fromMathjs(tree: MathjsNode | readonly MathjsNode[]): ProgramSyntax {
  const trees: readonly unknown[] = Array.isArray(tree) ? tree : [tree];
  const statements = trees.flatMap(statementsOf);
  const last = statements.length - 1;
  return {
    definitions: statements.map((statement, n) => {
      if (n !== last && statement["type"] !== "AssignmentNode")
        throw new UserError("only the last expression may go without a name", { fix: "write name = …" });
      return definition(statement);
    }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

function node(value: unknown): Fields & { readonly type: string } {
  if (isFields(value) && typeof value["type"] === "string") return { ...value, type: value["type"] };
  throw new UserError("this is not a tree of mathjs", { fix: "parse the text with mathjs first" });
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A block's statements. Each block holds `{node, visible}` for its lines. */
function statementsOf(value: unknown): readonly (Fields & { readonly type: string })[] {
  const tree = node(value);
  if (tree.type !== "BlockNode") return [tree];
  return list(tree["blocks"]).map((block) => node(isFields(block) ? block["node"] : block));
}

function definition(tree: Fields & { readonly type: string }): DefinitionSyntax {
  if (tree.type === "FunctionAssignmentNode")
    throw new UserError("a definition has indices, not arguments", { fix: "write name[i] = …" });
  if (tree.type !== "AssignmentNode") return { name: "loss", indices: [], body: expression(tree, 0) };
  return {
    name: symbol(tree["object"]),
    indices: isFields(tree["index"])
      ? dimensions(tree["index"]).map((i) => indexOnLeft(expression(i, 0)))
      : [],
    body: expression(tree["value"], 0),
  };
}

/** The checked name of a `SymbolNode`. */
function symbol(value: unknown): string {
  const name = rawSymbol(value);
  checkName(name);
  return name;
}

function rawSymbol(value: unknown): string {
  const tree = node(value);
  if (tree.type !== "SymbolNode" || typeof tree["name"] !== "string")
    throw new UserError(`a name is wanted, not ${described(tree)}`);
  return canonical(tree["name"]);
}

function dimensions(index: Fields): readonly unknown[] {
  if (index["dotNotation"] === true)
    throw new UserError("names have no properties", { fix: "subscripts stand in square brackets: X[i, j]" });
  return list(index["dimensions"]);
}

function expression(value: unknown, depth: number): Syntax {
  if (depth > deepest) throw new UserError(`more than ${deepest} levels of nesting`);
  const tree = node(value);
  const inner = (part: unknown): Syntax => expression(part, depth + 1);
  switch (tree.type) {
    case "ConstantNode":
      return constant(tree["value"]);
    case "SymbolNode":
      return { kind: "name", name: symbol(tree) };
    case "ParenthesisNode":
      return inner(tree["content"]);
    case "OperatorNode":
      return operator(tree, inner);
    case "FunctionNode":
      return { kind: "call", name: rawSymbol(tree["fn"]), args: list(tree["args"]).map(inner) };
    case "AccessorNode": {
      const at = dimensions(isFields(tree["index"]) ? tree["index"] : {}).map(inner);
      return { kind: "subscript", name: symbol(tree["object"]), at };
    }
    case "ConditionalNode":
      return {
        kind: "where",
        guard: inner(tree["condition"]),
        then: inner(tree["trueExpr"]),
        else: inner(tree["falseExpr"]),
      };
    case "RelationalNode":
      return chain(list(tree["conditionals"]), list(tree["params"]).map(inner));
    case "ArrayNode": {
      const [of, ...more] = list(tree["items"]);
      if (of === undefined || more.length > 0)
        throw new UserError("square brackets hold one condition: [a > b]", {
          fix: "an array is an input, X[i, j]",
        });
      return { kind: "iverson", of: inner(of) };
    }
    default:
      throw refused(tree);
  }
}

function constant(value: unknown): Syntax {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0)
    return { kind: "number", value, integer: Number.isSafeInteger(value) };
  const shown = typeof value === "string" ? `"${shorten(value)}"` : String(value);
  throw new UserError(`a constant is a number, not ${shown}`);
}

function operator(tree: Fields & { readonly type: string }, inner: (part: unknown) => Syntax): Syntax {
  const { fn, implicit } = tree as Fields;
  if (typeof fn !== "string") throw refused(tree);
  if (implicit === true)
    throw new UserError("a product needs its sign", { fix: "write * between the factors" });
  const [left, right, ...more] = list(tree["args"]).map(inner);
  if (left === undefined || more.length > 0) throw refused(tree);
  const op = infixes.get(fn);
  const comparison = comparisons.get(fn);
  if (right !== undefined) {
    if (op) return { kind: "infix", op, left, right };
    if (comparison) return { kind: "compare", first: left, rest: [{ op: comparison, right }] };
    if (fn === "and" || fn === "or") return { kind: "logic", op: fn, left, right };
    throw refused(tree);
  }
  switch (fn) {
    case "unaryMinus":
      return { kind: "negate", of: left };
    case "unaryPlus":
      return left;
    case "not":
      return { kind: "not", of: left };
    default:
      throw refused(tree);
  }
}

/** `a < b <= c`. */
function chain(conditionals: readonly unknown[], params: readonly Syntax[]): Syntax {
  const [first, ...rights] = params;
  const links = rights.map((right, n) => {
    const op = comparisons.get(String(conditionals[n]));
    if (op === undefined) throw new UserError(`there is no comparison ${shorten(String(conditionals[n]))}`);
    return { op, right };
  });
  if (first === undefined || links.length === 0) throw new UserError("a comparison has two sides");
  return { kind: "compare", first, rest: links };
}

const described = (tree: Fields): string =>
  tree["type"] === "OperatorNode" && typeof tree["op"] === "string"
    ? `the operator ${shorten(tree["op"])}`
    : `a ${shorten(String(tree["type"]))}`;

const refused = (tree: Fields): UserError =>
  new UserError(`${described(tree)} of mathjs has no meaning here`, {
    fix: instead.get(String(tree["fn"])) ?? "indices, subscripts and the listed functions say everything",
  });
