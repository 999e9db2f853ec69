/**
 * Parser: text to `ProgramSyntax`.
 *
 * A text is a list of definitions, `name = expression` or `name[i, j] = expression`.
 * They end at `;`, or at a line end where the next line begins a definition: any
 * other line goes on with the one before. The last may be an expression without a name.
 */
import { UserError } from "../errors.ts";
import type { DefinitionSyntax, IndexSyntax, ProgramSyntax, Syntax } from "../expr/syntax.ts";
import { tokenize, type Token } from "./lexer.ts";
import { insteadOf } from "./habits.ts";
import { indexOnLeft } from "./left-side.ts";
import { checkName, shorten } from "./names.ts";
import { ExpressionReader } from "./parse-expression.ts";

/** The definitions that a text holds. Throws a `UserError` with its place for every text that is no program. */
export function parseSyntax(text: string): ProgramSyntax {
  const tokens = tokenize(text);
  const statements = split(tokens).filter((statement) => statement[0]!.kind !== "end");
  if (statements.length === 0)
    throw new UserError("there is no definition in the text", {
      fix: "write one, such as loss = sum(i, x[i]^2)",
    });
  const last = statements.length - 1;
  const definitions = statements.map((statement, n) => {
    if (definitionBegins(statement, 0)) return definition(statement);
    refuseOtherLeftSides(statement);
    const { place } = statement[0]!;
    const body = new ExpressionReader(statement).whole();
    if (n !== last)
      throw new UserError("only the last expression may go without a name", { place, fix: "write name = …" });
    return { name: freeName(tokens), indices: [], body, place };
  });
  return { definitions, text };
}

/** The expression that a text holds, which must hold nothing else. */
export function parseExpressionSyntax(text: string): Syntax {
  return new ExpressionReader(tokenize(text)).whole();
}

/** The statements of a program, each with an `end` that says what ended it. */
function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const statements: Token[][] = [];
  let current: Token[] = [];
  const close = (at: Token, text: string): void => {
    current.push({ kind: "end", text, place: at.place, newline: at.newline });
    statements.push(current);
    current = [];
  };
  for (const [n, token] of tokens.entries()) {
    if (token.kind === "end") close(token, token.text);
    else if (token.kind === "sign" && token.sign === ";") close(token, '";"');
    else {
      if (token.newline && current.length > 0 && definitionBegins(tokens, n))
        close(token, `the definition of ${shorten(token.text)}`);
      current.push(token);
    }
  }
  return statements;
}

const isSign = (token: Token | undefined, sign: string): boolean =>
  token?.kind === "sign" && token.sign === sign;

/** Whether `name =` or `name[…] =` stands at position n, perhaps with a power of the name. */
function definitionBegins(tokens: readonly Token[], n: number): boolean {
  if (tokens[n]?.kind !== "name") return false;
  const after = tokens[n + 1]?.kind === "power" ? n + 2 : n + 1;
  if (!isSign(tokens[after], "[")) return isSign(tokens[after], "=");
  let close = after + 1;
  while (tokens[close]?.kind === "name" || isSign(tokens[close], ",")) close++;
  for (let depth = 0; close < tokens.length && !(depth === 0 && isSign(tokens[close], "]")); close++) {
    if (tokens[close]!.newline !== false) return false;
    if (isSign(tokens[close], "[")) depth++;
    if (isSign(tokens[close], "]")) depth--;
  }
  return isSign(tokens[close], "]") && isSign(tokens[close + 1], "=");
}

/** Reads `name = …` or `name[i, j] = …`, which is known to stand there up to its `=`. Throws for a power of a name. */
function definition(tokens: readonly Token[]): DefinitionSyntax {
  const [first, raised] = [tokens[0]!, tokens[1]!];
  checkName(first.text, first.place);
  if (raised.kind === "power")
    throw new UserError('left of "=" stands a name, not a power of it', {
      place: raised.place,
      fix: `give it a name of its own, such as ${shorten(first.text)}${Math.abs(raised.value)}`,
    });
  const equals = tokens.findIndex((token) => isSign(token, "="));
  const indices = isSign(tokens[1], "[") ? indicesOnLeft(tokens.slice(2, equals)) : [];
  const body = new ExpressionReader(tokens, equals + 1).whole();
  return { name: nameOf(first), indices, body, place: first.place };
}

/** The indices between `[` and `] =`, given with the `]`. */
function indicesOnLeft(tokens: readonly Token[]): readonly IndexSyntax[] {
  const indices: IndexSyntax[] = [];
  for (let from = 0; from < tokens.length;) {
    const end = endOfIndex(tokens, from);
    indices.push(indexFrom(tokens.slice(from, end), tokens[end]!));
    from = end + 1;
  }
  return indices;
}

/** Where the index that begins at `from` ends: at its comma, or at the `]`. */
function endOfIndex(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let n = from; n < tokens.length - 1; n++) {
    if (isSign(tokens[n], "(") || isSign(tokens[n], "[")) depth++;
    if (isSign(tokens[n], ")") || isSign(tokens[n], "]")) depth--;
    if (depth === 0 && isSign(tokens[n], ",")) return n;
  }
  return tokens.length - 1;
}

/** `i`, or `i < 3`, read up to `end`. */
function indexFrom(tokens: readonly Token[], end: Token): IndexSyntax {
  const [first, second] = [tokens[0] ?? end, tokens[1]];
  if (first.kind !== "name") throw unlikeIndex("the name of an index", first);
  if (second === undefined) return indexOnLeft({ kind: "name", name: first.name, place: first.place });
  if (!isSign(second, "<") && !isSign(second, "<=")) throw unlikeIndex('"," or "]"', second);
  const { text, place, newline } = end;
  return indexOnLeft(
    new ExpressionReader([...tokens, { kind: "end", text: `"${text}"`, place, newline }]).whole(),
  );
}

const unlikeIndex = (wanted: string, { text, place }: Token): UserError =>
  new UserError(`expected ${wanted}, found "${shorten(text)}"`, {
    place,
    fix: "a definition holds for all values of its indices: score[i,j] = …",
  });

const nameOf = (token: Token): string => (token.kind === "name" ? token.name : token.text);

/** `f(x) = …` and `a + b = …` are read neither as definitions nor as expressions. */
function refuseOtherLeftSides(statement: readonly Token[]): void {
  const equals = statement.findIndex((token) => isSign(token, "="));
  if (equals < 0) return;
  const { place } = statement[equals]!;
  const call =
    statement[0]!.kind === "name" && isSign(statement[1], "(") && isSign(statement[equals - 1], ")");
  const word = insteadOf(statement[0]!.text);
  throw new UserError('left of "=" stands a name, perhaps with indices', {
    place,
    fix:
      word ??
      (call ? `write ${shorten(statement[0]!.text)}[i] = …, or == to compare` : "write == to compare"),
  });
}

/** A name for the last expression when it has none: `loss`, unless the text uses it. */
function freeName(tokens: readonly Token[]): string {
  const taken = new Set(tokens.flatMap((token) => (token.kind === "name" ? [token.name] : [])));
  const candidates = ["loss", "value"];
  for (let n = 2; candidates.every((name) => taken.has(name)); n++) candidates.push(`value${n}`);
  return candidates.find((name) => !taken.has(name))!;
}
