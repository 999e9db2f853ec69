/**
 * CIFAR-10 in its official binary layout, checked byte for byte.
 *
 * A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. A batch is a
 * file of records of 3 073 bytes: the label, then the red, green and blue plane, row by row.
 * Batches may have any length, so that a part of the data set serves as well.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reason } from "../data/read-inputs.ts";
import { UserError } from "../errors.ts";
import { imageBytes, type Dataset, type ImageSet } from "./image-set.ts";

const record = 1 + imageBytes;
const classCount = 10;
const batchNumbers = [1, 2, 3, 4, 5];
/** Images in a batch of the whole data set. */
const official = 10_000;

const batchName = (n: number): string => `data_batch_${n}.bin`;
const testName = "test_batch.bin";
const namesName = "batches.meta.txt";

/**
 * The images in a directory: `data_batch_1.bin` to at most 5, `test_batch.bin`, `batches.meta.txt`.
 * A part of the data set may have fewer training batches, without a gap; batches of the official
 * length want all five.
 *
 * @throws UserError that names the file, and the byte, where something is missing or wrong.
 */
export function readCifar(directory: string): Dataset {
  const present = listed(directory);
  const numbers = batchNumbers.filter((n) => present.has(batchName(n)));
  const first = batchNumbers.find((n) => !present.has(batchName(n)));
  const gap = first !== undefined && first <= (numbers.at(-1) ?? 1);
  if (gap) throw missing(directory, batchName(first), numbers.length === 0 ? [] : numbers.map(batchName));
  if (!present.has(testName)) throw missing(directory, testName, numbers.map(batchName));
  const batches = numbers.map((n) => readBatch(join(directory, batchName(n))));
  if (first !== undefined && batches.every(({ labels }) => labels.length === official))
    throw missing(directory, batchName(first), numbers.map(batchName));
  return {
    origin: `CIFAR-10 in ${directory}`,
    classes: classNames(directory, present),
    train: joined(batches),
    test: readBatch(join(directory, testName)),
  };
}

function listed(directory: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(directory));
  } catch (error) {
    throw new UserError(`cannot read the images in ${directory}: ${reason(error)}`, { fix: layout });
  }
}

const layout = `a directory with ${batchName(1)} … ${batchName(5)}, ${testName} and ${namesName}, the binary version of CIFAR-10`;

const missing = (directory: string, file: string, found: readonly string[]): UserError =>
  new UserError(`${directory} has no ${file}${found.length === 0 ? "" : `, but ${found.join(", ")}`}`, {
    fix: layout,
  });

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${reason(error)}`);
  }
}

function readBatch(path: string): ImageSet {
  const file = bytesOf(path);
  const count = Math.floor(file.length / record);
  const over = file.length % record;
  if (over !== 0)
    throw new UserError(
      `${path} ends within image ${count}, which begins at byte ${count * record}: it has ${file.length} bytes, no multiple of ${record}`,
      { fix: "fetch the file again" },
    );
  if (count === 0) throw new UserError(`${path} is empty`, { fix: "fetch the file again" });
  const bytes = new Uint8Array(count * imageBytes);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const label = file[n * record]!;
    if (label >= classCount)
      throw new UserError(`${path} has the label ${label} at byte ${n * record}, of image ${n}`, {
        fix: `labels are 0 to ${classCount - 1}`,
      });
    labels[n] = label;
    bytes.set(file.subarray(n * record + 1, (n + 1) * record), n * imageBytes);
  }
  return { bytes, labels };
}

function classNames(directory: string, present: ReadonlySet<string>): readonly string[] {
  if (!present.has(namesName)) throw missing(directory, namesName, []);
  const path = join(directory, namesName);
  const names = new TextDecoder()
    .decode(bytesOf(path))
    .split(/\r?\n/u)
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length !== classCount)
    throw new UserError(`${path} has ${names.length} names of classes, not ${classCount}`, {
      fix: "one name a line",
    });
  return names;
}

function joined(sets: readonly ImageSet[]): ImageSet {
  const count = sets.reduce((sum, { labels }) => sum + labels.length, 0);
  const bytes = new Uint8Array(count * imageBytes);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const set of sets) {
    bytes.set(set.bytes, at * imageBytes);
    labels.set(set.labels, at);
    at += set.labels.length;
  }
  return { bytes, labels };
}
