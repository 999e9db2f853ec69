import { assert } from "chai";
import { UserError } from "../../lib/errors.ts";
import type { Syntax } from "../../lib/expr/syntax.ts";
import { parts } from "../../lib/expr/binder.ts";
import { parseExpressionSyntax, parseSyntax } from "../../lib/text/parse-syntax.ts";
import { outline, outlineProgram } from "./outline.ts";

// prettier-ignore
const expressions: readonly [string, string][] = [
  // numbers
  ["1",                       "1"],
  ["1.5",                     "1.5r"],
  [".5",                      "0.5r"],
  ["2.",                      "2r"],
  ["1e-3",                    "0.001r"],
  ["1E+3",                    "1000r"],
  ["9007199254740991",        "9007199254740991"],
  ["9007199254740993",        "9007199254740992r"],
  // precedence and association
  ["a + b * c",               "(add a (mul b c))"],
  ["a - b - c",               "(sub (sub a b) c)"],
  ["a / b / c",               "(div (div a b) c)"],
  ["a / b * c",               "(mul (div a b) c)"],
  ["a^b^c",                   "(pow a (pow b c))"],
  ["(a + b) * c",             "(mul (add a b) c)"],
  ["2^-1",                    "(pow 2 (neg 1))"],
  ["2^-x^2",                  "(pow 2 (neg (pow x 2)))"],
  ["2^-x * y",                "(mul (pow 2 (neg x)) y)"],
  ["-x^2",                    "(neg (pow x 2))"],
  ["-2^2",                    "(neg (pow 2 2))"],
  ["-a * b",                  "(neg (mul a b))"],
  ["-a * b + c",              "(add (neg (mul a b)) c)"],
  ["-2 * x",                  "(mul (neg 2) x)"],
  ["a * -b * c",              "(mul (mul a (neg b)) c)"],
  ["a - -b * c",              "(sub a (neg (mul b c)))"],
  ["--a",                     "(neg (neg a))"],
  // comparisons, logic, choice
  ["a < b",                   "(a lt b)"],
  ["0 <= a < b",              "(0 le a lt b)"],
  ["a + 1 >= b * 2",          "((add a 1) ge (mul b 2))"],
  ["a == b and c != d",       "(and (a eq b) (c ne d))"],
  ["a > b or c and d",        "(or (a gt b) (and c d))"],
  ["not a > b and c",         "(and (not (a gt b)) c)"],
  ["not not a",               "(not (not a))"],
  ["a and not b",             "(and a (not b))"],
  ["a && b || !c",            "(or (and a b) (not c))"],
  ["a ∧ b ∨ ¬c",              "(or (and a b) (not c))"],
  ["a ? b : c ? d : e",       "(where a b (where c d e))"],
  ["a ? b ? c : d : e",       "(where a (where b c d) e)"],
  ["a or b ? c + 1 : -d",     "(where (or a b) (add c 1) (neg d))"],
  ["where(a > 0, b, c)",      "(where (a gt 0) b c)"],
  ["[a > b] * c",             "(mul [(a gt b)] c)"],
  ["c * [a > b and c]",       "(mul c [(and (a gt b) c)])"],
  // names, subscripts, calls
  ["X[i,j]",                  "X[i j]"],
  ["X [ i , j ]",             "X[i j]"],
  ["s[i,y[p[i]]]",            "s[i y[p[i]]]"],
  ["x[2*p + r - 1]",          "x[(sub (add (mul 2 p) r) 1)]"],
  ["sum(i, d, X[i,d]^2)",     "sum(i d (pow X[i d] 2))"],
  ["sum(j != y[i], f(j))",    "sum((j ne y[i]) f(j))"],
  ["extent(X, 0)",            "extent(X 0)"],
  ["λ * Δ",                   "(mul λ Δ)"],
  ["λW",                      "λW"],
  ["x_1 + y2_",               "(add x_1 y2_)"],
  ["Å\u0301 + e\u0301",       "(add Ǻ é)"],
  ["µ + ∆",                   "(add μ Δ)"],
  // Unicode signs
  ["a · b × c ∗ d ⋅ e",       "(mul (mul (mul (mul a b) c) d) e)"],
  ["a ÷ b − c – d",           "(sub (sub (div a b) c) d)"],
  ["a ≤ b ≥ c ≠ d",           "(a le b ge c ne d)"],
  ["x²",                      "(pow x 2)"],
  ["-x³ * 2",                 "(neg (mul (pow x 3) 2))"],
  ["x⁻¹ + y¹²",               "(add (pow x (neg 1)) (pow y 12))"],
  ["∑(i, x[i]) + Σ(i, x[i])", "(add sum(i x[i]) sum(i x[i]))"],
  ["∏(i, x[i])",              "prod(i x[i])"],
  ["Σ[i,j] * Σ",              "(mul Σ[i j] Σ)"],
  // blanks
  ["\ufeffa\t+\u00a0b",       "(add a b)"],
  ["a # + b\n + c",           "(add a c)"],
];

