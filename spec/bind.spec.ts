import { assert } from "chai";
import { bind, type BindOptions, type Given } from "../lib/bind.ts";
import { UserError } from "../lib/errors.ts";
import { at, read } from "../lib/expr/node.ts";
import { output, type Definition, type Input } from "../lib/expr/program.ts";
import { parse } from "../lib/parse.ts";
import { value } from "../lib/value.ts";

const hinge = parse(`
score[i,j]  = sum(d, X[i,d] * W[d,j])
margin[i,j] = max(0, score[i,j] - score[i,y[i]] + Delta)
loss        = mean(i, sum(j != y[i], margin[i,j])) + reg * sum(d, j, W[d,j]^2)`);

const point = {
  X: [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  W: [
    [0.1, 0.2],
    [0.3, 0.5],
  ],
  y: [0, 1, 0],
  Delta: 1,
  reg: 0.1,
};

const conv = parse("out[p] = sum(r, x[2*p + r - 1] * w[r])");
const chosen = parse("loss = sum(i, table[0, y[i]])");

function refusal(program: Parameters<typeof bind>[0], given: Given, options?: BindOptions): string {
  try {
    bind(program, given, options);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
  return "nothing is refused";
}

/** A point as JSON or a script may hand it over: of any type. */
const loose = (given: Record<string, unknown>): Given => given as Given;

describe("bind refuses", () => {
  // prettier-ignore
  const refused: [what: string, given: Record<string, unknown>, message: string][] = [
    ["missing inputs, all at once", { X: point.X }, "no value is given for W[d,j], y[i] (integers), Delta and reg"],
    ["an undefined value", { ...point, reg: undefined }, "no value is given for reg"],
    ["what is inherited", Object.create(point), "no value is given for X[i,d], W[d,j], y[i] (integers), Delta and reg"],
    ["names that are no inputs", { ...point, q: 1, ["__proto__x"]: 2 }, "the loss has no input named q or __proto__x; it has X, W, y, Delta and reg"],
    ["shapes that disagree", { ...point, y: [0, 1] }, "X has 3 along i (X[i,d], line 2, column 24) but y has 2 along i (y[i], line 3, column 45)"],
    ["an inner size that disagrees", { ...point, W: [[1, 2]] }, "X has 2 along d (X[i,d], line 2, column 26) but W has 1 along d (W[d,j], line 2, column 33)"],
    ["labels out of range", { ...point, y: [0, 1, 5] }, "line 3, column 43: y[2] = 5, but score[i,y[i]] needs 0 ≤ y[2] < 2"],
    ["labels that count from 1, with the remedy", { ...point, y: [1, 2, 1] }, "line 3, column 43: y[1] = 2, but score[i,y[i]] needs 0 ≤ y[1] < 2\n  fix: count from 0: the last is 1"],
    ["negative labels", { ...point, y: [0, -1, 0] }, "line 3, column 43: y[1] = -1, but score[i,y[i]] needs 0 ≤ y[1] < 2"],
    ["fractional labels", { ...point, y: [0, 1.5, 0] }, "y[1] = 1.5 is not an integer, but y is used as a subscript or count"],
    ["labels that are NaN", { ...point, y: [0, NaN, 0] }, "y[1] = NaN is not an integer, but y is used as a subscript or count"],
    ["labels that are infinite", { ...point, y: [0, Infinity, 0] }, "y[1] = Infinity is not an integer, but y is used as a subscript or count"],
    ["labels beyond 32 bits", { ...point, y: [0, 2 ** 31, 0] }, "y[1] = 2147483648 is beyond the integers of 32 bits"],
    ["ragged lists", { ...point, X: [[1, 2], [3], [5, 6]] }, "X is ragged: X[1] has length 1 but X[0] has length 2"],
    ["a number among lists", { ...point, X: [[1, 2], 3, [5, 6]] }, "X is ragged: X[1] is not a list like the others"],
    ["a list among numbers", { ...point, y: [0, [1], 0] }, "y[1] = […] is not a number"],
    ["too few axes", { ...point, X: [1, 2, 3] }, "X is given as an array of 1 axis but the loss reads an array of 2 axes, X[i,d]"],
    ["too many axes", { ...point, y: [[0], [1], [0]] }, "y is given as an array of 2 axes but the loss reads an array of 1 axis, y[i]"],
    ["a number for an array", { ...point, X: 1 }, "X is given as a number but the loss reads an array of 2 axes, X[i,d]"],
    ["an array for a number", { ...point, reg: [1] }, "reg is given as an array of 1 axis but the loss reads a number"],
    ["text", { ...point, X: [[1, "two"], [3, 4], [5, 6]] }, 'X[0,1] = "two" is not a number'],
    ["conditions", { ...point, y: [true, 1, 0] }, "y[0] = true is not a number\n  fix: write 1 or 0"],
    ["nothing", { ...point, y: null }, "y = null is not an array\n  fix: give nested lists, or {shape, data}"],
    ["objects", { ...point, reg: {} }, "reg = {…} is not a number"],
    ["a shape that its data do not fill", { ...point, X: { shape: [3, 2], data: [1, 2, 3] } }, "X has 3 elements, but its shape 3 × 2 wants 6"],
    ["a shape that is none", { ...point, X: { shape: [3, -2], data: [] } }, "the shape of X is [3, -2]\n  fix: a shape lists whole numbers, 0 or more"],
    ["a shape without end", { ...point, X: { shape: [1e9, 1e9], data: [] } }, "X has the shape 1000000000 × 1000000000: too large"],
    ["strides that lead outside", { ...point, X: { shape: [3, 2], data: [1, 2, 3, 4, 5, 6], strides: [2, 3] } }, "the strides of X put X[2,1] at 7, outside its 6 elements"],
    ["too few strides", { ...point, X: { shape: [3, 2], data: [1, 2, 3, 4, 5, 6], strides: [2] } }, "X has the shape [3, 2], strides [2] and offset 0\n  fix: strides are whole numbers, one an axis, and the offset is one"],
  ];
  for (const [what, given, message] of refused)
    it(what, () => assert.equal(refusal(hinge, loose(given)), message));

  it("an affine subscript that leaves the array", () =>
    assert.equal(
      refusal(conv, { x: [1, 2, 3, 4], w: [1, 2, 3] }),
      "line 1, column 27: 2 * p + r - 1 = -1 at p = 0, r = 0, but x[2*p + r - 1] needs 0 ≤ 2 * p + r - 1 < 4\n" +
        "  fix: guard the read with 0 <= 2 * p + r - 1 < extent(x, 0)",
    ));

  it("a constant subscript outside", () =>
    assert.match(
      refusal(chosen, { table: { shape: [0, 3], data: [] }, y: [1] }),
      /table\[0,y\[i\]\] is read, but the size/,
    ));

  it("an upstream gradient that has not the shape of its layer", () => {
    const { indices } = output(conv);
    const upstream: Input = { name: "dout", type: "real", shape: indices.map((i) => i.extent), places: [] };
    const vjp: Definition = { name: "dw", indices, body: read("dout", indices.map(at)) };
    const withUpstream = { inputs: [...conv.inputs, upstream], definitions: [vjp], bounds: [] };
    const given = { x: [1, 2, 3, 4, 5, 6], w: [1, 2, 3], dout: [1, 2] };
    assert.equal(refusal(withUpstream, given), "dout has 2 along p (dout[p]) but p takes 3 values");
    assert.equal(refusal(withUpstream, { ...given, dout: [1, 2, 3] }), "nothing is refused");
  });

  it("a list that contains itself", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    assert.match(refusal(hinge, loose({ ...point, X: loop })), /^X (is|has|\[)/);
  });
});

describe("bind takes", () => {
  const flat = [1, 2, 3, 4, 5, 6];
  const expected = value(hinge, point).data[0]!;

  // prettier-ignore
  const forms: [what: string, X: Given["X"]][] = [
    ["nested lists",               point.X],
    ["lists of typed arrays",      [Float64Array.of(1, 2), Float32Array.of(3, 4), Int8Array.of(5, 6)]],
    ["a shape and numbers",        { shape: [3, 2], data: flat }],
    ["a shape and a typed array",  { shape: [3, 2], data: Float32Array.from(flat) }],
    ["64-bit integers",            { shape: [3, 2], data: BigInt64Array.from(flat, BigInt) }],
    ["a transpose by its strides", { shape: [3, 2], data: [1, 3, 5, 2, 4, 6], strides: [1, 3] }],
    ["scijs's name for strides",   { shape: [3, 2], data: [1, 3, 5, 2, 4, 6], stride: [1, 3] }],
    ["an offset",                  { shape: [3, 2], data: [0, 0, ...flat], offset: 2, strides: [2, 1] }],
    ["an offset without strides",  { shape: [3, 2], data: [0, 0, ...flat], offset: 2 }],
    ["negative strides",           { shape: [3, 2], data: flat.toReversed(), offset: 5, strides: [-2, -1] }],
  ];
  for (const [what, X] of forms)
    it(what, () => assert.equal(value(hinge, { ...point, X }).data[0], expected));

  it("a typed array as it is, without a copy", () => {
    const data = Float64Array.from(flat);
    assert.strictEqual(bind(hinge, { ...point, X: { shape: [3, 2], data } }).arrays.get("X")!.data, data);
  });

  it("labels into 32-bit integers", () =>
    assert.deepEqual(bind(hinge, point).arrays.get("y"), { shape: [3], data: Int32Array.of(0, 1, 0) }));

  it("an array of no axes for a number, as numpy saves one", () =>
    assert.equal(value(hinge, { ...point, reg: { shape: [], data: [0.1] } }).data[0], expected));

  it("NaN and infinity in reals", () => {
    assert.isNaN(value(hinge, { ...point, Delta: NaN }).data[0]);
    assert.equal(value(hinge, { ...point, Delta: Infinity }).data[0], Infinity);
  });

  it("extra values when it is told to", () =>
    assert.doesNotThrow(() => bind(hinge, { ...point, q: 1 }, { allowExtra: true })));

  it("no rows, whose length the other arrays tell", () => {
    const { arrays } = bind(hinge, { ...point, X: [], y: [] });
    assert.deepEqual(arrays.get("X")!.shape, [0, 2]);
    assert.isNaN(value(hinge, { ...point, X: [], y: [] }).data[0]);
  });

  it("names that objects inherit", () => {
    const given: Given = JSON.parse('{"valueof": 1, "__proto__": 2}');
    const program = parse("loss = valueof^2");
    assert.equal(refusal(program, given), "the loss has no input named __proto__; it has valueof");
    assert.equal(value(program, given, { allowExtra: true }).data[0], 1);
  });

  it("a subscript beyond the array where a guard keeps it from being read", () => {
    const padded = parse("out[p] = sum(r, 0 <= 2*p + r - 1 < extent(x, 0), x[2*p + r - 1] * w[r])");
    assert.deepEqual(value(padded, { x: [1, 2, 3, 4], w: [1, 2, 3] }), { shape: [2], data: [8, 20] });
    const masked = parse("loss = sum(i, y[i] >= 0, s[i,y[i]])");
    assert.equal(value(masked, { y: [-1, 1], s: [[1, 2], [3, 4]] }).data[0], 4); // prettier-ignore
  });
});
