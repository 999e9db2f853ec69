import { assert } from "chai";
import fc from "fast-check";
import { UserError } from "../../lib/errors.ts";
import { resolve } from "../../lib/expr/resolve.ts";
import { latexSyntax } from "../../lib/text/latex.ts";
import { parseSyntax } from "../../lib/text/parse-syntax.ts";
import { printProgram, printProgramSyntax } from "../../lib/text/print.ts";
import { anyProgram } from "./grammar.ts";
import { meaningfulProgram } from "./meaningful.ts";

/** Longest time that any text may take, in milliseconds: generous, for a machine that does other things. */
const patience = 2000;

/** Reads, resolves and prints a text. Only a `UserError` may come out, soon, with a message that one can read. */
function survives(text: string): boolean {
  const begin = performance.now();
  try {
    const program = parseSyntax(text);
    const printed = printProgramSyntax(program);
    assert.equal(printProgramSyntax(parseSyntax(printed)), printed);
    for (const d of program.definitions) latexSyntax(d.body);
    printProgram(resolve(program).definitions);
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assert.isBelow(error.message.length, 400);
    assert.notMatch(error.message, /undefined|\[object|NaN,/u);
    return false;
  } finally {
    assert.isBelow(performance.now() - begin, patience);
  }
}

// prettier-ignore
const tokens = [
  "a", "x", "score", "λ", "i", "j", "sum", "max", "exp", "where", "mean", "∑", "and", "or", "not", "0", "1", "2.5",
  "1e3", "²", "+", "-", "*", "/", "^", "(", ")", "(", ")", "[", "]", "[", "]", ",", ";", "?", ":", "=", "=", "<", "<=",
  "==", "!=", "!", "&&", "≤", "≠", "·", "−", "\n", "\n", "\r\n", "\t", "# c\n", "'", ".", "%", "\u200b", "__proto__", "constructor",
];

describe("whatever the text is, only a UserError comes out", () => {
  it("raw text", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => void survives(text)),
      { seed: 1, numRuns: 3000 },
    ));

  it("broken surrogates", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }),
        (codes) => void survives(String.fromCharCode(...codes)),
      ),
      { seed: 2, numRuns: 2000 },
    ));

  it("tokens in any order", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...tokens), { maxLength: 40 }),
        fc.boolean(),
        (soup, spaced) => void survives(soup.join(spaced ? " " : "")),
      ),
      { seed: 3, numRuns: 5000 },
    ));

  it("programs with a few characters changed", () => {
    let read = 0;
    const edit = fc.record({
      at: fc.nat(1000),
      drop: fc.nat(3),
      put: fc.oneof(fc.constant(""), fc.constantFrom(...tokens), fc.string({ maxLength: 3 })),
    });
    fc.assert(
      fc.property(
        fc.oneof(anyProgram, meaningfulProgram),
        fc.array(edit, { maxLength: 3 }),
        (program, edits) => {
          let text = printProgramSyntax(program);
          for (const { at, drop, put } of edits) {
            const n = at % (text.length + 1);
            text = text.slice(0, n) + put + text.slice(n + drop);
          }
          if (survives(text)) read++;
        },
      ),
      { seed: 4, numRuns: 2000 },
    );
    assert.isAbove(read, 300, "enough of them are still programs");
  });

  it("long repetitions", () => {
    for (const a of tokens)
      for (const b of ["", " ", "a", "\n"]) survives((a + b).repeat(30_000).slice(0, 99_000));
  });
});