// prettier-ignore
const programs: readonly [string, string][] = [
  ["loss = a",                            "loss = a"],
  ["s[i,j] = a; loss = s[1,2]",           "s.i.j = a; loss = s[1 2]"],
  ["s[i < 3,j] = a",                      "s.i<3.j = a"],
  ["a = 1\ns[i < extent(x,0),j<=K] = b",  "a = 1; s.i<extent(x 0).j<(add K 1) = b"],
  ["s[i < x[0]] = a",                     "s.i<x[0] = a"],
  ["s = a\nloss = b",                     "s = a; loss = b"],
  ["s = a\r\nloss = b\rt = c\u2028u = d", "s = a; loss = b; t = c; u = d"],
  ["a = 1;; b = 2;",                      "a = 1; b = 2"],
  ["a = b\n  + c\n  - d",                 "a = (sub (add b c) d)"],
  ["a = sum(i,\n  x[i]\n)\nb[i] = a",     "a = sum(i x[i]); b.i = a"],
  ["# only\na = 1 # one\n# two\nb = 2",   "a = 1; b = 2"],
  ["a + b",                               "loss = (add a b)"],
  ["s = a; s * 2",                        "s = a; loss = (mul s 2)"],
  ["loss = a; loss * 2",                  "loss = a; value = (mul loss 2)"],
  ["loss * value",                        "value2 = (mul loss value)"],
  ["a = b\n== c",                         "a = (b eq c)"],
  ["a = x < y ?\n1 :\n2",                 "a = (where (x lt y) 1 2)"],
];

