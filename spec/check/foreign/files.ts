/** Files of somebody's code, written to a folder that is removed when the process ends. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python } from "../../../lib/check/foreign/python.ts";

export const folder = mkdtempSync(join(tmpdir(), "dscore-spec-"));

// One process runs many files of specs: what is to be done after one of them is not done here.
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

export function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Whether the Python that checks use has NumPy. */
export const hasNumPy = spawnSync(python(), ["-c", "import numpy"], { stdio: "ignore" }).status === 0;

/** A hinge loss as a student writes it; `wrong` is put into the loop over classes. */
export const studentHinge = (name: string, { margin = "m > 0", each = "", last = "" } = {}): string => `
export function ${name}(W, X, y, reg) {
  const [N, D] = [X.length, W.length];
  const dW = W.map((row) => row.map((w) => 2 * reg * w));
  let loss = 0;
  for (let i = 0; i < N; i++) {
    const s = W[0].map((_, j) => X[i].reduce((sum, x, d) => sum + x * W[d][j], 0));
    s.forEach((_, j) => {
      const m = s[j] - s[y[i]] + 1;
      if (j === y[i] || !(${margin})) return;
      loss += m / N;
      for (let d = 0; d < D; d++) {
        dW[d][j] += X[i][d] / N;
        dW[d][y[i]] -= X[i][d] / N;
      }
      ${each}
    });
  }
  for (const row of W) for (const w of row) loss += reg * w * w;
  ${last}
  return [loss, dW];
}
`;
