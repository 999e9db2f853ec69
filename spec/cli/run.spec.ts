import { assert } from "chai";
import { verbs } from "../../lib/cli/verbs.ts";
import { common } from "../../lib/cli/verb.ts";
import { words } from "../documents.ts";
import { called } from "./called.ts";

/** What is called, what is on standard input, and all of what is printed. */
type Row = readonly [command: string, input: string, printed: string];

// prettier-ignore
const answered: readonly Row[] = [
  ["derive -e 'mean(i, (seen[i] - told[i])^2)'", "", `definition
  mean(i, (seen[i] - told[i])^2)

closed form
  loss     = mean(i, (seen[i] - told[i])^2)
  dseen[i] = 2 * (seen[i] - told[i]) / N
  dtold[i] = 2 * (told[i] - seen[i]) / N

where
  seen   N
  told   N
`],
  ["derive -e 'a * x^2 + b' --wrt a b", "", `definition
  a * x^2 + b

closed form
  loss = a * x^2 + b
  da   = x^2
  db   = 1
`],
  ["derive -e 'a * x^2 + b' --wrt a,b", "", `definition
  a * x^2 + b

closed form
  loss = a * x^2 + b
  da   = x^2
  db   = 1
`],
  ["derive -e 'a * x^2 + b' --wrt a --wrt b", "", `definition
  a * x^2 + b

closed form
  loss = a * x^2 + b
  da   = x^2
  db   = 1
`],
  ["derive --wrt a -e 'a * x^2 + b'", "", `definition
  a * x^2 + b

closed form
  loss = a * x^2 + b
  da   = x^2
`],
  ["derive -e -x^2", "", `definition
  -x^2

closed form
  loss = -x^2
  dx   = -2 * x
`],
  ["derive - --wrt seen --steps", "mean(i, (seen[i] - told[i])^2)", `definition
  mean(i, (seen[i] - told[i])^2)

closed form
  loss     = mean(i, (seen[i] - told[i])^2)
  dseen[i] = 2 * (seen[i] - told[i]) / N

where
  seen   N
  told   N

steps
  loss  derivative of pow
      (seen[i] - told[i])^2
    = 2 * (seen[i] - told[i])
  dseen  sift
      sum(i, 2 * (seen[i] - told[i]) * [i == j] / N)
    = 2 * (seen[j] - told[j]) / N
`],
  ["derive -e 'mean(i, (seen[i] - told[i])^2)' --wrt seen --format latex", "", `\\begin{aligned}
  \\mathrm{loss} &= \\frac{1}{N} \\sum_{i} \\left(\\mathrm{seen}_i - \\mathrm{told}_i\\right)^{2} \\\\
  \\mathrm{dseen}_i &= \\frac{2 \\left(\\mathrm{seen}_i - \\mathrm{told}_i\\right)}{N}
\\end{aligned}
`],
  ["derive -e 'x^2' --json", "", `{"inputs":[{"name":"x","type":"real","shape":[]}],"sizes":{},"definitions":[{"name":"loss","indices":[],"text":"loss = x^2","latex":"\\\\mathrm{loss} = x^{2}"},{"name":"dx","indices":[],"text":"dx = 2 * x","latex":"\\\\mathrm{dx} = 2 x"}],"value":"loss","gradients":{"x":"dx"},"steps":[{"definition":"loss","rule":"derivative of pow","before":"x^2","after":"2 * x"}]}
`],
  ["derive -e 'mean(i, seen[i])' --json", "", `{"inputs":[{"name":"seen","type":"real","shape":["extent(seen, 0)"]}],"sizes":{"N":"extent(seen, 0)"},"definitions":[{"name":"loss","indices":[],"text":"loss = mean(i, seen[i])","latex":"\\\\mathrm{loss} = \\\\frac{1}{N} \\\\sum_{i} \\\\mathrm{seen}_i"},{"name":"dseen","indices":["i"],"text":"dseen[i] = 1 / extent(seen, 0)","latex":"\\\\mathrm{dseen}_i = \\\\frac{1}{N}"}],"value":"loss","gradients":{"seen":"dseen"},"steps":[{"definition":"dseen","rule":"sift","before":"sum(i, [i == j] / extent(seen, 0))","after":"1 / extent(seen, 0)"}]}
`],
  ["eval -e 'mean(i, (x[i] - t[i])^2)' --input - --json", "{\"x\": [1, 2], \"t\": [0, 4]}", `{"value":2.5,"gradients":{"x":{"shape":[2],"data":[1,-2]},"t":{"shape":[2],"data":[-1,2]}}}
`],
  ["eval -e 'mean(i, (x[i] - t[i])^2)' --input - --target reference", "{\"x\": [1, 2], \"t\": [0, 4], \"more\": 1}", `loss = 2.5
dx  2
   1  -2
dt  2
  -1   2
`],
  ["eval -e 'sum(i, j, M[i,j]^2)' --input -", "{\"M\": [[1, 2], [3, 4.5]]}", `loss = 34.25
dM  2 × 2
  2  4
  6  9
`],
  ["eval -e 'out[i] = relu(x[i])' --input - --json", "{\"x\": [1, -1], \"dout\": [2, 3]}", `{"value":{"shape":[2],"data":[1,0]},"gradients":{"x":{"shape":[2],"data":[2,0]}}}
`],
  ["eval -e 'log(x)' --input - --json", "{\"x\": 0}", `{"value":"-Infinity","gradients":{"x":{"shape":[],"data":["Infinity"]}}}
`],
  ["eval -e 'log(x)' --input - --json", "{\"x\": \"NaN\"}", `{"value":"NaN","gradients":{"x":{"shape":[],"data":["NaN"]}}}
`],
  ["check -e 'x^2' --input -", "{\"x\": 3}", `correct  loss
  dx  correct
  6 evaluations, seed 1
`],
  ["check -e 'x^2' --points 5", "", `correct  loss at 5 generated points: 5 correct
  no kinks
`],
  ["check -e 'sqrt(sum(i, x[i]^2))' --points 40", "", `correct-at-kink  loss at 40 generated points: 32 correct, 8 correct-at-kink
  no kinks but where a length is 0
`],
];