// prettier-ignore
const faults: readonly [string, string][] = [
  ["",                    "there is no definition in the text\n  fix: write one, such as loss = sum(i, x[i]^2)"],
  [" # nothing \n ;",     "there is no definition in the text\n  fix: write one, such as loss = sum(i, x[i]^2)"],
  // products without a sign
  ["2x",                  "line 1, column 2: no operator before \"x\"\n  fix: write 2*x for a product"],
  ["2(a)",                "line 1, column 2: no operator before \"(\"\n  fix: write 2*(…) for a product"],
  ["(a)(b)",              "line 1, column 4: no operator before \"(\"\n  fix: write (…)*(…) for a product"],
  ["a b",                 "line 1, column 3: no operator before \"b\"\n  fix: write a*b for a product"],
  ["λ W",                 "line 1, column 3: no operator before \"W\"\n  fix: write λ*W for a product"],
  ["sum(i, 2 x[i])",      "line 1, column 10: no operator before \"x\"\n  fix: write 2*x for a product"],
  ["2[a > b]",            "line 1, column 2: no operator before \"[\"\n  fix: write 2*[…] for a product"],
  ["a = 1\nb c",          "line 2, column 1: no operator before \"b\"\n  fix: write 1*b for a product, or end the line before with \";\""],
  ["a = 1 b = 2",         "line 1, column 7: no \";\" before the definition of b\n  fix: put \";\" or a new line before it"],
  // equals signs
  ["loss = a = b",        "line 1, column 10: \"=\" inside an expression\n  fix: write == to compare"],
  ["a + b = c",           "line 1, column 7: left of \"=\" stands a name, perhaps with indices\n  fix: write == to compare"],
  ["σ² = x",              "line 1, column 2: left of \"=\" stands a name, not a power of it\n  fix: give it a name of its own, such as σ2"],
  ["a = x\nσ²[i] = a",    "line 2, column 2: left of \"=\" stands a name, not a power of it\n  fix: give it a name of its own, such as σ2"],
  ["f(x) = x",            "line 1, column 6: left of \"=\" stands a name, perhaps with indices\n  fix: write f[i] = …, or == to compare"],
  ["X[i+1] = 3",          "line 1, column 4: expected \",\" or \"]\", found \"+\"\n  fix: a definition holds for all values of its indices: score[i,j] = …"],
  ["X[0] = 3",            "line 1, column 3: expected the name of an index, found \"0\"\n  fix: a definition holds for all values of its indices: score[i,j] = …"],
  ["X[] = 3",             "line 1, column 3: expected the name of an index, found \"]\"\n  fix: a definition holds for all values of its indices: score[i,j] = …"],
  ["X[i < 3 < 4] = 3",    "line 1, column 5: on the left stand indices, perhaps with what they run to\n  fix: score[i,j] = …, or score[i,j < 3] = …"],
  ["X[i < ] = 3",         "line 1, column 7: expected a number, a name or a bracket, found \"]\""],
  ["X[i < 3 4] = 3",      "line 1, column 9: no operator before \"4\"\n  fix: write 3*4 for a product"],
  ["X[i > 3] = 3",        "line 1, column 5: expected \",\" or \"]\", found \">\"\n  fix: a definition holds for all values of its indices: score[i,j] = …"],
  ["X[max < 3] = 3",      "line 1, column 3: \"max\" is a function, it cannot be a name\n  fix: write max(…), or choose another name"],
  ["a; b = 1",            "line 1, column 1: only the last expression may go without a name\n  fix: write name = …"],
  ["a := b",              "line 1, column 3: \":=\" is not of the language\n  fix: write = to define"],
  // signs of other languages
  ["x ** 2",              "line 1, column 3: \"**\" is not of the language\n  fix: write ^ for a power"],
  ["n!",                  "line 1, column 2: there is no factorial\n  fix: to negate a condition write \"not\" before it"],
  ["X'",                  "line 1, column 2: \"'\" is not of the language\n  fix: write subscripts: the transpose of X[i,d] is X[d,i]; a new quantity needs a name of its own"],
  ["X.T",                 "line 1, column 2: \".\" is not of the language\n  fix: write subscripts: the transpose of X[i,d] is X[d,i]"],
  ["Xᵀ",                  "line 1, column 1: \"Xᵀ\" is not a name\n  fix: write subscripts: the transpose of X[i,d] is X[d,i]"],
  ["5%",                  "line 1, column 2: \"%\" is not of the language\n  fix: write p/100 for a percentage"],
  ["X @ W",               "line 1, column 3: \"@\" is not of the language\n  fix: write a matrix product as a sum: sum(d, X[i,d] * W[d,j])"],
  ["\\lambda",            "line 1, column 1: \"\\\" is not of the language\n  fix: write mathematics without TeX: sum(i, …), λ or lambda, x^2"],
  ["a & b",               "line 1, column 3: \"&\" is not of the language\n  fix: write && or and"],
  ["|x|",                 "line 1, column 1: \"|\" is not of the language\n  fix: write || or or; an absolute value is abs(x)"],
  ["a // b",              "line 1, column 3: \"//\" is not of the language\n  fix: write # before a comment"],
  ["\"a\"",               "line 1, column 1: \"\"\" is not of the language\n  fix: there are no strings in a loss"],
  ["a ☃ b",               "line 1, column 3: \"☃\" is not of the language"],
  ["a \u200b b",          "line 1, column 3: the character U+200B is not of the language"],
  ["a \ud800",            "line 1, column 3: the character U+D800 is not of the language"],
  ["𝛼 + \u0301",          "line 1, column 5: the character U+0301 is not of the language"],
  ["x\u0302",             "line 1, column 1: \"x\u0302\" is not a name\n  fix: a name is a letter, then letters, digits and _"],
  ["x₁",                  "line 1, column 2: \"₁\" is not of the language\n  fix: write subscripts in brackets, x[i], and names with digits, x1"],
  ["“x”",                 "line 1, column 1: \"“\" is not of the language\n  fix: there are no strings in a loss"],
  ["‖x‖²",                "line 1, column 1: \"‖\" is not of the language\n  fix: write sqrt(sum(i, x[i]^2)) for a length"],
  ["||x||^2",             "line 1, column 1: expected a number, a name or a bracket, found \"||\"\n  fix: write abs(x) for an absolute value, sqrt(sum(i, x[i]^2)) for a length"],
  // words and forms of other languages
  ["np.sum(x)",           "line 1, column 3: \".\" is not of the language\n  fix: write functions by themselves, with an index to sum over: sum(i, x[i]), exp(x[i])"],
  ["X.Tail",              "line 1, column 2: \".\" is not of the language\n  fix: write functions by themselves, with an index to sum over: sum(i, x[i]), exp(x[i])"],
  ["X[i][j]",             "line 1, column 5: no operator before \"[\"\n  fix: write all subscripts in one bracket, X[i,j], those of a value after a name for it: p[j] = …; for a product (…)*[…]"],
  ["log(p)[y]",           "line 1, column 7: no operator before \"[\"\n  fix: write all subscripts in one bracket, X[i,j], those of a value after a name for it: p[j] = …; for a product (…)*[…]"],
  ["sum_i x[i]",          "line 1, column 7: no operator before \"x\"\n  fix: write sum(i, …)"],
  ["Σ_ x",                "line 1, column 4: no operator before \"x\"\n  fix: write sum(i, …)"],
  ["∑ᵢ x",                "line 1, column 2: expected \"(\" after ∑, found \"ᵢ\"\n  fix: write ∑(i, …)"],
  ["sum(x[i] for i)",     "line 1, column 10: no operator before \"for\"\n  fix: write sum(i, …): an index takes its range from the arrays that it subscripts, or from i < 3"],
  ["sum(i=1..N, x[i])",   "line 1, column 7: \"1..\" is not a number\n  fix: an index takes its range from the arrays that it subscripts, or from i < 3"],
  ["sum(i: x[i])",        "line 1, column 6: expected an operator, \",\" or \")\", found \":\"\n  fix: a colon stands in c ? a : b only; what a sum runs over is followed by a comma"],
  ["x[0:3]",              "line 1, column 4: expected an operator, \",\" or \"]\", found \":\"\n  fix: an index takes all of an axis: x[i]; a part of it is y[i < 3] = x[i]"],
  ["a if a > 0",          "line 1, column 3: no operator before \"if\"\n  fix: write c ? a : b"],
  ["loss = if a",         "line 1, column 8: \"if\" cannot be a name, it is reserved in JavaScript\n  fix: write c ? a : b"],
  ["const s = a",         "line 1, column 9: left of \"=\" stands a name, perhaps with indices\n  fix: write name = …, or name[i] = …, with no word before it"],
  ["a)",                  "line 1, column 2: expected an operator or the end of the text, found \")\"\n  fix: nothing is open here: leave \")\" out"],
  ["+a",                  "line 1, column 1: expected a number, a name or a bracket, found \"+\"\n  fix: there is no unary plus"],
  // numbers
  ["1e",                  "line 1, column 1: \"1e\" is not a number, its exponent has no digits\n  fix: write 1e1, or 1*e"],
  ["1.2.3",               "line 1, column 1: \"1.2.\" is not a number"],
  ["1_000",               "line 1, column 1: \"1_000\" is not a number\n  fix: write digits without _"],
  ["1e999",               "line 1, column 1: \"1e999\" is too large, numbers end at 1.8e308"],
  ["1e-999",              "line 1, column 1: \"1e-999\" is too small, it would be 0"],
  // what is missing
  ["X[]",                 "line 1, column 3: expected an index, a label or an integer as a subscript, found \"]\""],
  ["X[i,]",               "line 1, column 5: expected an index, a label or an integer as a subscript, found \"]\""],
  ["X[i",                 "line 1, column 4: expected an operator, \",\" or \"]\", found the end of the text\n  fix: close the \"[\" of line 1, column 2"],
  ["loss = (a\n  + b",    "line 2, column 6: expected an operator or \")\", found the end of the text\n  fix: close the \"(\" of line 1, column 8"],
  ["a = (b\nc = d",       "line 2, column 1: expected an operator or \")\", found the definition of c\n  fix: close the \"(\" of line 1, column 5"],
  ["exp()",               "line 1, column 5: expected a number, a name or a bracket, found \")\""],
  ["exp(a,)",             "line 1, column 7: expected a number, a name or a bracket, found \")\""],
  ["a +",                 "line 1, column 4: expected a number, a name or a bracket, found the end of the text"],
  ["a = ; b = 1",         "line 1, column 5: expected a number, a name or a bracket, found \";\""],
  ["a, b",                "line 1, column 2: expected an operator or the end of the text, found \",\""],
  ["a ? b",               "line 1, column 6: expected an operator or the \":\" of the condition, found the end of the text"],
  ["[a > b, c]",          "line 1, column 7: expected an operator or \"]\", found \",\""],
  ["where(a > b, c)",     "line 1, column 1: where takes 3 arguments, not 2\n  fix: where(condition, value, other value)"],
  ["∑ x[i]",              "line 1, column 3: expected \"(\" after ∑, found \"x\"\n  fix: write ∑(i, …)"],
  ["a + not b",           "line 1, column 5: \"not\" stands inside a tighter operation\n  fix: put it in parentheses: (not …)"],
  ["X[i > 0]",            "line 1, column 3: a subscript of X is a condition\n  fix: to multiply by [p] write X * [p]"],
  // names
  ["sum = 3",             "line 1, column 1: \"sum\" is a function, it cannot be a name\n  fix: write sum(…), or choose another name"],
  ["exp[i]",              "line 1, column 1: \"exp\" is a function, it cannot be a name\n  fix: write exp(…), or choose another name"],
  ["a[max] = 1",          "line 1, column 3: \"max\" is a function, it cannot be a name\n  fix: write max(…), or choose another name"],
  ["while + 1",           "line 1, column 1: \"while\" cannot be a name, it is reserved in JavaScript\n  fix: choose another name"],
  ["await[i] = 1",        "line 1, column 1: \"await\" cannot be a name, it is reserved in JavaScript\n  fix: choose another name"],
  ["x[constructor]",      "line 1, column 3: \"constructor\" cannot be a name, it is reserved in JavaScript\n  fix: choose another name"],
  ["__proto__ = 1",       "line 1, column 1: \"__proto__\" cannot be a name, names with two leading _ are reserved\n  fix: choose another name"],
  ["eval(x)",             "line 1, column 1: \"eval\" cannot be a name, it is reserved in JavaScript\n  fix: choose another name"],
  ["and = 1",             "line 1, column 5: left of \"=\" stands a name, perhaps with indices\n  fix: write == to compare"],
];

