import { enlarge, sheet, terminalText } from "../../lib/train/picture.ts";
import { formatPng } from "../../lib/train/png.ts";
import { templates } from "../../lib/train/templates.ts";
import type { Example } from "../example.ts";
import { train } from "../trained.ts";

export const example: Example = {
  formula: `sⱼ = Σ_d x_d W_{dj} + bⱼ      a score is the inner product of the image with the class's column of W
templateⱼ = 255 · (W_{·j} − min W) / (max W − min W)      as a 32×32 picture`,
  run: async ({ dataset, quick, print, picture }) => {
    for (const name of ["svm", "softmax"]) {
      const { weights } = train(dataset, name, "pixels", { epochs: quick ? 1 : 20 });
      const W = weights.get("W")!;
      const pictures = templates(W.data, dataset.classes.length);
      const half = Math.ceil(pictures.length / 2);
      const rows = [pictures.slice(0, half), pictures.slice(half)];
      picture(
        `${name}.png`,
        formatPng(
          sheet(
            rows.map((row) => row.map((template) => enlarge(template, 3))),
            6,
          ),
        ),
      );
      // On a terminal only: a page has no colours.
      if (process.stdout.isTTY === true && (process.stdout.columns ?? 0) >= 5 * 34 + 2)
        process.stdout.write(terminalText(sheet(rows)));
      print(`${name}: colour of the template's centre (red, green, blue; 128 is no leaning) and roughness\n`);
      print(`${pictures.map((template, j) => describe(dataset.classes[j]!, template.rgb)).join("\n")}\n\n`);
    }
  },
};

/** The mean colour of the middle 16 × 16 pixels, and the mean step from one pixel to the next. */
function describe(name: string, rgb: Uint8Array): string {
  const sum = [0, 0, 0];
  let steps = 0;
  for (let row = 8; row < 24; row++)
    for (let column = 8; column < 24; column++)
      for (let colour = 0; colour < 3; colour++) {
        const at = 3 * (32 * row + column) + colour;
        sum[colour]! += rgb[at]! / 256;
        steps += Math.abs(rgb[at]! - rgb[at + 3]!) / 768;
      }
  return `  ${name.padEnd(16)} ${sum.map((x) => String(Math.round(x)).padStart(4)).join("")}   ${steps.toFixed(1).padStart(5)}`;
}
