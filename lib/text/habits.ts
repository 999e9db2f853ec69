/** Words of other languages, as people write them by habit, and what to write here. */
import type { Token } from "./lexer.ts";

const choice = "write c ? a : b";
const range = "write sum(i, …): an index takes its range from the arrays that it subscripts, or from i < 3";
const definition = "write name = …, or name[i] = …, with no word before it";

// prettier-ignore
const words: ReadonlyMap<string, string> = new Map([
  ["if",   choice],     ["then",  choice],     ["else",     choice],     ["elif",   choice],
  ["for",  range],      ["in",    range],      ["over",     range],      ["range",  range],
  ["def",  definition], ["let",   definition], ["lambda",   definition], ["return", definition],
  ["var",  definition], ["const", definition], ["function", definition], ["float",  definition],
]);

/** `sum_i` and the like: the index of a reduction as TeX has it. */
const withIndex = /^(?:sum|prod|max|min|mean|logsumexp|argmax|argmin|Σ|Π)_/u;
const names: Readonly<Record<string, string>> = { Σ: "sum", Π: "prod" };

/** What to write in place of a word, where it cannot be a name or is one beside another; undefined for other words. */
export function insteadOf(word: string): string | undefined {
  if (!withIndex.test(word)) return words.get(word);
  const [reduction, index] = word.split("_", 2) as [string, string];
  return `write ${names[reduction] ?? reduction}(${index === "" ? "i" : index}, …)`;
}

/** What to write where two operands stand side by side; undefined where a product may be meant. */
export function insteadOfPair(before: Token, after: Token): string | undefined {
  const isClosed = before.kind === "sign" && (before.sign === ")" || before.sign === "]");
  if (isClosed && after.kind === "sign" && after.sign === "[")
    return "write all subscripts in one bracket, X[i,j], those of a value after a name for it: p[j] = …; for a product (…)*[…]";
  return [before, after].map((t) => (t.kind === "name" ? insteadOf(t.name) : undefined)).find(Boolean);
}
