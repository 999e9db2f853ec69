import { assert } from "chai";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "../../lib/cli/run.ts";
import { temporary, writeFolder } from "../train/folder.ts";

const main = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));

/** What `dscore train …` prints, and its exit code. */
async function called(...argv: string[]): Promise<{ out: string; err: string; code: number }> {
  let [out, err] = ["", ""];
  const io = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    readInput: () => new Uint8Array(0),
    colour: { out: false, err: false },
  };
  return { code: await run(["train", ...argv], io), out, err };
}

describe("dscore train", () => {
  const at = temporary();
  let data = "";
  before(() => {
    data = writeFolder(at("data"));
  });
  const settings = (file: string, epochs = 4): string[] => [
    "softmax",
    "--data",
    data,
    "--epochs",
    String(epochs),
    "--batch",
    "16",
    "-o",
    at(file),
    "--checkpoint-every",
    "2",
  ];

  it("prints an epoch a line, writes the weights and the curve, and is silent on standard error", async () => {
    const { out, err, code } = await called(...settings("a.npz"), "--test");
    assert.equal(code, 0, err);
    assert.equal(err, "");
    assert.equal(
      out.match(/^epoch +\d  loss \S+ +training +\d+\.\d %  validation +\d+\.\d %$/gmu)!.length,
      4,
    );
    assert.match(out, /^test accuracy \d+\.\d %$/mu);
    assert.isTrue(existsSync(at("a.npz")));
    assert.include(readFileSync(at("a.svg"), "utf8"), "<svg");
  });

  it("searches where several values are given, and tests the best once", async () => {
    const argv = [
      "svm",
      "--features",
      "hog",
      "--data",
      data,
      "--epochs",
      "2",
      "--learning-rate",
      "1e-3,1e-2",
      "--reg",
      "0",
      "0.1",
      "--threads",
      "1",
      "-o",
      at("s.npz"),
    ];
    const { out, code } = await called(...argv);
    assert.equal(code, 0);
    assert.match(out, /^0\.01 +0\.1 +\d/mu);
    assert.equal(out.match(/tested once: \d+\.\d %/gu)!.length, 1);
    assert.include(readFileSync(at("s.svg"), "utf8"), "validation accuracy");
    const { out: json } = await called(...argv, "--json");
    const result = JSON.parse(json) as {
      outcomes: { validation: number }[];
      best: { validation: number };
      test: number;
    };
    assert.equal(result.outcomes.length, 4);
    assert.equal(result.best.validation, Math.max(...result.outcomes.map(({ validation }) => validation)));
  });

  it("trains any loss that has samples, labels and scores", async () => {
    const loss =
      "score[i,j] = sum(d, X[i,d] * A[d,j])\nloss = mean(i, sum(j, (score[i,j] - [j == y[i]])^2)) + mu * sum(d, j, A[d,j]^2)";
    const { out, code, err } = await called(
      "-e",
      loss,
      "--data",
      data,
      "--features",
      "hog",
      "--epochs",
      "6",
      "--set",
      "mu=0.001",
      "--learning-rate",
      "0.01",
      "-o",
      at("own.npz"),
      "--json",
    );
    assert.equal(code, 0, err);
    const { epochs } = JSON.parse(out) as { epochs: { loss: number; training: number }[] };
    assert.isBelow(epochs.at(-1)!.loss, epochs[0]!.loss);
    assert.isAbove(epochs.at(-1)!.training, 0.2);
  });

  // prettier-ignore
  const refused: readonly (readonly [argv: readonly string[], message: string])[] = [
    [[],                                        "no loss is given\n  fix: dscore train svm|softmax|network"],
    [["svm", "--epochs", "0"],                  '--epochs is "0"\n  fix: --epochs wants a whole number, 1 or more'],
    [["svm", "--learning-rate", "1e-7,fast"],   '--learning-rate is "fast"\n  fix: --learning-rate wants a number above 0'],
    [["svm", "--reg", "-1"],                    '--reg is "-1"\n  fix: --reg wants a number, 0 or more'],
    [["softmax", "--delta", "2"],               "the loss has no number Delta\n  fix: it has reg"],
    [["svm", "--set", "Delta"],                 '--set is "Delta"\n  fix: --set NAME=VALUE'],
    [["svm", "--data", "/nowhere"],             "cannot read the images in /nowhere: there is no such"],
  ];
  for (const [argv, message] of refused)
    it(`refuses ${argv.join(" ") || "no argument"}`, async () => {
      const { code, err, out } = await called(...argv);
      assert.equal(code, 2);
      assert.equal(out, "");
      assert.include(err, `error: ${message}`);
    });

  it("refuses more images for validation than there are", async () => {
    const { code, err } = await called("svm", "--data", data, "--validation", "240");
    assert.equal(code, 2);
    assert.include(err, "240 of 240 training images cannot be set apart");
  });

  it("refuses a file that it could not write before it trains", async () => {
    const { code, err, out } = await called("svm", "--data", data, "-o", at(""));
    assert.equal(code, 2);
    assert.equal(out, "");
    assert.include(err, "it is a directory");
  });

  for (const signal of ["SIGKILL", "SIGINT"] as const)
    it(`killed by ${signal} and resumed, writes the file that it writes in one go`, async function () {
      this.timeout(60_000);
      const many = settings(`${signal}.npz`, 8);
      const node = ["--import", "tsx", main, "train", ...many];
      const child = spawn(process.execPath, node, { stdio: ["ignore", "ignore", "pipe"] });
      let err = "";
      child.stderr.on("data", (text: Buffer) => void (err += text.toString()));
      const ended = new Promise<number | null>((resolve) => void child.on("exit", resolve));
      while (!existsSync(at(`${signal}.checkpoint.npz`)) && child.exitCode === null)
        await new Promise((resume) => setTimeout(resume, 5));
      child.kill(signal);
      const code = await ended;
      assert.isFalse(existsSync(at(`${signal}.npz`)), "it was done before it was killed");
      if (signal === "SIGINT") {
        assert.equal(code, 130);
        assert.match(
          err,
          /interrupted after step \d+ of 112; .*checkpoint\.npz holds it: go on with --resume/u,
        );
      }
      const again = spawnSync(process.execPath, [...node, "--resume"], { encoding: "utf8" });
      assert.equal(again.status, 0, again.stderr);
      assert.isFalse(existsSync(at(`${signal}.checkpoint.npz`)));
      if (!existsSync(at("whole.npz"))) {
        const whole = many.map((text) => (text === at(`${signal}.npz`) ? at("whole.npz") : text));
        assert.equal((await called(...whole)).code, 0);
      }
      assert.isTrue(readFileSync(at(`${signal}.npz`)).equals(readFileSync(at("whole.npz"))));
      assert.isTrue(readFileSync(at(`${signal}.svg`)).equals(readFileSync(at("whole.svg"))));
    });
});
