import { assert } from "chai";
import { checkName } from "../../lib/text/names.ts";
import { UserError } from "../../lib/errors.ts";

// prettier-ignore
const allowed = ["x", "X", "_", "_x", "x_1", "W2", "Delta", "Δ", "λ", "é", "損失", "lambda", "pi", "Σ", "add", "size", "If", "loss"];

// prettier-ignore
const refused = [
  // not spelled like a name
  "", "2x", "x y", "x.y", "x'", "x-y", "x\n", "e\u0301", "x\u0302", "µ", "a\u2028b", "*/", "…",
  // words and functions of the language
  "and", "or", "not", "where", "extent", "sum", "mean", "count", "max", "logsumexp", "exp", "ln", "stop", "argmax",
  // reserved in JavaScript
  "await", "yield", "let", "static", "eval", "arguments", "undefined", "NaN", "Infinity", "null", "true", "false",
  "if", "class", "return", "new", "this", "typeof", "in", "enum", "interface", "package",
  // what every object has
  "__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "valueOf", "__x",
];

describe("checkName", () => {
  for (const name of allowed) it(`allows ${name}`, () => assert.doesNotThrow(() => checkName(name)));
  for (const name of refused)
    it(`refuses ${JSON.stringify(name)}`, () => assert.throws(() => checkName(name), UserError));

  it("gives the place and what to do", () =>
    assert.throws(
      () => checkName("class", { line: 2, column: 5, offset: 9 }),
      'line 2, column 5: "class" cannot be a name, it is reserved in JavaScript\n  fix: choose another name',
    ));

  it("quotes long and invisible names so that they can be read", () =>
    assert.throws(() => checkName(`x\u200b${"y".repeat(500)}`), `"xU+200B${"y".repeat(38)}…" is not a name`));
});