// prettier-ignore
const refused: readonly Row[] = [
  ["lst", "", `there is no verb "lst"
  fix: did you mean list?`],
  ["--wrt", "", `the command line begins with a verb, not "--wrt"
  fix: choose among ${Object.keys(verbs).join(", ")}`],
  ["xyzzy", "", `there is no verb "xyzzy"
  fix: choose among ${Object.keys(verbs).join(", ")}`],
  ["'derive\u0007'", "", `there is no verb "deriveU+0007"
  fix: did you mean derive?`],
  ["derive", "", `no loss is given
  fix: a name in the catalogue (dscore list), a file, or -e 'text'`],
  ["derive ''", "", `no loss is given
  fix: a name in the catalogue (dscore list), a file, or -e 'text'`],
  ["derive -", "# nothing", `standard input: there is no definition in the text
  fix: write one, such as loss = sum(i, x[i]^2)`],
  ["derive - --wrt b", "loss = a", `there is no b to differentiate with respect to
  fix: choose among a`],
  ["derive hing", "", `there is no hing in the catalogue, and no such file
  fix: did you mean hinge, squared-hinge?`],
  ["derive x^2", "", `there is no x^2 in the catalogue, and no such file
  fix: to give a loss as text, write -e 'x^2'`],
  ["derive hinge -e x", "", `two losses are given, "hinge" and -e
  fix: give one of them`],
  ["derive hinge softmax", "", `dscore derive does not know what to do with "softmax"
  fix: dscore derive LOSS [--wrt NAME…] [--hessian NAME] [--hvp NAME] [--format text|latex|html|json] [--steps] [--stable]`],
  ["derive hinge --wrt", "", `--wrt wants a value
  fix: --wrt NAME`],
  ["derive hinge --wrt --steps", "", `--wrt wants a value
  fix: --wrt NAME`],
  ["derive hinge --wrt ,", "", `--wrt names nothing
  fix: --wrt NAME`],
  ["derive hinge --wrt Q", "", `there is no Q to differentiate with respect to
  fix: choose among X, W, Delta, reg`],
  ["derive hinge --wrt y", "", `y holds integers, so nothing can be differentiated with respect to it
  fix: choose among X, W, Delta, reg`],
  ["derive hinge --format pdf", "", `--format cannot be "pdf"
  fix: choose among text, latex, html, json`],
  ["derive hinge --fromat html", "", `dscore derive has no --fromat
  fix: did you mean --format?`],
  ["derive hinge -q", "", `dscore derive has no -q
  fix: see dscore derive --help`],
  ["derive hinge --steps --steps", "", `--steps is given twice`],
  ["derive hinge --steps=1", "", `--steps takes no value`],
  ["derive --expression=", "", `there is no definition in the text
  fix: write one, such as loss = sum(i, x[i]^2)`],
  ["derive -e 'sun(i, x[i])'", "", `line 1, column 1: there is no function sun
  sun(i, x[i])
  ^
  fix: did you mean sum?`],
  ["derive -", "x = 1\nloss = x +", `standard input: line 2, column 11: expected a number, a name or a bracket, found the end of the text
  loss = x +
            ^`],
  ["derive lib", "", `lib is a folder
  fix: give a file in it`],
  ["derive examples/point.json", "", `examples/point.json: line 1, column 1: "{" is not of the language
  {
  ^
  fix: write ( for grouping, [ for subscripts`],
  ["eval hinge", "", `no point is given
  fix: --input FILE`],
  ["eval hinge --input nowhere.json", "", `cannot read nowhere.json: there is no such file or folder`],
  ["eval -e 'sum(i, x[i] * t[i])' --input -", "{\"x\": [1, 2]}", `no value is given for t[i]`],
  ["eval -e 'sum(i, x[i] * t[i])' --input -", "{\"x\": [1, 2], \"t\": [1, 2, 3]}", `x has 2 along i (x[i], line 1, column 10) but t has 3 along i (t[i], line 1, column 17)`],
  ["eval -e 'sum(i, x[i, y[i]])' --input -", "{\"x\": [[1, 2]], \"y\": [2]}", `line 1, column 13: y[0] = 2, but x[i,y[i]] needs 0 ≤ y[0] < 2
  sum(i, x[i, y[i]])
              ^
  fix: count from 0: the last is 1`],
  ["eval -e 'out[i] = relu(x[i])' --input - --wrt x", "{\"x\": [1, -1]}", `out is a layer: its gradients need dout of shape 2 among the inputs`],
  ["eval - --input -", "x", `the loss and its inputs cannot both be standard input`],
  ["eval hinge --input examples/point.json --target c", "", `--target cannot be "c"
  fix: choose among js, wasm, reference`],
  ["generate hinge", "", `no target is given
  fix: --target js, ts or wasm`],
  ["generate hinge --target c", "", `the target c is not built yet: js, ts and wasm are`],
  ["generate hinge --target cobol", "", `there is no target named "cobol"
  fix: choose js or ts or wasm`],
  ["generate hinge --target js --style vectorized", "", `there is no style of js named "vectorized"
  fix: choose loops or fused`],
  ["generate hinge --target js --precision half", "", `--precision cannot be "half"
  fix: choose among float64, float32`],
  ["generate hinge --target js --threads 2", "", `--threads is for the target wasm, not js
  fix: --target wasm, or no --threads`],
  ["generate hinge --target wasm --threads two", "", `--threads is "two", not a whole number
  fix: from 1 to 64`],
  ["generate hinge --target wasm --threads 65", "", `there cannot be 65 threads
  fix: a whole number from 1 to 64`],
  ["generate hinge --target js -o x.wasm", "", `x.wasm would hold a module of JavaScript, not WebAssembly
  fix: --target wasm, or -o x.js`],
  ["generate hinge --target ts -o x.js", "", `x.js would hold TypeScript, not a module of JavaScript
  fix: --target js, or -o x.ts`],
  ["generate hinge --target wasm -o x.ts", "", `x.ts would hold a module of JavaScript, not TypeScript
  fix: --target ts, or -o x.js`],
  ["generate hinge --target js -o a/x.PY", "", `a/x.PY would hold a module of JavaScript, not Python
  fix: -o a/x.js`],
  ["generate hinge --target js -o x.cjs", "", `x.cjs would hold a module of JavaScript, not CommonJS
  fix: -o x.js`],
  ["kinks hinge --wrt W --wrt X", "", `--wrt names 2 arrays, but the slice is along one
  fix: --wrt W`],
  ["derive hinge --hessian W --wrt W", "", `--wrt and --hessian exclude each other
  fix: the second derivative is by the name after its own flag`],
  ["hinge", "", `there is no verb "hinge"
  fix: a verb comes first: dscore derive hinge`],
  ["derive -e 'loss = softmax(j, s[j])'", "", `line 1, column 8: there is no function softmax
  loss = softmax(j, s[j])
         ^
  fix: write it out: exp(s[j] - logsumexp(k, s[k]))`],
  ["accuracy hinge --plot hinge.gif", "", `--plot hinge.gif is neither .svg nor .png`],
  ["eval -e 'loss = sum(i, w[i])' --input -", '{"W": [1]}', `no value is given for w[i]
  fix: rename what is given and not read: W`],
  ["generate hinge --target js -o no/such/folder/x.js", "", `cannot write no/such/folder/x.js: there is no such file or folder`],
  ["generate hinge --target js -o package.json/x.js", "", `cannot write package.json/x.js: there is no such directory`],
  ["check hinge --points 0", "", `--points is 0, but must be 1 at least`],
  ["check hinge --seed x", "", `--seed is "x", not a whole number`],
  ["check hinge --against g.json", "", `--against wants the point at which the gradients are claimed
  fix: --input FILE`],
  ["list softmax", "", `dscore list does not know what to do with "softmax"
  fix: dscore list`],
];

