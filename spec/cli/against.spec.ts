import { writeFileSync } from "node:fs";
import { assert } from "chai";
import { file, folder, hasNumPy, studentHinge } from "../check/foreign/files.ts";
import { called } from "./called.ts";

const point = JSON.stringify({
  X: [
    [1, 2],
    [-1, 0.5],
  ],
  W: [
    [0.3, -0.2, 0.1],
    [0.5, 0.4, -0.6],
  ],
  y: [0, 2],
  Delta: 1,
  reg: 0.5,
});

interface Found {
  readonly verdict: string;
  readonly diagnosis?: string;
  readonly gradients: { readonly W: { readonly verdict: string; readonly coordinates: readonly unknown[] } };
}

describe("dscore check --against", () => {
  it("checks a JavaScript function at generated points", async () => {
    const { code, out, err } = await called([
      "check",
      "hinge",
      "--against",
      file("svm.mjs", studentHinge("svm")),
      "--points",
      "5",
    ]);
    assert.equal(err, "");
    assert.equal(code, 0, out);
    assert.match(out, /^correct(?:-at-kink)? {2}svm of svm\.mjs as the gradient of hinge\n/u);
    assert.include(out, "svm of svm.mjs does not take Delta: checked at Delta = 1");
  });

  it("explains a wrong one at a given point, as text and as JSON", async () => {
    const against = file(
      "unscaled.mjs",
      studentHinge("svm", {
        last: "dW.forEach((row, d) => row.forEach((g, c) => (row[c] = g - 2 * reg * W[d][c])));",
      }),
    );
    const input = file("point.json", point);
    const { code, out } = await called(["check", "hinge", "--against", `${against}:svm`, "--input", input]);
    assert.equal(code, 1);
    assert.include(out, "your dW is what you get when the term 2 * reg * W[d,j] is missing");
    const json = await called(["check", "hinge", "--against", against, "--input", input, "--json"]);
    const found = JSON.parse(json.out) as Found;
    assert.equal(found.verdict, "bug");
    assert.equal(found.gradients.W.verdict, "bug");
    assert.lengthOf(found.gradients.W.coordinates, 6);
    assert.match(found.diagnosis!, /2 \* reg \* W\[d,j\] is missing/u);
  });

  it("checks gradients in a file, as eval prints them or by name, and diagnoses them", async () => {
    const input = file("point.json", point);
    const evaluated = await called(["eval", "hinge", "--input", input, "--json"]);
    assert.equal(
      (await called(["check", "hinge", "--input", input, "--against", file("result.json", evaluated.out)]))
        .code,
      0,
    );
    const { gradients } = JSON.parse(evaluated.out) as {
      gradients: { W: { shape: number[]; data: number[] } };
    };
    const { shape, data } = gradients.W;
    const doubled = file("doubled.json", JSON.stringify({ dW: { shape, data: data.map((g) => 2 * g) } }));
    const { code, out } = await called(["check", "hinge", "--input", input, "--against", doubled]);
    assert.equal(code, 1);
    assert.match(out, /\n {2}your dW is what you get when the whole gradient is doubled\n$/u);
  });

  it("makes no diagnosis where it is not known that there is a mistake", async () => {
    const jump = ["check", "-e", "(x > 0 ? 3 : 2) * a^2"];
    const input = file("jump.json", JSON.stringify({ x: 0, a: 1 }));
    const gradients = file("jump-gradients.json", JSON.stringify({ x: 0, a: 4 }));
    const { code, out } = await called([...jump, "--input", input, "--against", gradients]);
    assert.equal(code, 1);
    assert.match(out, /^inconclusive /u);
    assert.notInclude(out, "what you get when");
    assert.notInclude((await called([...jump, "--input", input])).out, "what you get when");
  });

  it("answers a wrong shape with a verdict, not with an error", async () => {
    const input = file("point.json", point);
    const path = file(
      "turned.json",
      JSON.stringify({
        W: [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      }),
    );
    const { code, out, err } = await called(["check", "hinge", "--input", input, "--against", path]);
    assert.deepEqual([code, err], [1, ""]);
    assert.match(
      out,
      /^bug {2}hinge: dW has the shape 3 × 2, but W has 2 × 3, which is the transposed shape\n/u,
    );
  });

  it("tells usage errors with exit code 2", async () => {
    const path = file("broken.mjs", "export function f(W, X, y, reg) { throw new Error('so\\nmuch'); }");
    assert.deepEqual(await called(["check", "hinge", "--against", path]), {
      code: 2,
      out: "",
      err: "error: broken.mjs, line 1 failed: Error: so\n",
    });
    const typed = file("svm.ts", "");
    assert.equal(
      (await called(["check", "hinge", "--against", typed])).err,
      "error: svm.ts is TypeScript, which has to be compiled first\n  fix: give the .js file\n",
    );
  });

  it("runs Python with NumPy", async function () {
    if (!hasNumPy) this.skip();
    writeFileSync(
      `${folder}/mse.py`,
      "def mse(x, t):\n    return ((x - t) ** 2).mean(), 2 * (x - t) / x.size\n",
    );
    const { code, out } = await called([
      "check",
      "-e",
      "loss = mean(i, (x[i] - t[i])^2)",
      "--against",
      `${folder}/mse.py`,
      "--points",
      "4",
    ]);
    assert.equal(code, 0, out);
  });
});
