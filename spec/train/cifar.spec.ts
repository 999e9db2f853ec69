import { assert } from "chai";
import { existsSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../lib/errors.ts";
import { readCifar } from "../../lib/train/cifar.ts";
import { part } from "../../lib/train/image-set.ts";
import { batchBytes, few, temporary, writeFolder } from "./folder.ts";

const real = new URL("../../../shared/data/cifar10", import.meta.url).pathname;

describe("readCifar(directory)", () => {
  const at = temporary();

  it("gives the images of all batches in their order", () => {
    const { train, test, classes } = readCifar(writeFolder(at("whole")));
    assert.deepEqual(train.labels, few.train.labels);
    assert.isTrue(Buffer.from(train.bytes).equals(Buffer.from(few.train.bytes)));
    assert.isTrue(Buffer.from(test.bytes).equals(Buffer.from(few.test.bytes)));
    assert.deepEqual(classes, few.classes);
  });

  // prettier-ignore
  const faults: readonly (readonly [title: string, spoil: (folder: string) => void, message: string])[] = [
    ["a file cut off within an image",  (f) => truncateSync(join(f, "data_batch_2.bin"), 3073 * 3 + 17),
      "data_batch_2.bin ends within image 3, which begins at byte 9219: it has 9236 bytes, no multiple of 3073"],
    ["an empty file",                   (f) => truncateSync(join(f, "test_batch.bin"), 0), "test_batch.bin is empty"],
    ["a label above 9",                 (f) => writeFileSync(join(f, "data_batch_1.bin"), batchBytes({ ...part(few.train, 0, 2), labels: Uint8Array.of(0, 10) })),
      "data_batch_1.bin has the label 10 at byte 3073, of image 1"],
    ["the first batch missing",         (f) => rmSync(join(f, "data_batch_1.bin")), "has no data_batch_1.bin, but data_batch_2.bin"],
    ["a batch missing between others",  (f) => writeFileSync(join(f, "data_batch_4.bin"), batchBytes(few.test)), "has no data_batch_3.bin, but data_batch_1.bin, data_batch_2.bin, data_batch_4.bin"],
    ["the test batch missing",          (f) => rmSync(join(f, "test_batch.bin")), "has no test_batch.bin"],
    ["the names missing",               (f) => rmSync(join(f, "batches.meta.txt")), "has no batches.meta.txt"],
    ["nine names",                      (f) => writeFileSync(join(f, "batches.meta.txt"), "a\n".repeat(9)), "batches.meta.txt has 9 names of classes, not 10"],
  ];
  for (const [title, spoil, message] of faults)
    it(`names the file and the place of ${title}`, () => {
      const folder = writeFolder(at(title.replaceAll(" ", "-")));
      spoil(folder);
      try {
        readCifar(folder);
      } catch (error) {
        assert.instanceOf(error, UserError);
        assert.include((error as UserError).message, message);
        assert.include((error as UserError).message, folder);
        return;
      }
      assert.fail("nothing was thrown");
    });

  it("wants all five batches where they have the official length", () => {
    const folder = writeFolder(at("official"));
    for (const n of [1, 2]) writeFileSync(join(folder, `data_batch_${n}.bin`), new Uint8Array(10_000 * 3073));
    assert.throws(() => readCifar(folder), UserError, "has no data_batch_3.bin");
  });

  it("says that a directory is not there", () => {
    assert.throws(
      () => readCifar(at("nowhere")),
      UserError,
      /cannot read the images in .*nowhere: there is no such/u,
    );
  });

  it("reads the real images, where they are", function () {
    if (!existsSync(real)) this.skip();
    const { train, test, classes } = readCifar(real);
    assert.deepEqual([train.labels.length, test.labels.length], [4000, 1000]);
    assert.equal(classes[train.labels[0]!], "frog");
  });
});
