import { assert } from "chai";
import fc from "fast-check";
import { featureWidth, features, featureSource, normalization } from "../../lib/train/features.ts";
import { hog } from "../../lib/train/hog.ts";
import { hue, hueHistogram } from "../../lib/train/hue-histogram.ts";
import { imageBytes } from "../../lib/train/image-set.ts";
import { meanImage } from "../../lib/train/mean-image.ts";
import { rowsOf, samplesOf } from "../../lib/train/samples.ts";
import { few } from "./folder.ts";

/** A grey image of which the brightness at a row and column is given. */
const grey = (level: (row: number, column: number) => number): Uint8Array =>
  Uint8Array.from({ length: imageBytes }, (_, n) => level(Math.floor((n % 1024) / 32), n % 32));

describe("hog(image)", () => {
  // A direction of 0° is across; orientations are 20° wide.
  // prettier-ignore
  const slopes: readonly (readonly [what: string, level: (row: number, column: number) => number, orientation: number])[] = [
    ["to the right",           (_, column) => 4 * column,          0],
    ["to the left",            (_, column) => 200 - 4 * column,    0],
    ["downwards",              (row) => 4 * row,                   4],
    ["down and to the right",  (row, column) => 2 * (row + column), 2],
    ["up and to the right",    (row, column) => 100 + 2 * (column - row), 6],
  ];
  for (const [what, level, orientation] of slopes)
    it(`sees brightness that grows ${what} in orientation ${orientation} of every cell`, () => {
      const histogram = hog(grey(level));
      for (let place = 0; place < 16; place++) {
        const cell = [...histogram.subarray(place * 9, place * 9 + 9)];
        assert.equal(cell.indexOf(Math.max(...cell)), orientation);
        assert.isAbove(cell[orientation]!, 0.6 * cell.reduce((sum, x) => sum + x, 0));
      }
    });

  it("sees an edge in the cells where it is", () => {
    const histogram = hog(grey((_, column) => (column < 12 ? 0 : 200)));
    const across = Array.from({ length: 16 }, (_, place) => histogram[place * 9]!);
    assert.deepEqual(
      across.map((x) => x > 0),
      across.map((_, place) => place % 4 === 1),
    );
  });

  it("is 0 for an image of one brightness", () => {
    assert.isTrue(hog(grey(() => 77)).every((x) => x === 0));
  });
});

describe("hueHistogram(image)", () => {
  // prettier-ignore
  const hues: readonly (readonly [red: number, green: number, blue: number, hue: number])[] = [
    [255, 0, 0, 0], [255, 255, 0, 1 / 6], [0, 255, 0, 2 / 6], [0, 255, 255, 3 / 6], [0, 0, 255, 4 / 6], [255, 0, 255, 5 / 6], [90, 90, 90, 0],
  ];
  for (const [red, green, blue, expected] of hues)
    it(`has the hue ${expected.toFixed(2)} for ${red}, ${green}, ${blue}`, () => {
      assert.approximately(hue(red, green, blue), expected, 1e-15);
    });

  it("sums to 1 and stays within its bins", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, (red, green, blue) => {
        const image = Uint8Array.from(
          { length: imageBytes },
          (_, n) => [red, green, blue][Math.floor(n / 1024)]!,
        );
        const histogram = hueHistogram(image);
        const bin = Math.min(9, Math.floor(10 * hue(red, green, blue)));
        assert.approximately(histogram[bin]!, 1, 1e-12);
      }),
      { seed: 3, numRuns: 100 },
    );
  });
});

describe("features and pixels", () => {
  it("are brought to mean 0 and deviation 1", () => {
    const rows = features(few.train);
    const scaled = rowsOf(samplesOf(featureSource(rows, few.train.labels, normalization(rows))));
    const { mean, deviation } = normalization(scaled);
    assert.equal(scaled.length, 240 * featureWidth);
    for (const [k, x] of mean.entries()) {
      assert.approximately(x, 0, 1e-12);
      assert.approximately(deviation[k]!, (deviation[k] ?? 0) > 0 ? 1 : 0, 1e-9);
    }
  });

  it("have the mean image subtracted, as pixels", () => {
    const mean = meanImage(few.train);
    const rows = rowsOf(samplesOf({ kind: "pixels", ...few.train, mean }));
    assert.equal(rows[5 * imageBytes + 77], few.train.bytes[5 * imageBytes + 77]! - mean[77]!);
    const sum = rows.reduce((total, x, n) => total + (n % imageBytes === 77 ? x : 0), 0);
    assert.approximately(sum, 0, 1e-8);
  });
});
