/**
 * A small set of images drawn by the program: synthetic, for when no real ones are at hand.
 *
 * Ten classes, five shapes in two textures, of any size, place, contrast and noise; each class
 * has a leaning to one hue, which a linear classifier of pixels finds, while shape and texture
 * need features. Accuracies on it say nothing about photographs.
 */
import { Random } from "../check/random.ts";
import { imageBytes, plane, side, type Dataset, type ImageSet } from "./image-set.ts";

/** Whether the point, in units of the shape's size from its centre, is inside. */
type Shape = (x: number, y: number) => boolean;
/** Brightness −1 or 1, by the distance in pixels across and along the texture. */
type Texture = (across: number, along: number) => number;

// prettier-ignore
const shapes: Readonly<Record<string, Shape>> = {
  disc:     (x, y) => x * x + y * y < 1,
  square:   (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  triangle: (x, y) => y < 0.8 && y > 1.9 * Math.abs(x) - 0.9,
  ring:     (x, y) => x * x + y * y < 1 && x * x + y * y > 0.3,
  cross:    (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.min(Math.abs(x), Math.abs(y)) < 0.34,
};

const wave = (at: number, period: number): number => (Math.sin((2 * Math.PI * at) / period) < 0 ? -1 : 1);

// prettier-ignore
const textures: Readonly<Record<string, Texture>> = {
  striped: (across) => wave(across, 5),
  checked: (across, along) => wave(across, 8) * wave(along, 8),
};

const classes: readonly string[] = Object.keys(textures).flatMap((texture) =>
  Object.keys(shapes).map((shape) => `${texture} ${shape}`),
);

/** How many images are drawn, unless told otherwise. */
export const drawnSizes = { train: 2000, test: 500 } as const;

/** The same images for the same seed. */
export function drawDataset(seed: number, sizes: { train: number; test: number } = drawnSizes): Dataset {
  const random = new Random(seed);
  return {
    origin: "synthetic images, drawn by dscore",
    classes,
    train: drawSet(random, sizes.train),
    test: drawSet(random, sizes.test),
  };
}

function drawSet(random: Random, count: number): ImageSet {
  const bytes = new Uint8Array(count * imageBytes);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    labels[n] = random.int(0, classes.length - 1);
    draw(random, labels[n]!, bytes.subarray(n * imageBytes, (n + 1) * imageBytes));
  }
  return { bytes, labels };
}

function draw(random: Random, label: number, into: Uint8Array): void {
  const [texture, shape] = classes[label]!.split(" ");
  const bright = textures[texture!]!;
  const inside = shapes[shape!]!;
  const size = side * (0.24 + 0.14 * random.uniform());
  const [centreX, centreY] = [side / 2 + 3 * random.normal(), side / 2 + 3 * random.normal()];
  const turn = 0.35 * random.normal();
  const phase = 8 * random.uniform();
  const contrast = 0.15 + 0.25 * random.uniform();
  const figure = hue(label / classes.length + 0.09 * random.normal());
  const ground = hue(random.uniform());
  const light = 0.5 + 0.1 * random.normal();
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const [x, y] = [column - centreX, row - centreY];
      const across = x * Math.cos(turn) + y * Math.sin(turn) + phase;
      const along = y * Math.cos(turn) - x * Math.sin(turn) + phase;
      const within = inside(x / size, y / size);
      const level = within ? light + contrast * bright(across, along) : light;
      for (let colour = 0; colour < 3; colour++) {
        const tint = within ? 0.32 * figure[colour]! : 0.12 * ground[colour]!;
        const value = 255 * (level + tint) + 60 * (random.uniform() - 0.5);
        into[colour * plane + row * side + column] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
}

/** Red, green and blue of a hue, 0 to 1 around the circle, each −1 to 1. */
const hue = (turn: number): readonly number[] =>
  [0, 1 / 3, 2 / 3].map((at) => Math.cos(2 * Math.PI * (turn - at)));
