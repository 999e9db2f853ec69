import { assert } from "chai";
import fc from "fast-check";
import { formatNpy, parseNpy } from "../../lib/data/npy.ts";
import { header, message, npy } from "./files.ts";

describe("parseNpy", () => {
  // prettier-ignore
  const kinds: [descr: string, content: ArrayBufferView, values: number[]][] = [
    ["<f8", Float64Array.of(1.5, -2, NaN),    [1.5, -2, NaN]],
    ["<f4", Float32Array.of(1.5, -2, 3),      [1.5, -2, 3]],
    ["<i8", BigInt64Array.of(1n, -2n, 3n),    [1, -2, 3]],
    ["<u8", BigUint64Array.of(1n, 2n, 3n),    [1, 2, 3]],
    ["<i4", Int32Array.of(1, -2, 3),          [1, -2, 3]],
    ["<i2", Int16Array.of(1, -2, 3),          [1, -2, 3]],
    ["|i1", Int8Array.of(1, -2, 3),           [1, -2, 3]],
    ["<u4", Uint32Array.of(1, 2 ** 31, 3),    [1, 2 ** 31, 3]],
    ["<u2", Uint16Array.of(1, 65535, 3),      [1, 65535, 3]],
    ["|u1", Uint8Array.of(1, 255, 3),         [1, 255, 3]],
    ["|b1", Uint8Array.of(1, 0, 1),           [1, 0, 1]],
    [">i2", Uint8Array.of(0, 1, 255, 254, 1, 0), [1, -2, 256]],
  ];
  for (const [descr, content, values] of kinds)
    it(`reads elements of type ${descr}`, () =>
      assert.deepEqual(parseNpy(npy(header(descr, "(3,)"), content), "a.npy"), {
        shape: [3],
        data: Float64Array.from(values),
      }));

  const six = Float64Array.of(1, 2, 3, 4, 5, 6);

  it("reads columns that stand first (Fortran order)", () => {
    assert.deepEqual(parseNpy(npy(header("<f8", "(2, 3)", "True"), six), "a.npy"), {
      shape: [2, 3],
      data: Float64Array.of(1, 3, 5, 2, 4, 6),
    });
    assert.deepEqual(
      parseNpy(npy(header("<f8", "(1, 2, 3)", "True"), six), "a.npy").data,
      Float64Array.of(1, 3, 5, 2, 4, 6),
    );
  });

  for (const version of [1, 2, 3] as const)
    it(`reads version ${version}`, () =>
      assert.deepEqual(parseNpy(npy(header("<f8", "(6,)"), six, version), "a.npy").data, six));

  it("reads a number, and arrays without elements", () => {
    assert.deepEqual(parseNpy(npy(header("<f8", "()"), Float64Array.of(7)), "a.npy").shape, []);
    assert.deepEqual(parseNpy(npy(header("<f8", "(0, 3)"), new Float64Array()), "a.npy").shape, [0, 3]);
  });

  const good = npy(header("<f8", "(6,)"), six);
  // prettier-ignore
  const bad: [what: string, bytes: Uint8Array, message: string][] = [
    ["another kind of file",  Buffer.from("hello, world"),  "a.npy is not a .npy file"],
    ["nothing",               new Uint8Array(),             "a.npy is not a .npy file"],
    ["a later version",       good.with(6, 9),              "a.npy is .npy of version 9\n  fix: versions 1 to 3 are read"],
    ["a cut header",          good.subarray(0, 20),         "a.npy ends within its header"],
    ["a header cut at once",  good.subarray(0, 8),          "a.npy ends within its header"],
    ["cut numbers",           good.subarray(0, good.length - 1), "a.npy has 47 bytes of numbers, but its shape (6) wants 48"],
    ["numbers too many",      npy(header("<f8", "(5,)"), six), "a.npy has 48 bytes of numbers, but its shape (5) wants 40"],
    ["text",                  npy(header("<U3", "(1,)"), new Uint8Array(12)), "a.npy holds elements of type <U3\n  fix: save float64, float32, integers or booleans"],
    ["objects",               npy(header("|O", "(1,)"), new Uint8Array(8)), "a.npy holds elements of type |O\n  fix: save float64, float32, integers or booleans"],
    ["records",               npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", six), "the header of a.npy has no descr that can be read: {'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }"],
    ["no shape",              npy("{'descr': '<f8', 'fortran_order': False}", six), "the header of a.npy has no shape that can be read: {'descr': '<f8', 'fortran_order': False}"],
    ["a shape of no integers", npy(header("<f8", "(-1,)"), six), "the header of a.npy has no shape that can be read: {'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }"],
    ["integers beyond doubles", npy(header("<i8", "(1,)"), BigInt64Array.of(2n ** 60n)), "a.npy holds the integer 1152921504606846976, which a double cannot hold exactly"],
  ];
  for (const [what, bytes, want] of bad)
    it(`refuses ${what}`, () =>
      assert.equal(
        message(() => parseNpy(bytes, "a.npy")),
        want,
      ));

  it("reads what formatNpy writes, bit for bit", () =>
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 4 }), fc.infiniteStream(fc.double()), (shape, numbers) => {
        const data = Float64Array.from(
          { length: shape.reduce((n, size) => n * size, 1) },
          () => numbers.next().value,
        );
        const bytes = formatNpy({ shape, data });
        assert.equal((bytes.length - data.byteLength) % 64, 0);
        assert.deepEqual(parseNpy(bytes, "a.npy"), { shape, data });
      }),
      { seed: 2, numRuns: 100 },
    ));

  it("reads integers that formatNpy writes", () => {
    const bytes = formatNpy({ shape: [3], data: Int32Array.of(1, -2, 3) });
    assert.deepEqual(parseNpy(bytes, "a.npy").data, Float64Array.of(1, -2, 3));
  });

  it("throws nothing but a UserError, whatever byte is changed", () =>
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (place, byte) => {
        message(() => parseNpy(good.with(place, byte), "a.npy"));
      }),
      { seed: 3, numRuns: 500 },
    ));
});