describe("parseSyntax", () => {
  for (const [text, expected] of expressions)
    it(`reads ${JSON.stringify(text)}`, () =>
      assert.equal(outline(parseExpressionSyntax(text)), expected.normalize("NFC")));

  for (const [text, expected] of programs)
    it(`reads the program ${JSON.stringify(text)}`, () =>
      assert.equal(outlineProgram(parseSyntax(text)), expected));

  for (const [text, message] of faults)
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.equal(
        fault(() => parseSyntax(text)),
        message,
      ));

  it("gives every node the place of its operator or of its first character", () => {
    const text = "s = 𝛼 +\r\n  exp(b[i]) ? c : -d";
    const seen: string[] = [];
    const visit = (e: Syntax): void => {
      seen.push(`${e.kind} ${e.place?.line}:${e.place?.column} ${text.slice(e.place?.offset).slice(0, 2)}`);
      parts(e).forEach(visit);
    };
    visit(parseSyntax(text).definitions[0]!.body);
    assert.deepEqual(seen, [
      "where 2:13 ? ",
      "infix 1:7 +\r",
      "name 1:5 𝛼",
      "call 2:3 ex",
      "subscript 2:7 b[",
      "name 2:9 i]",
      "name 2:15 c ",
      "negate 2:19 -d",
      "name 2:20 d",
    ]);
  });

  it("keeps the text beside the definitions", () => assert.equal(parseSyntax("loss = a").text, "loss = a"));
});