describe("dscore", () => {
  for (const [command, input, printed] of answered)
    it(`answers: dscore ${command}`, async () => {
      assert.deepEqual(await called(words(command), input), { code: 0, out: printed, err: "" });
    });

  for (const [command, input, printed] of refused)
    it(`refuses: dscore ${command}`, async () => {
      assert.deepEqual(await called(words(command), input), { code: 2, out: "", err: `error: ${printed}\n` });
    });

  it("names every verb in its help", async () => {
    const { out } = await called(["--help"]);
    for (const [name, { about }] of Object.entries(verbs))
      assert.match(out, new RegExp(`^  dscore ${name} +${about}$`, "mu"));
    assert.deepEqual(await called([]), { code: 0, out, err: "" });
  });

  for (const [name, { load }] of Object.entries(verbs))
    it(`names every flag in the help of ${name}`, async () => {
      const { verb } = await load();
      const { code, out, err } = await called([name, "--help"]);
      assert.deepEqual(
        { code, err, begins: out.split("\n")[0] },
        { code: 0, err: "", begins: `dscore ${name} ${verb.usage}`.trim() },
      );
      for (const [flag, { about }] of Object.entries({ ...verb.flags, ...common }))
        assert.match(out, new RegExp(`--${flag}\\b`, "u"), about);
    });

  it("lists the catalogue, by name and as JSON", async () => {
    const { out } = await called(["list"]);
    const listed = JSON.parse((await called(["list", "--json"])).out) as {
      name: string;
      title: string;
      kind: string;
    }[];
    assert.include(
      listed.map(({ name }) => name),
      "softmax",
    );
    for (const { name, title } of listed)
      assert.match(out, new RegExp(`^  ${name} +${title.replaceAll(/[()]/gu, "\\$&")}$`, "mu"));
    assert.equal(listed.find(({ name }) => name === "affine")?.kind, "layer");
    assert.equal(listed.find(({ name }) => name === "hinge")?.kind, "loss");
  });

  it("gives a layer's value without its upstream gradient, with a note", async () => {
    assert.deepEqual(
      await called(["eval", "-e", "out[i] = relu(x[i])", "--input", "-", "--json"], '{"x": [1, -1]}'),
      {
        code: 0,
        out: '{"value":{"shape":[2],"data":[1,0]},"gradients":{}}\n',
        err: "note: out is a layer: its gradients need dout of shape 2 among the inputs\n",
      },
    );
  });

  it("checks a claimed gradient, with exit code 1 for a wrong one", async () => {
    const { code, out } = await called(
      words("check hinge --input examples/point.json --against examples/claimed.json --json"),
    );
    const { verdict, gradients } = JSON.parse(out) as {
      verdict: string;
      gradients: { W: { verdict: string; coordinates: { at: number[]; verdict: string }[] } };
    };
    assert.deepEqual([code, verdict, gradients.W.verdict], [1, "bug", "bug"]);
    const wrong = gradients.W.coordinates.filter((c) => c.verdict === "bug");
    assert.deepEqual(
      wrong.map((c) => c.at),
      [[1, 2]],
    );
  });

  it("echoes a definition by lines, however they end", async () => {
    const { out } = await called(["derive", "-"], "a = x*2\rloss = 3*a\r");
    assert.match(out, /^definition\n {2}a = x\*2\n {2}loss = 3\*a\n\n/u);
  });

  it("shows the form for floating point in LaTeX and in HTML, too", async () => {
    const latex = await called(words("derive -e '1 - cos(x)' --stable --format latex"));
    assert.include(
      latex.out,
      `\n\\begin{aligned}
  \\mathrm{loss}:\\ & 1 - \\cos x && \\text{1 - cos, lost altogether $\\to$ 0.1 ulp} \\\\
  &\\to 2 \\sin`,
    );
    const html = await called(words("derive -e '1 - cos(x)' --stable --format html"));
    assert.match(
      html.out,
      /<h2>In floating point<\/h2>\n<pre> {2}loss {2}1 - cos .*\n {6}1 - cos\(x\)\n {4}→ 2 \* sin.*\n?<\/pre>/u,
    );
    const already = await called(words("derive -e 'log(1 + x)' --stable"));
    assert.match(already.out, /in floating point\n {2}as it stands: the closed form has log1p already\n$/u);
    const plain = await called(words("derive -e 'a * x' --stable --format latex"));
    assert.match(plain.out, /\n\n\\text\{in floating point as it stands\}\n$/u);
  });

  it("makes a page of HTML that escapes what the user wrote", async () => {
    const { code, out } = await called([
      "derive",
      "-e",
      "loss = sum(i, x[i] < 1 and x[i] > 0, x[i])",
      "--format",
      "html",
      "--steps",
    ]);
    assert.equal(code, 0);
    assert.include(out, "<pre>loss = sum(i, x[i] &lt; 1 and x[i] &gt; 0, x[i])</pre>");
    assert.match(out, /^<!doctype html>\n/u);
  });

  it("takes the tour", async () => {
    const { code, out, err } = await called(["tour"]);
    assert.deepEqual([code, err], [0, ""]);
    for (const part of [
      "1. A loss",
      "2. Its gradient",
      "dW[d,j]",
      "3. Code",
      "4. Evidence",
      "Now with yours",
    ])
      assert.include(out, part);
  });
});
