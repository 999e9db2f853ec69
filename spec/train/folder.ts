/** A directory in the layout of CIFAR-10 for the length of a suite, of images that dscore draws. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawDataset } from "../../lib/train/drawn.ts";
import { imageAt, part, type ImageSet } from "../../lib/train/image-set.ts";

/** The drawn images that the directory holds. */
export const few = drawDataset(3, { train: 240, test: 60 });

/** An empty directory, made before the suite that calls this and removed after it. */
export function temporary(): (name: string) => string {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "dscore-spec-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** A batch in the binary layout. */
export function batchBytes(set: ImageSet): Uint8Array {
  const bytes = new Uint8Array(set.labels.length * 3073);
  for (const [n, label] of set.labels.entries()) {
    bytes[n * 3073] = label;
    bytes.set(imageAt(set, n), n * 3073 + 1);
  }
  return bytes;
}

/** Writes two training batches, the test batch and the names. */
export function writeFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "data_batch_1.bin"), batchBytes(part(few.train, 0, 100)));
  writeFileSync(join(folder, "data_batch_2.bin"), batchBytes(part(few.train, 100, 240)));
  writeFileSync(join(folder, "test_batch.bin"), batchBytes(few.test));
  writeFileSync(join(folder, "batches.meta.txt"), `${few.classes.join("\n")}\n\n`);
  return folder;
}
