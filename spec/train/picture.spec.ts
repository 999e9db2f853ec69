import { assert } from "chai";
import fc from "fast-check";
import { crc32, inflateSync } from "node:zlib";
import { curve } from "../../lib/train/curve.ts";
import { heatMap } from "../../lib/train/heat-map.ts";
import { mistaken } from "../../lib/train/contact-sheet.ts";
import { enlarge, pictureOf, sheet, terminalText, type Picture } from "../../lib/train/picture.ts";
import { formatPng } from "../../lib/train/png.ts";
import { templates } from "../../lib/train/templates.ts";
import { few } from "./folder.ts";

/** Reads a PNG as the standard says, sums checked: by another way than it was written. */
function readPng(file: Uint8Array): Picture {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  assert.deepEqual([...file.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 8; at < file.length;) {
    const length = view.getUint32(at);
    const type = Buffer.from(file.subarray(at + 4, at + 8)).toString("latin1");
    assert.equal(view.getUint32(at + 8 + length), crc32(file.subarray(at + 4, at + 8 + length)), type);
    chunks.set(type, file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  assert.deepEqual([...chunks.keys()], ["IHDR", "IDAT", "IEND"]);
  const header = Buffer.from(chunks.get("IHDR")!);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const packed = inflateSync(chunks.get("IDAT")!);
  const rgb = new Uint8Array(3 * width * height);
  const byte = (row: number, n: number): number => (row < 0 || n < 0 ? 0 : rgb[row * 3 * width + n]!);
  for (let row = 0; row < height; row++)
    for (let n = 0; n < 3 * width; n++) {
      const [a, b, c] = [byte(row, n - 3), byte(row - 1, n), byte(row - 1, n - 3)];
      const p = a + b - c;
      const nearest = [a, b, c].reduce((best, x) => (Math.abs(p - x) < Math.abs(p - best) ? x : best));
      const predicted = [0, a, b, Math.floor((a + b) / 2), nearest][packed[row * (3 * width + 1)]!]!;
      rgb[row * 3 * width + n] = packed[row * (3 * width + 1) + 1 + n]! + predicted;
    }
  return { width, height, rgb };
}

describe("formatPng(picture)", () => {
  it("writes what a reader by the standard reads back", () => {
    const pictures = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
      .chain(([width, height]) =>
        fc
          .uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height })
          .map((rgb) => ({ width, height, rgb })),
      );
    fc.assert(
      fc.property(pictures, (picture) => assert.deepEqual(readPng(formatPng(picture)), picture)),
      { seed: 2, numRuns: 60 },
    );
  });

  it("chooses filters that make an image smaller than its bytes", () => {
    const picture = enlarge(pictureOf(few.train.bytes.subarray(0, 3072)), 4);
    assert.deepEqual(readPng(formatPng(picture)), picture);
    assert.isBelow(formatPng(picture).length, picture.rgb.length / 4);
  });
});

describe("pictures", () => {
  const red: Picture = { width: 1, height: 1, rgb: Uint8Array.of(255, 0, 0) };
  const blue: Picture = { width: 1, height: 1, rgb: Uint8Array.of(0, 0, 255) };

  it("take the planes of an image as colours", () => {
    const image = Uint8Array.from(
      { length: 3072 },
      (_, n) => 10 * Math.floor(n / 1024) + (n % 1024 === 33 ? 1 : 0),
    );
    const { rgb } = pictureOf(image);
    assert.deepEqual([...rgb.subarray(99, 105)], [1, 11, 21, 0, 10, 20]);
  });

  it("are laid out in rows, with gaps of white", () => {
    const { width, height, rgb } = sheet([[red, blue], [blue]], 1);
    assert.deepEqual([width, height], [5, 5]);
    assert.deepEqual([...rgb.subarray(3 * 6, 3 * 9)], [255, 0, 0, 255, 255, 255, 0, 0, 255]);
    assert.deepEqual([...rgb.subarray(3 * 18, 3 * 19)], [255, 255, 255]);
  });

  it("show two rows of pixels a line on a terminal", () => {
    assert.equal(
      terminalText(enlarge(red, 2)),
      `${"\x1b[38;2;255;0;0m\x1b[48;2;255;0;0m▀".repeat(2)}\x1b[0m\n`,
    );
  });
});

describe("templates(W)", () => {
  it("go from black at the smallest weight of all to white at the greatest", () => {
    const W = new Float64Array(3072 * 2);
    W[0] = -3; // class 0, first red
    W[(1024 + 5) * 2 + 1] = 1; // class 1, green of pixel 5
    const [first, second] = templates(W, 2);
    assert.equal(first!.rgb[0], 0);
    assert.equal(second!.rgb[3 * 5 + 1], 255);
    assert.equal(second!.rgb[0], Math.round(255 * 0.75));
  });
});

describe("mistaken(…)", () => {
  it("gathers images of other classes by the class they were given", () => {
    const set = { bytes: new Uint8Array(0), labels: Uint8Array.of(0, 1, 1, 0, 2) };
    const rows = mistaken(set, Uint8Array.of(1, 1, 0, 1, 1), 3, 2);
    assert.deepEqual(rows, [
      { given: 0, images: [2] },
      { given: 1, images: [0, 3] },
      { given: 2, images: [] },
    ]);
  });
});

const epoch = (loss: number) => ({ loss, training: 0.5, validation: 0.25 });

describe("curves and heat maps", () => {
  for (const [title, epochs] of [
    ["many epochs", [5, 3, 2].map(epoch)],
    ["one epoch", [epoch(2)]],
    ["no epoch", []],
    ["a loss that ran off", [epoch(2), epoch(Infinity)]],
    ["equal losses", [epoch(0), epoch(0)]],
  ] as const)
    it(`have no number that is none, for ${title}`, () => {
      const svg = curve("a < b", epochs);
      assert.notMatch(svg, /NaN|Infinity|undefined/u);
      assert.include(svg, "a &lt; b");
    });

  it("draw the loss from the top of its panel to the bottom", () => {
    const points = /points="([^"]*)"/u
      .exec(curve("", [10, 0].map(epoch)))![1]!
      .split(" ")
      .map((p) => p.split(",").map(Number));
    assert.deepEqual(points, [
      [52, 34],
      [284, 206],
    ]);
  });

  it("mark the best entry and the ones that ran off", () => {
    const axis = { name: "reg", values: [1, 1e-7] };
    const svg = heatMap({
      title: "t",
      rows: axis,
      columns: axis,
      entries: [
        [0.1, NaN],
        [0.325, 0.2],
      ],
    });
    assert.match(svg, /font-weight="bold">32\.5 %</u);
    assert.equal(svg.match(/font-weight="bold">\d/gu)!.length, 1);
    assert.include(svg, ">diverged<");
    assert.include(svg, ">1e-7<");
    assert.notMatch(svg, /NaN/u);
  });
});
