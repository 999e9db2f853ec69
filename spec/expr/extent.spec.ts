import { assert } from "chai";
import {
  axisExtent,
  extentKey,
  fixedExtent,
  scalarExtent,
  sizeOf,
  windowExtent,
  type Extent,
  type Fit,
  type Sizes,
} from "../../lib/expr/extent.ts";

const sizes: Sizes = { axis: (array, axis) => array.length * 10 + axis, scalar: () => 3 };

const fit = (fields: Partial<Fit>): Fit => ({
  step: 1,
  offset: 0,
  others: [],
  inside: fixedExtent(10),
  slack: 0,
  ...fields,
});

const K = fixedExtent(3);

// prettier-ignore
const rows: readonly (readonly [what: string, extent: Extent, size: number])[] = [
  ["an axis",                       axisExtent("X", 1),                                                    11],
  ["a constant",                    fixedExtent(4),                                                        4],
  ["an integer input",              scalarExtent("K", 2),                                                  5],
  ["a negative one",                scalarExtent("K", -9),                                                 0],
  ["a window",                      windowExtent([fit({ others: [{ step: 1, extent: K }] })]),             8],
  ["a stride",                      windowExtent([fit({ step: 2, offset: 1 })]),                           5],
  ["the least of two",              windowExtent([fit({ offset: 1 }), fit({ offset: 4 })]),                6],
  ["too large an offset",           windowExtent([fit({ offset: 40 })]),                                   0],
  ["an empty companion",            windowExtent([fit({ others: [{ step: 1, extent: fixedExtent(0) }] })]), 0],
  ["a companion that counts down",  windowExtent([fit({ others: [{ step: -1, extent: K }] })]),            10],
  ["slack",                         windowExtent([fit({ offset: -2, slack: 2 })]),                         14],
  ["slack from a size",             windowExtent([fit({ slack: -1, slackSizes: [{ times: 1, extent: K }] })]), 12],
  ["slack below nothing",           windowExtent([fit({ slack: -9, slackSizes: [{ times: 1, extent: K }] })]), 10],
  ["an offset from a size",         windowExtent([fit({ offsetSizes: [{ times: -2, extent: K }] })]),      16],
];

describe("sizeOf", () => {
  for (const [what, extent, size] of rows)
    it(`measures ${what}`, () => assert.equal(sizeOf(extent, sizes), size));

  it("measures windows over windows in linear time", () => {
    let extent: Extent = fixedExtent(1000);
    for (let n = 0; n < 200; n++)
      extent = windowExtent([fit({ inside: extent, offset: 1 }), fit({ inside: extent, step: 1, slack: 0 })]);
    assert.equal(sizeOf(extent, sizes), 800);
  });
});

describe("extents", () => {
  it("are the same object when they are equal, and have the same key only then", () => {
    const all = rows.map(([, extent]) => extent);
    assert.equal(new Set(all.map(extentKey)).size, all.length);
    for (const field of [{ slack: 1 }, { offset: 1 }, { step: 2 }])
      assert.notEqual(windowExtent([fit(field)]), windowExtent([fit({})]));
    assert.equal(windowExtent([fit({ offset: 1 })]), windowExtent([fit({ offset: 1 })]));
  });
});
