import { assert } from "chai";
import fc from "fast-check";
import { parseJson } from "../../lib/data/json.ts";
import { message } from "./files.ts";

const forms = '\n  fix: give a number, nested lists of numbers, or {"shape": […], "data": […]}';

describe("parseJson", () => {
  it("reads numbers, nested lists, and shapes with data", () =>
    assert.deepEqual(
      {
        ...parseJson(
          '\uFEFF{"a": 1.5, "X": [[1, 2], [3, 4]], "y": {"shape": [2], "data": [0, 1]}, "e": []}',
          "in.json",
        ),
      },
      { a: 1.5, X: [[1, 2], [3, 4]], y: { shape: [2], data: [0, 1] }, e: [] }, // prettier-ignore
    ));

  it("reads the numbers that JSON lacks as words", () =>
    assert.deepEqual(parseJson('{"a": ["NaN", "Infinity", "-Infinity"]}', "in.json")["a"], [
      NaN,
      Infinity,
      -Infinity,
    ]));

  it("takes any name for a name", () => {
    const values = parseJson('{"__proto__": 1, "constructor": 2}', "in.json");
    assert.deepEqual(Object.keys(values), ["__proto__", "constructor"]);
    assert.isUndefined(values["toString"]);
  });

  // prettier-ignore
  const bad: [text: string, message: string | RegExp][] = [
    ["[1, 2]",                   'in.json holds a list\n  fix: write {"X": [[1, 2], [3, 4]], …}'],
    ["3",                        'in.json holds 3\n  fix: write {"X": [[1, 2], [3, 4]], …}'],
    ['{"a": [1, 1e999]}',        'a[1] in in.json is beyond the largest double, 1.8e308\n  fix: write "Infinity" for an infinity, in quotes'],
    ['{"a": -1e999}',            'a in in.json is beyond the largest double, 1.8e308\n  fix: write "-Infinity" for an infinity, in quotes'],
    ['{"a": true}',              `a in in.json is true, not a number${forms}`],
    ['{"a": [1, "two"]}',        `a[1] in in.json is "two", not a number${forms}`],
    ['{"a": [[1], [null]]}',     `a[1,0] in in.json is null, not a number${forms}`],
    ['{"a": [[1], 2]}',          "a in in.json is ragged: a[1] is 2, not a list like others"],
    ['{"a": {"data": [1]}}',     `a in in.json is an object${forms}`],
    ['{"a": {"shape": [1], "data": [1], "strides": [1]}}', `a in in.json is an object${forms}`],
    ['{"a": {"shape": ["2"], "data": [1]}}', `the shape of a[0] in in.json is "2", not a number${forms}`],
    ['{"a": NaN}',               /^in\.json is not JSON: .*\n {2}fix: write NaN in quotes$/],
    ['{"a": 1',                  /^in\.json is not JSON: .*\n {2}fix: write names and lists, such as .* or give \.npz$/],
    ["",                         /^in\.json is not JSON: /],
    ['{"a": 1,\n "a": 2}',       'line 2 of in.json gives "a" a second time\n  fix: keep one of them'],
    ['{"a": {"shape": [1], "data": [1], "shape": [1]}}', 'line 1 of in.json gives "shape" a second time\n  fix: keep one of them'],
    [`{"a": ${"[".repeat(100)}${"]".repeat(100)}}`, "a in in.json is nested more than 64 deep"],
  ];
  for (const [text, want] of bad)
    it(`refuses ${text.slice(0, 40)}`, () => {
      const got = message(() => parseJson(text, "in.json"));
      if (typeof want === "string") assert.equal(got, want);
      else assert.match(got, want);
    });

  it("throws nothing but a UserError, whatever JSON it reads", () =>
    fc.assert(
      fc.property(fc.json(), (text) => void message(() => parseJson(text, "in.json"))),
      { seed: 5, numRuns: 300 },
    ));
});
