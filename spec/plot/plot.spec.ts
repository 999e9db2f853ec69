import { assert } from "chai";
import { picture } from "../../lib/plot/chart.ts";
import { toPng } from "../../lib/plot/png.ts";
import { linear, logarithmic } from "../../lib/plot/scale.ts";

const labels = (scale: { ticks: readonly { label: string }[] }): readonly string[] =>
  scale.ticks.map((t) => t.label);

const chart = {
  title: "a < b & c",
  x: { label: "h", logarithmic: true },
  y: { label: "slope" },
  curves: [
    {
      label: '"one"',
      points: [
        [1e-3, 1],
        [1e-2, NaN],
        [1e-1, 3],
      ] as const,
      colour: "#000000",
      dots: true,
    },
  ],
  marks: [{ x: 1e-2, label: "1" }],
};

describe("plot", () => {
  it("puts ticks at round numbers", () => {
    assert.deepEqual(
      labels(linear([0, 1], [0, 100])),
      ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"].map((l) => (l === "0.0" ? "0" : l)),
    );
    assert.deepEqual(labels(linear([-3e-6, 3e-6], [0, 100], 3)), ["−2e−6", "0", "2e−6"]);
    assert.deepEqual(labels(logarithmic([1e-3, 10], [0, 100])), ["1e−3", "1e−2", "1e−1", "1e0", "1e1"]);
  });

  it("places numbers between the ends, an empty domain in the middle", () => {
    assert.equal(linear([2, 4], [10, 20]).position(3), 15);
    assert.equal(linear([5, 5], [0, 100]).position(5), 50);
    assert.closeTo(logarithmic([1e-4, 1], [0, 100]).position(1e-2), 50, 1e-9);
  });

  it("escapes text and breaks curves at what is not a number", () => {
    const svg = picture("<title>", [chart], ["note\u0000"]);
    for (const part of ["&lt;title&gt;", "a &lt; b &amp; c", "&quot;one&quot;", ">note<"])
      assert.include(svg, part);
    assert.notInclude(svg, "NaN");
    assert.match(svg, /d="M[\d.]+,[\d.]+M[\d.]+,[\d.]+"/u);
  });

  it("draws PNGs", async () => {
    const png = await toPng(picture("title", [chart]));
    assert.deepEqual([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  });
});