describe("limits of parseSyntax", () => {
  const deep = "more than 200 levels of nesting\n  fix: give an inner part a definition of its own";
  const high =
    "an expression of more than 500 operations inside each other\n  fix: give a part of it a definition of its own";
  // prettier-ignore
  const nested: readonly [string, (n: number) => string, string][] = [
    ["parentheses",  (n) => `${"(".repeat(n)}a${")".repeat(n)}`,       deep],
    ["brackets",     (n) => `${"[".repeat(n)}a${"]".repeat(n)}`,       deep],
    ["calls",        (n) => `${"exp(".repeat(n)}a${")".repeat(n)}`,    deep],
    ["subscripts",   (n) => `${"y[".repeat(n)}i${"]".repeat(n)}`,      deep],
    ["minus signs",  (n) => `${"-".repeat(n)}a`,                       deep],
    ["negations",    (n) => `${"not ".repeat(n)}a`,                    deep],
    ["powers",       (n) => `a${"^a".repeat(n)}`,                      deep],
    ["conditions",   (n) => `${"a ? b : ".repeat(n)}c`,                deep],
    ["inner choices", (n) => `${"a ? ".repeat(n)}c${" : b".repeat(n)}`, deep],
    ["sums",         (n) => `a${" + a".repeat(n)}`,                    high],
    ["products",     (n) => `a${" * a".repeat(n)}`,                    high],
    ["quotients",    (n) => `a${" / a".repeat(n)}`,                    high],
    ["conjunctions", (n) => `a${" and a".repeat(n)}`,                  high],
  ];
  for (const [what, text, message] of nested) {
    it(`reads 150 ${what}`, () => assert.doesNotThrow(() => parseSyntax(text(150))));
    for (const n of [501, 4500])
      it(`refuses ${n} ${what}`, () =>
        assert.include(
          fault(() => parseSyntax(text(n).slice(0, 90_000))),
          message,
        ));
  }

  it("reads a sum of 400 terms", () => assert.doesNotThrow(() => parseSyntax(`a${" + a".repeat(400)}`)));

  it("refuses sums within sums that would make a tree of great height", () => {
    const inner = `(a${" + a".repeat(300)})`;
    assert.include(
      fault(() => parseSyntax(inner + " + a".repeat(300))),
      high,
    );
  });

  it("reads a comparison of many operands, which is flat", () =>
    assert.doesNotThrow(() => parseSyntax(`a${" < a".repeat(2000)}`)));

  it("refuses long texts and many tokens", () => {
    assert.equal(
      fault(() => parseSyntax(" ".repeat(100_001))),
      "the text has 100001 characters, more than 100000",
    );
    assert.equal(
      fault(() => parseSyntax("a;".repeat(20_000))),
      "line 1, column 20001: the text has more than 20000 tokens\n  fix: sum over an index in place of terms that are written out",
    );
  });

  it("shortens what it quotes", () =>
    assert.isBelow(fault(() => parseSyntax(`a ${"b".repeat(90_000)}`)).length, 200));
});

/** The message of the `UserError` that `f` throws. */
function fault(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}
