import { assert } from "chai";
import { exportedName, latin, Names } from "../../lib/loop/identifier.ts";

// prettier-ignore
const spellings: readonly (readonly [name: string, latin: string])[] = [
  ["score", "score"],
  ["Δ",     "Delta"],
  ["λ",     "lambda"],
  ["λ2",    "lambda2"],
  ["poids_é", "poids_e"],
  ["ñ",     "n"],
  ["日",    "u65e5"],
  ["",      "v"],
  ["2x",    "v2x"],
  ["a*/b",  "ab"],
  ["x\u2028y", "xy"],
];

describe("an identifier", () => {
  for (const [name, expected] of spellings)
    it(`of ${JSON.stringify(name)} is ${expected}`, () => assert.equal(latin(name), expected));

  it("is never a reserved word, nor a name that emitted code relies on", () => {
    const names = new Names();
    for (const word of ["lambda", "class", "Math", "axesOf", "inputs", "double"])
      assert.notEqual(names.fresh(word), word);
  });

  it("is given once", () => {
    const names = new Names();
    assert.deepEqual(
      [names.fresh("Δ"), names.fresh("Delta"), names.fresh("Delta")],
      ["Delta", "Delta2", "Delta3"],
    );
    assert.deepEqual([names.fresh("x1"), names.fresh("x1")], ["x1", "x1_2"]);
  });

  it("of a loop is given again outside the loop, not inside", () => {
    const names = new Names();
    const j = names.index("j", new Set());
    assert.equal(names.index("j", new Set()), j);
    assert.equal(names.index("j", new Set([j])), "j2");
    assert.equal(names.fresh("j"), "j3");
  });

  it("of an export may be that of a parameter, not that of a function beside it", () => {
    assert.equal(exportedName("inputs", []), "inputs");
    assert.equal(exportedName("axesOf", []), "axesOf2");
    assert.equal(exportedName("ratio", ["ratio"]), "ratio2");
  });
});
