import { assert } from "chai";
import fc from "fast-check";
import { crc32, deflateRawSync } from "node:zlib";
import { formatNpz, isNpz, parseNpz } from "../../lib/data/npz.ts";
import { header, message, npy } from "./files.ts";

const x = npy(header("<f8", "(2, 2)"), Float64Array.of(1, 2, 3, 4));
const arrays = new Map([
  ["X", { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }],
  ["y", { shape: [2], data: Int32Array.of(0, 1) }],
]);

interface Faults {
  method?: number;
  flags?: number;
  crc?: number;
  size?: number;
  name?: string;
}

/** An archive of one deflated entry, with the extra fields that numpy leaves in the local header. */
function archive({
  method = 8,
  flags = 0,
  crc = crc32(x),
  size = x.length,
  name = "X.npy",
}: Faults = {}): Uint8Array {
  const packed = deflateRawSync(x);
  const path = Buffer.from(name);
  const extra = Buffer.alloc(20);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(method, 8);
  local.writeUInt16LE(path.length, 26);
  local.writeUInt16LE(extra.length, 28);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(flags, 8);
  central.writeUInt16LE(method, 10);
  central.writeUInt32LE(crc, 16);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(size, 24);
  central.writeUInt16LE(path.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + path.length, 12);
  end.writeUInt32LE(local.length + path.length + extra.length + packed.length, 16);
  return Buffer.concat([local, path, extra, packed, central, path, end]);
}

describe("parseNpz", () => {
  it("reads deflated arrays, as numpy.savez_compressed writes them", () =>
    assert.deepEqual(
      parseNpz(archive(), "a.npz"),
      new Map([["X", { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }]]),
    ));

  it("reads what formatNpz writes", () => {
    const bytes = formatNpz(arrays);
    assert.isTrue(isNpz(bytes));
    assert.deepEqual(
      parseNpz(bytes, "a.npz"),
      new Map([
        ["X", { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }],
        ["y", { shape: [2], data: Float64Array.of(0, 1) }],
      ]),
    );
  });

  it("reads an archive of nothing", () => assert.equal(parseNpz(formatNpz(new Map()), "a.npz").size, 0));

  it("keeps odd names apart from what objects inherit", () => {
    const odd = new Map([["__proto__", { shape: [1], data: Float64Array.of(1) }]]);
    assert.deepEqual([...parseNpz(formatNpz(odd), "a.npz").keys()], ["__proto__"]);
  });

  const bytes = formatNpz(arrays);
  // prettier-ignore
  const bad: [what: string, bytes: Uint8Array, message: string][] = [
    ["an archive that is cut off",       bytes.subarray(0, bytes.length - 30), "a.npz is a zip archive without its end: cut off?"],
    ["one cut in the front",             bytes.subarray(100),                  "a.npz is a damaged zip archive"],
    ["a wrong check sum",                archive({ crc: 1 }),                  "X.npy in a.npz is damaged: its check sum differs"],
    ["a size that is too small",         archive({ size: 10 }),                "X.npy in a.npz is damaged: it cannot be inflated"],
    ["deflated data that are damaged",   archive().with(57, 0xff),             "X.npy in a.npz is damaged: it cannot be inflated"],
    ["other compression",                archive({ method: 14 }),              "X.npy in a.npz is compressed by method 14\n  fix: store it, or deflate it"],
    ["a secret",                         archive({ flags: 1 }),                "X.npy in a.npz is encrypted"],
    ["Zip64",                            archive({ size: 0xffffffff }),        "X.npy in a.npz is 4 GiB or larger\n  fix: save it as .npy, or in parts"],
    ["what is no array",                 archive({ name: "X.txt" }),           "a.npz holds X.txt, which is not a .npy file"],
  ];
  for (const [what, bytes, want] of bad)
    it(`refuses ${what}`, () =>
      assert.equal(
        message(() => parseNpz(bytes, "a.npz")),
        want,
      ));

  it("throws nothing but a UserError, whatever byte is changed", () =>
    fc.assert(
      fc.property(fc.constantFrom(bytes, archive()), fc.nat(), fc.nat(255), (bytes, place, byte) => {
        message(() => parseNpz(bytes.with(place % bytes.length, byte), "a.npz"));
      }),
      { seed: 4, numRuns: 1000 },
    ));
});
