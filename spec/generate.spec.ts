import { assert } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { compile } from "../lib/compile.ts";
import { differentiate } from "../lib/diff/differentiate.ts";
import type { Derivation } from "../lib/diff/derivation.ts";
import { UserError } from "../lib/errors.ts";
import { at, index, num, read, reduce } from "../lib/expr/node.ts";
import { axisExtent } from "../lib/expr/extent.ts";
import { generate } from "../lib/generate.ts";
import { parse } from "../lib/parse.ts";
import { zoo } from "./zoo.ts";

const styles = ["loops", "fused"] as const;
const hinge = zoo[0]!;

const plain = (code: string): string => code.replaceAll(/\s+/gu, " ");

/** What the compiler has against files. */
function complaints(files: ReadonlyMap<string, string>, options: ts.CompilerOptions): readonly string[] {
  const base = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...base,
    fileExists: (name) => files.has(name) || base.fileExists(name),
    readFile: (name) => files.get(name) ?? base.readFile(name),
    getSourceFile: (name, language) => {
      const text = files.get(name);
      return text === undefined
        ? base.getSourceFile(name, language)
        : ts.createSourceFile(name, text, language);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map((d) => {
    const text = ts.flattenDiagnosticMessageText(d.messageText, "\n");
    const line = d.file?.text.slice(0, d.start).split("\n").length ?? 0;
    return `${d.file?.fileName ?? ""}:${line} ${text}\n${d.file?.text.split("\n")[line - 1] ?? ""}`;
  });
}

describe("generated TypeScript", () => {
  it("compiles alone under strict options, for every program of the zoo in every style", function () {
    this.timeout(60_000);
    const files = new Map<string, string>();
    for (const [n, { text }] of zoo.entries())
      for (const style of styles) {
        const precision = n % 3 === 0 ? "float32" : "float64";
        const { code } = generate(differentiate(parse(text)), { target: "ts", style, precision });
        files.set(`zoo${n}-${style}.ts`, code);
      }
    const options: ts.CompilerOptions = {
      strict: true,
      noUncheckedIndexedAccess: true,
      noUnusedLocals: true,
      noImplicitReturns: true,
      exactOptionalPropertyTypes: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ES2022,
      lib: ["lib.es2022.d.ts"],
      types: [],
      noEmit: true,
      skipLibCheck: true,
    };
    assert.deepEqual(complaints(files, options), []);
  });

  it("is the generated JavaScript with types", () => {
    for (const style of styles) {
      const [js, typed] = (["js", "ts"] as const).map(
        (target) => generate(differentiate(parse(hinge.text)), { target, style }).code,
      );
      const { outputText } = ts.transpileModule(typed!, {
        compilerOptions: { target: ts.ScriptTarget.ES2022, removeComments: true },
      });
      const bare = ts.transpileModule(js!, {
        compilerOptions: { target: ts.ScriptTarget.ES2022, removeComments: true, allowJs: true },
        fileName: "a.js",
      });
      assert.equal(plain(outputText), plain(bare.outputText));
    }
  });
});

describe("generated code", () => {
  it("names the function after the output, or as it is told to", () => {
    const derivation = differentiate(parse(hinge.text));
    assert.include(generate(derivation, { target: "ts" }).code, "export function loss(");
    assert.include(
      generate(derivation, { target: "ts", name: "svm", style: "fused" }).code,
      "export function createSvm(",
    );
    assert.equal(generate(derivation, { target: "js", name: "class" }).entry, "class2");
  });

  it("in single precision has arrays of that precision, and adds up in doubles", () => {
    for (const style of styles) {
      const { code, precision } = generate(differentiate(parse(hinge.text)), {
        target: "ts",
        style,
        precision: "float32",
      });
      assert.equal(precision, "float32");
      assert.match(
        code,
        /interface Tensor \{\s*readonly shape: readonly number\[\];\s*readonly data: Float32Array;/u,
      );
      assert.match(code, /const dW = new Float64Array\(D \* C\);[\s\S]*dW_rounded\.set\(dW\);/u);
    }
  });

  it("allocates nothing in a bare kernel", () => {
    for (const { text, title } of zoo) {
      const { code } = generate(differentiate(parse(text)), { target: "js", style: "fused" });
      const kernel = /return function kernel[\s\S]*?\n {2}\};/u.exec(code)![0];
      assert.notMatch(kernel, /\bnew\b|\[\]|\{ *\}|=>/u, title);
    }
  });

  // prettier-ignore
  const refused = [
    [{ target: "cobol" },                      'there is no target named "cobol"\n  fix: choose js or ts or wasm'],
    [{ target: "js", style: "vectorized" },    'there is no style of js named "vectorized"\n  fix: choose loops or fused'],
    [{ target: "js", precision: "half" },      'there is no precision named "half"\n  fix: choose float64 or float32'],
    [{ target: "__proto__" },                  'there is no target named "__proto__"\n  fix: choose js or ts or wasm'],
  ] as const;
  for (const [options, message] of refused)
    it(`is refused: ${JSON.stringify(options)}`, () => {
      const derivation = differentiate(parse("loss = x^2"));
      try {
        generate(derivation, options);
        assert.fail("nothing was thrown");
      } catch (error) {
        assert.instanceOf(error, UserError);
        assert.equal((error as UserError).message, message);
      }
    });
});

/** A derivation with these names, which no parser would let through. */
function derivation(input: string, label: string, definition: string): Derivation {
  const rows = axisExtent(input, 0);
  const i = index(`i${input}`, rows);
  const gather = read(input, [read(label, [at(i)], "int")]);
  const body = reduce("sum", i, undefined, gather);
  const program = {
    inputs: [
      { name: input, type: "real", shape: [rows], places: [undefined] },
      { name: label, type: "int", shape: [rows], places: [undefined] },
    ],
    definitions: [{ name: definition, indices: [], body }],
    bounds: [
      {
        array: input,
        axis: 0,
        subscript: read(label, [at(i)], "int"),
        over: [i],
        guard: undefined,
        extent: rows,
      },
    ],
  } as const;
  const gradient = { name: `d${input}`, indices: [i], body: num(1) };
  return {
    ...program,
    program,
    wrt: [input],
    definitions: [...program.definitions, gradient],
    value: definition,
    gradients: new Map([[input, gradient.name]]),
    steps: [],
  };
}

describe("text of the user in generated code", () => {
  const evil = [
    "*/ globalThis.harmed = true; /*",
    "x\u2028globalThis.harmed = true;",
    "`${globalThis.harmed = true}`",
    "\nglobalThis.harmed = true;//",
    '"];globalThis.harmed = true;["',
  ];

  for (const text of evil)
    for (const style of styles)
      it(`is harmless: ${JSON.stringify(text)}, ${style}`, () => {
        const kernel = compile(derivation(`X${text}`, `y${text}`, `loss${text}`), { style });
        const inputs = (label: number) => ({
          [`X${text}`]: { shape: [2], data: new Float64Array([3, 5]) },
          [`y${text}`]: { shape: [2], data: new Int32Array([label, 1]) },
        });
        assert.equal(kernel.run(inputs(0)).value, 8);
        assert.throws(() => kernel.run(inputs(7)), /= 7 is outside 0 ≤ /u);
        assert.notProperty(globalThis, "harmed");
      });
});

describe("the golden file of generated code", () => {
  it("is what the hinge loss gives now; UPDATE_GOLDEN=1 rewrites it", () => {
    const path = new URL("golden/hinge-code.txt", import.meta.url);
    const derivation = differentiate(parse(hinge.text), { wrt: ["W"] });
    const now = styles
      .map((style) => `// style ${style}\n\n${generate(derivation, { target: "ts", style }).code}`)
      .join("\n");
    if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(path, now);
    assert.equal(now, readFileSync(path, "utf8"));
  });
});
