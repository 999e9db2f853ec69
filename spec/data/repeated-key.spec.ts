import { assert } from "chai";
import fc from "fast-check";
import { repeatedKey } from "../../lib/data/repeated-key.ts";

describe("repeatedKey", () => {
  // prettier-ignore
  const repeated: [json: string, key: string, line: number][] = [
    ['{"a": 1, "a": 2}',                    "a",      1],
    ['{"a": 1,\r\n"b": [1],\n\n"b" : 2}',   "b",      4],
    ['{"a": {"b": 1, "c": 2, "b": 3}}',     "b",      1],
    ['[{"a": {"b": {}}, "a": 1}]',          "a",      1],
    ['{"a": 1, "\\u0061": 2}',              "a",      1],
    ['{"say \\"": 1, "say \\"": 2}',        'say "',  1],
    ['{"__proto__": 1, "__proto__": 2}',    "__proto__", 1],
  ];
  for (const [json, key, line] of repeated)
    it(`finds the second ${key} in ${JSON.stringify(json)}`, () =>
      assert.deepEqual(repeatedKey(json), { key, line }));

  // prettier-ignore
  const single = ['{"a": {"a": 1}}', '[{"a": 1}, {"a": 1}]', '{"a": ["a", "a"], "b": "a"}', '{"{": "}", "}": 1}', '"a"', "3", '{"a\\\\": "\\\\"}'];
  for (const json of single) it(`finds nothing in ${json}`, () => assert.isUndefined(repeatedKey(json)));

  it("finds nothing in what JSON.stringify writes, and a key that is put there twice", () =>
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (record) => {
        const json = JSON.stringify(record, null, 1);
        assert.isUndefined(repeatedKey(json));
        const key = Object.keys(record)[0]!;
        assert.equal(repeatedKey(`${json.slice(0, -1)},${JSON.stringify(key)}:0}`)?.key, key);
      }),
      { seed: 3, numRuns: 200 },
    ));
});
