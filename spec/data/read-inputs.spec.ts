import { assert } from "chai";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readInputs } from "../../lib/data/read-inputs.ts";
import { writeNpy, writeNpz } from "../../lib/data/write-arrays.ts";
import { message } from "./files.ts";

describe("readInputs", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "dscore-inputs-"))));
  after(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  const X = { shape: [2], data: Float64Array.of(1, 2) };

  it("reads .npz, whatever it is called", () => {
    writeNpz(path("point.zip"), new Map([["X", X]]));
    assert.deepEqual({ ...readInputs(path("point.zip")) }, { X });
  });

  it("reads .npy under the name of the file", () => {
    writeNpy(path("X.npy"), X);
    assert.deepEqual({ ...readInputs(path("X.npy")) }, { X });
  });

  it("reads JSON", () => {
    writeFileSync(path("point.json"), '{"X": [1, 2]}');
    assert.deepEqual({ ...readInputs(path("point.json")) }, { X: [1, 2] });
  });

  it("says what is wrong with a file", () => {
    writeFileSync(path("noise"), Uint8Array.of(0xff, 0xfe, 0, 1));
    assert.equal(
      message(() => readInputs(path("noise"))),
      `${path("noise")} is neither JSON nor .npz nor .npy`,
    );
    writeFileSync(path("text.npz"), "PK, but no archive");
    assert.equal(
      message(() => readInputs(path("text.npz"))),
      `${path("text.npz")} is neither JSON nor .npz nor .npy`,
    );
    assert.equal(
      message(() => readInputs(path("absent"))),
      `cannot read ${path("absent")}: there is no such file or folder`,
    );
    assert.equal(
      message(() => readInputs(folder)),
      `cannot read ${folder}: it is a directory`,
    );
    assert.equal(message(() => readInputs("a\0b")).slice(0, 12), "cannot read ");
  });

  it("leaves nothing behind when it cannot write", () => {
    mkdirSync(path("taken"));
    const before = readdirSync(folder);
    const refused = (name: string): string => message(() => writeNpy(path(name), X));
    assert.equal(
      refused("no/such.npy"),
      `cannot write ${path("no/such.npy")}: there is no such file or folder`,
    );
    assert.equal(refused("taken"), `cannot write ${path("taken")}: it is a directory`);
    assert.deepEqual(readdirSync(folder), before);
  });
});
