import { assert } from "chai";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load, names, withOutput } from "../examples/run.ts";
import { drawDataset } from "../lib/train/drawn.ts";

const here = fileURLToPath(new URL("../examples/", import.meta.url));
const dataset = drawDataset(1, { train: 240, test: 60 });

const answers = new Map<string, ReturnType<typeof play>>();

/** What an example answers; it is run once. */
function played(name: string): ReturnType<typeof play> {
  const known = answers.get(name) ?? play(name);
  answers.set(name, known);
  return known;
}

/** What an example prints, and the pictures it makes, on a few drawn images. */
async function play(name: string): Promise<{ text: string; pictures: string[] }> {
  const { run } = await load(name);
  let text = "";
  const pictures: string[] = [];
  await run({
    dataset,
    quick: true,
    showsImages: true,
    python: undefined,
    print: (more) => void (text += more),
    picture: (file, content) => {
      assert.isAbove(content.length, 200, file);
      pictures.push(file);
    },
  });
  return { text, pictures };
}

/** What the output of an example must say, however few the images. */
// prettier-ignore
const claims: Readonly<Record<string, readonly RegExp[]>> = {
  "train":        [/resumed gives the same file, bit for bit/u, /^softmax( +\d+\.\d %){3}$/mu],
  "search":       [/best: learning rate \S+, reg \S+; on the test images, once: \d/u],
  "three-ways":   [/^vectorized +\d/mu],
  "boolean-mask": [/boolean +1 +1 +1/u, /Uint8Array +\d/u, /naive \(right\) +0\.0 %/u, /vectorized, mask boolean +100\.0 %/u],
  "templates":    [/^ +striped disc +\d+ +\d+ +\d+/mu],
  "unmoved-loss": [/the new image's, with 64 digits +0\n/u, /the new image's, with 64 digits +[1-9]\S*\n/u],
  "kinks":        [/^initialization +\d/mu, /^after epoch 2/mu],
  "features":     [/^network +features( +\d+\.\d %){3}$/mu],
};

describe("the examples", () => {
  it("are all here, each with a claim", () => {
    assert.deepEqual([...names], Object.keys(claims).toSorted());
  });

  for (const name of names) {
    const page = existsSync(`${here}${name}/page.md`) ? readFileSync(`${here}${name}/page.md`, "utf8") : "";

    it(`${name} answers its question`, async function () {
      this.timeout(60_000);
      const { text, pictures } = await played(name);
      for (const claim of claims[name]!) assert.match(text, claim);
      assert.notMatch(text, /undefined|NaN/u);
      for (const picture of pictures) assert.include(page, picture, "the page shows each picture");
    });

    it(`${name} has a page that begins with the formula, holds its output, and is in the gallery`, async () => {
      const { formula } = await load(name);
      assert.match(page, /^# .+\n\n```text\n/u);
      assert.isTrue(
        page.slice(page.indexOf("```text\n") + 8).startsWith(`${formula}\n\`\`\`\n`),
        "the formula",
      );
      const output =
        /<!-- output -->\n\n```text\n([^]*?)\n```\n\n<!-- end of output -->/u.exec(page)?.[1] ?? "";
      for (const claim of claims[name]!.filter(({ source }) => !/disc/u.test(source)))
        assert.match(`${output}\n`, claim);
      for (const [, picture] of page.matchAll(/!\[[^\]]+\]\(([^)]+)\)/gu))
        assert.isTrue(existsSync(`${here}${name}/${picture}`), picture);
      assert.notInclude(page, "…\n\n<!--");
      assert.include(readFileSync(`${here}README.md`, "utf8"), `(${name}/page.md)`);
    });
  }

  it("differ in nothing: naive, vectorized and fused gradients, to 1e-12", async () => {
    const { text } = await played("three-ways");
    const rows = [...text.matchAll(/^(?:naive|vectorized|fused) +(\S+) +(\S+) +(\S+) +\S+ ms$/gmu)];
    assert.equal(rows.length, 6);
    for (const [row, , apart, error] of rows) {
      assert.isAtMost(Number(apart), 1e-12, row);
      assert.isAtMost(Number(error), 1e-12, row);
    }
  });
});

describe("withOutput(page, output)", () => {
  it("replaces what stands between the marks", () => {
    const page = "a\n\n<!-- output -->\n\nold\n\n<!-- end of output -->\n\nb\n";
    const fresh = "a\n\n<!-- output -->\n\n```text\nnew\n```\n\n<!-- end of output -->\n\nb\n";
    assert.equal(withOutput(page, "new\n"), fresh);
    assert.equal(withOutput(fresh, "new\n"), fresh);
  });
});
