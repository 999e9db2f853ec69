import { assert } from "chai";
import { UserError } from "../../../lib/errors.ts";
import { entry } from "../../../lib/catalogue.ts";
import { checkAgainst, pointsFor } from "../../../lib/check/against.ts";
import { isCode, openForeign } from "../../../lib/check/foreign/foreign.ts";
import { generate } from "../../../lib/generate.ts";
import { differentiate } from "../../../lib/diff/differentiate.ts";
import { parse } from "../../../lib/parse.ts";
import { file, hasNumPy, studentHinge } from "./files.ts";

const hinge = parse(entry("hinge")!.text);
const options = { timeLimit: 20_000 };

async function found(against: string, program = hinge, points = 6) {
  const foreign = await openForeign(against, program, options);
  return checkAgainst(foreign, await pointsFor(program, foreign, points, 1), { seed: 1 });
}

async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return "nothing was refused";
}

describe("check/foreign", () => {
  it("knows code from numbers by its name", () => {
    for (const path of ["a.js", "b.mjs:f", "./c/d.py:svm_loss", "C:\\x.py:f", "e.cjs", "f.ts"])
      assert.isTrue(isCode(path), path);
    for (const path of ["g.json", "g.npz", "js", "a.json:W"]) assert.isFalse(isCode(path), path);
  });

  describe("JavaScript", () => {
    it("passes a student's hinge loss, and its mirror at ties", async () => {
      for (const margin of ["m > 0", "m >= 0"]) {
        const { verdict, loss } = await found(file("right.mjs", studentHinge("svm", { margin })));
        assert.include(["correct", "correct-at-kink"], verdict);
        assert.isUndefined(loss);
      }
    });

    it("tells which mistake a wrong one makes", async () => {
      const path = file(
        "halved.mjs",
        studentHinge("svm", { last: "W.forEach((row, d) => row.forEach((w, c) => (dW[d][c] -= reg * w)));" }),
      );
      const { verdict, diagnosis } = await found(path);
      assert.equal(verdict, "bug");
      assert.match(diagnosis!, /^your dW is what you get when (?:the factor 2 is missing|reg counts half)/u);
    });

    it("tells of another loss first", async () => {
      const { loss, verdict } = await found(file("more.mjs", studentHinge("svm", { last: "loss += 1;" })));
      assert.include(["correct", "correct-at-kink"], verdict);
      assert.closeTo(loss!.theirs - loss!.ours, 1, 1e-6);
    });

    it("names a transposed gradient", async () => {
      const path = file(
        "turned.mjs",
        studentHinge("svm", { last: "return [loss, dW[0].map((_, c) => dW.map((row) => row[c]))];" }),
      );
      const { verdict, report } = await found(path, hinge, 1);
      assert.equal(verdict, "bug");
      assert.match(
        report.reason!,
        /^dW has the shape \d+ × \d+, but W has \d+ × \d+; its transpose is the gradient$/u,
      );
    });

    it("does not pass NaN", async () => {
      assert.equal(
        (await found(file("nan.mjs", studentHinge("svm", { last: "dW[0][0] = NaN;" })), hinge, 2)).verdict,
        "bug",
      );
    });

    it("passes the code that dscore generates, layers too", async () => {
      for (const name of ["softmax-logsumexp", "affine", "huber"]) {
        const program = parse(entry(name)!.text);
        const { code } = generate(differentiate(program), { target: "js" });
        const { verdict } = await found(file(`${name}.mjs`, code), program, 4);
        assert.include(["correct", "correct-at-kink"], verdict, name);
      }
    });

    it("takes inputs by name, from an object, and gradients by name", async () => {
      const program = parse("loss = sum(i, (a * x[i] - t[i])^2)");
      const rest =
        "const dx = x.map((v, i) => 2 * a * (a * v - t[i])); const da = x.reduce((s, v, i) => s + 2 * v * (a * v - t[i]), 0);";
      const value = "const loss = x.reduce((s, v, i) => s + (a * v - t[i]) ** 2, 0);";
      for (const head of [
        "function f(t, x, a)",
        "function f({ x, t, a })",
        "const f = (x, /* (the rest) */ t, a = 1) =>",
      ]) {
        const body = `{ ${value} ${rest} return { loss, gradients: { x: dx, a: da } }; }`;
        const { verdict, report } = await found(
          file("named.mjs", `${head} ${body}\nexport { f };`),
          program,
          3,
        );
        assert.equal(verdict, "correct", head);
        assert.sameMembers([...report.gradients.keys()], ["x", "a"]);
      }
    });

    it("holds the scalars that a function does not take at what its loss says", async () => {
      const { notes, verdict } = await found(
        file(
          "unpenalized.mjs",
          `${studentHinge("svm").replace("export ", "")}export const f = (W, X, y) => svm(W, X, y, 0);`,
        ),
      );
      assert.include(["correct", "correct-at-kink"], verdict);
      assert.deepEqual(notes, [
        "f of unpenalized.mjs does not take Delta: checked at Delta = 1",
        "f of unpenalized.mjs does not take reg: checked at reg = 0",
      ]);
    });

    it("refuses what it cannot run, in words", async () => {
      const two = file("two.mjs", `${studentHinge("first")}${studentHinge("second")}`);
      assert.equal(
        await refusal(() => found(`${two}:third`)),
        "there is no function third in two.mjs; it has first, second",
      );
      assert.equal(
        await refusal(() => found(two)),
        "two.mjs has 2 functions: first, second\n  fix: choose one: two.mjs:first",
      );
      assert.equal(
        await refusal(() => found(file("none.mjs", "export const x = 1;"))),
        "none.mjs has no functions",
      );
      assert.equal(
        await refusal(() => found(file("other.mjs", "export function f(a, b) {}"))),
        "f(a, b) does not take the inputs of the loss, X, W, y, Delta, reg\n  fix: name its parameters after them: f(X, W, y, Delta, reg)",
      );
      assert.equal(
        await refusal(() => found(file("empty.mjs", "export function f(W, X, y, reg) {}"))),
        "f of empty.mjs returned undefined, in which there is no gradient\n  fix: return [loss, dX], or {loss, dX, dW, dreg}"
          .replace("[loss, dX]", "[loss, dW]")
          .replace("dX, dW", "dW, dX"),
      );
      assert.equal(
        await refusal(() =>
          found(file("throws.mjs", "export function f(W, X, y, reg) {\n  return W.no.such;\n}")),
        ),
        "throws.mjs, line 2 failed: TypeError: Cannot read properties of undefined (reading 'such')",
      );
      assert.match(
        await refusal(() => found(file("syntax.mjs", "export function f( {"))),
        /^syntax\.mjs.* cannot be loaded: SyntaxError: /u,
      );
      assert.equal(
        await refusal(() => found(file("quits.mjs", "export function f(W, X, y, reg) { process.exit(4); }"))),
        "quits.mjs ended its process with code 4 before it returned",
      );
      assert.equal(
        await refusal(() => found("/nowhere/at/all.js")),
        "cannot read /nowhere/at/all.js: there is no such file",
      );
    });

    it("ends a function that does not end", async () => {
      const path = file("endless.mjs", "export function f(W, X, y, reg) { for (;;); }");
      const foreign = await openForeign(path, hinge, { timeLimit: 1500 });
      const points = [(await pointsFor(hinge, { ...foreign, held: [] }, 1, 1))[0]!];
      assert.equal(
        await refusal(() => foreign.at(points)),
        "endless.mjs had not ended after 1.5 s\n  fix: check it at a smaller point",
      );
    });
  });

  const python = `
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    N = X.shape[0]
    rows = np.arange(N)
    s = X.dot(W)
    m = np.maximum(0, s - s[rows, y][:, None] + 1)
    m[rows, y] = 0
    mask = (m > 0).astype(float)
    mask[rows, y] = -mask.sum(axis=1)
    return m.sum() / N + reg * np.sum(W * W), X.T.dot(mask) / N + 2 * reg * W

def kept_boolean(W, X, y, reg):
    N = X.shape[0]
    rows = np.arange(N)
    s = X.dot(W)
    m = np.maximum(0, s - s[rows, y][:, None] + 1)
    m[rows, y] = 0
    mask = m > 0
    mask[rows, y] = -mask.sum(axis=1)
    return m.sum() / N + reg * np.sum(W * W), X.T.dot(mask) / N + 2 * reg * W

def fails(W, X, y, reg):
    print("not in the report")
    return W @ y
`;

  describe("Python", () => {
    before(function () {
      if (!hasNumPy) {
        process.stdout.write("      no Python with NumPy (DSCORE_PYTHON): left out\n");
        this.skip();
      }
    });

    it("passes CS231n's vectorized hinge loss", async () => {
      assert.include(
        ["correct", "correct-at-kink"],
        (await found(`${file("svm.py", python)}:svm_loss_vectorized`)).verdict,
      );
    });

    it("tells that the mask stayed boolean, with the numbers", async () => {
      const { diagnosis } = await found(`${file("svm.py", python)}:kept_boolean`, hinge, 12);
      assert.match(
        diagnosis!,
        /^your dW is what you get when the mask stays boolean, .*: in dscore at i = \d stands 1 where -\d was meant$/u,
      );
    });

    it("shows the line of an exception in the user's file", async () => {
      assert.match(
        await refusal(() => found(`${file("svm.py", python)}:fails`)),
        /^svm\.py, line 26 failed: ValueError: matmul/u,
      );
    });
  });
});
