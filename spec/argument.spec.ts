import { assert } from "chai";
import * as dscore from "../lib/index.ts";

type Call = (...args: readonly unknown[]) => unknown;

// as JavaScript may call them: with whatever it has
const api = dscore as unknown as Readonly<Record<string, Call>> & {
  readonly build: Readonly<Record<string, Call>>;
};
const { UserError } = dscore;
const program = dscore.parse("loss = sum(i, x[i]^2 * w[i])");
const derivation = dscore.differentiate(program, { wrt: ["x"] });
const definition = program.definitions[0]!;

const madeOfText = 'parse("loss = sum(i, x[i]^2)") makes one of text';

// prettier-ignore
const refused: readonly (readonly [string, readonly unknown[], string])[] = [
  ["parse",                [null],                                'parse wants text, not null\n  fix: write "…" around it'],
  ["derive",               [3],                                   'derive wants text, not 3\n  fix: write "…" around it'],
  ["derive",               ["x^2", "x"],                          'wrt is a list of names, not the text "x"\n  fix: wrt: ["x"]'],
  ["differentiate",        ["loss = x^2"],                        `differentiate wants a program, not the text "loss = x^2"\n  fix: ${madeOfText}`],
  ["differentiate",        [Promise.resolve(program)],            `differentiate wants a program, not a promise (await it first)\n  fix: ${madeOfText}`],
  ["differentiate",        [derivation],                          "differentiate wants a program, not a derivation\n  fix: derivation.program is what it was made of"],
  ["differentiate",        [{ ...program, definitions: [] }],     `differentiate wants a program, not an object\n  fix: ${madeOfText}`],
  ["differentiate",        [program, "x"],                        'differentiate wants its options by name, not the text "x"\n  fix: its options are wrt'],
  ["differentiate",        [program, { by: ["x"] }],              "differentiate has no option by\n  fix: its options are wrt"],
  ["differentiate",        [program, { wrt: "x" }],               'wrt is a list of names, not the text "x"\n  fix: wrt: ["x"]'],
  ["differentiate",        [program, { wrt: [null] }],            'wrt lists names, not null\n  fix: wrt: ["W"]'],
  ["gradientProgram",      [program, "x"],                        "gradientProgram wants a derivation, not a program\n  fix: differentiate(program) makes one"],
  ["jacobian",             [program],                             'jacobian wants a name, not undefined\n  fix: such as "W"'],
  ["hessian",              ["x^2", "x"],                          `hessian wants a program, not the text "x^2"\n  fix: ${madeOfText}`],
  ["hessianVectorProduct", [program, "x", 3],                     'hessianVectorProduct wants a name, not 3\n  fix: such as "W"'],
  ["generate",             [program, { target: "js" }],           "generate wants a derivation, not a program\n  fix: differentiate(program) makes one"],
  ["generate",             [derivation],                          "generate wants its options by name, not undefined\n  fix: its options are target, style, name, precision, threads, stable"],
  ["generate",             [derivation, { target: null }],        "the target is null, not a name\n  fix: choose js or ts or wasm"],
  ["generate",             [derivation, { target: "js", name: 3 }], 'generate wants a name, not 3\n  fix: such as "W"'],
  ["generate",             [derivation, { target: "js", stable: "no" }], 'generate wants true or false, not the text "no"\n  fix: stable: true'],
  ["compile",              [program],                             "compile wants a derivation, not a program\n  fix: differentiate(program) makes one"],
  ["compile",              [derivation, { traget: "wasm" }],      "compile has no option traget\n  fix: its options are target, style, stable, precision, threads"],
  ["compile",              [derivation, { threads: "2", target: "wasm" }], 'there cannot be the text "2" threads\n  fix: a whole number from 1 to 64'],
  ["value",                ["x^2", { x: 1 }],                     `value wants a program, not the text "x^2"\n  fix: ${madeOfText}`],
  ["value",                [program, [1, 2]],                     "value wants values by their names, not a list\n  fix: { x: [1, 2], … }"],
  ["bind",                 [definition, {}],                      `bind wants a program or a derivation, not a definition\n  fix: ${madeOfText}`],
  ["print",                [program],                             "print wants an expression, not a program\n  fix: the body of a definition is one"],
  ["print",                [definition.body, null],               "printing wants its options by name, not null\n  fix: { }, or nothing"],
  ["printDefinition",      [definition.body],                     "printDefinition wants a definition, not an expression\n  fix: program.definitions holds some"],
  ["printProgram",         [program],                             "printProgram wants a list of definitions, not a program\n  fix: program.definitions is one"],
  ["latex",                [new Float64Array(2)],                 "latex wants an expression, not a Float64Array\n  fix: the body of a definition is one"],
  ["latexDefinition",      [() => 1],                             "latexDefinition wants a definition, not a function\n  fix: program.definitions holds some"],
  ["latexProgram",         [program],                             "latexProgram wants a list of definitions, not a program\n  fix: program.definitions is one"],
  ["resolve",              ["x^2"],                               'resolve wants a program\'s syntax, not the text "x^2"\n  fix: fromMathjs makes one of a tree, and parse a program of text at once'],
  ["fromMathjs",           [null],                                "this is not a tree of mathjs\n  fix: parse the text with mathjs first"],
];

