import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accuracy } from "../../lib/train/accuracy.ts";
import { curve } from "../../lib/train/curve.ts";
import { tuning, usual } from "../../lib/train/defaults.ts";
import { begin, session, stepsOf, type Plan } from "../../lib/train/session.ts";
import { percent, table } from "../../lib/train/terminal.ts";
import type { Example } from "../example.ts";
import { train } from "../trained.ts";

const formula = `svm      L = 1/N Σᵢ Σ_{j≠yᵢ} max(0, sᵢⱼ − s_{i,yᵢ} + Δ) + λ Σ W²     s = X·W + b
softmax  L = 1/N Σᵢ (log Σⱼ exp sᵢⱼ − s_{i,yᵢ}) + λ Σ W²
step     W ← W − η ∂L/∂W                                       the gradient is derived, not written`;

export const example: Example = {
  formula,
  run: async ({ dataset, quick, print, picture }) => {
    const epochs = quick ? 2 : 20;
    const rows = [["", "training", "validation", "test"]];
    for (const name of ["svm", "softmax"]) {
      const { model, weights, epochs: history, samples } = train(dataset, name, "pixels", { epochs });
      const { training, validation } = history.at(-1)!;
      rows.push([
        name,
        percent(training),
        percent(validation),
        percent(accuracy(model, weights, samples.test)),
      ]);
      picture(`${name}.svg`, curve(`${name}: loss and accuracy by epoch`, history));
    }
    print(`accuracy after ${epochs} epochs on ${dataset.origin}\n\n${table(rows)}\n`);
    print(
      `a run cut off in the middle and resumed gives ${resumed(dataset) ? "the same file, bit for bit" : "ANOTHER FILE"}\n`,
    );
  },
};

/** Whether a run of two epochs that stops halfway and goes on writes the file that it writes in one go. */
function resumed(dataset: Parameters<typeof train>[0]): boolean {
  const { model, prepared, samples } = train(dataset, "softmax", "pixels", { epochs: 0 });
  const directory = mkdtempSync(join(tmpdir(), "dscore-"));
  const { learningRate, deviation } = tuning("softmax", "pixels");
  const schedule = { epochs: 2, batch: usual.batch, decay: 1, learningRate, deviation, seed: 1 };
  const plan = (file: string): Plan => ({
    classifier: model,
    training: samples.training,
    validation: samples.validation,
    schedule,
    settings: {},
    taken: prepared.taken,
    path: join(directory, file),
    every: 3,
  });
  try {
    for (const _ of session(plan("whole.npz"), begin(plan("whole.npz"), false)));
    const cut = plan("cut.npz");
    for (const { state } of session(cut, begin(cut, false))) if (state.step > stepsOf(cut) / 2) break;
    for (const _ of session(cut, begin(cut, true)));
    return readFileSync(plan("whole.npz").path).equals(readFileSync(cut.path));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