describe("a function of the library", () => {
  for (const [name, args, message] of refused)
    it(`refuses another kind of argument in words: ${message.split("\n")[0]}`, () => {
      assert.throws(() => api[name]!(...args), UserError, new RegExp(`^${escaped(message)}$`, "u"));
    });

  it("that checks refuses them, too, and takes a gradient as a kernel returns it", async () => {
    const at = { x: [1, 2], w: [3, 4] };
    const { gradients } = dscore.compile(dscore.differentiate(program))(at);
    assert.equal((await dscore.check(program, { at, gradients })).verdict, "correct");
    const wrong = await dscore.check(program, { at, gradients: { x: [6, 15] } });
    assert.equal(wrong.verdict, "bug");
    const scaled = dscore.parse("a^2");
    assert.equal((await dscore.check(scaled, { at: { a: 3 }, gradients: { a: 6 } })).verdict, "correct");
    for (const [args, message] of [
      [[derivation, { at, gradients }], "check wants a program, not a derivation"],
      [[program], "check wants its options by name, not undefined"],
      [[program, { point: at }], "check has no option point"],
      [[program, { at, gradients: 3 }], "check({ gradients }) wants values by their names, not 3"],
      [[program, { gradients }], "check({ at }) wants values by their names, not undefined"],
      [[program, { at, gradients: { x: "6" } }], 'dx = "6" is not an array'],
      [[program, { at, gradients: { x: [6] } }], "the gradient by x has the shape [1] and 1 values, not [2]"],
    ] as const) {
      const said: unknown = await Promise.resolve(api["check"]!(...args)).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.instanceOf(said, UserError);
      assert.equal((said as Error).message.split("\n")[0], message);
    }
  });

  // prettier-ignore
  const unbuilt: readonly (readonly [() => unknown, string])[] = [
    [() => api.build["define"]!("f", "i", 1),          'the indices of f are the text "i", not a list\n  fix: define("f", [i], …), and [] for a number'],
    [() => api.build["define"]!("f", ["i"], 1),        'a formula or a number is wanted, not the text "i"'],
    [() => api.build["define"]!("f", [], undefined),   "a formula or a number is wanted, not undefined"],
    [() => api.build["program"]!(),                    "a program needs a definition"],
    [() => api.build["program"]!(undefined),           'a program is made of definitions, not undefined\n  fix: program(define("loss", [], …))'],
    [() => api.build["tensor"]!(null),                 "a name is text, not null"],
    [() => dscore.hessianVectorProduct(program, "x", "v w"), '"v w" is not a name\n  fix: a name is a letter, then letters, digits and _'],
  ];
  for (const [call, message] of unbuilt)
    it(`that builds refuses them, too: ${message.split("\n")[0]}`, () => {
      assert.throws(call, UserError, new RegExp(`^${escaped(message)}$`, "u"));
    });
});

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
