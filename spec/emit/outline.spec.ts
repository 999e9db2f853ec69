import { assert } from "chai";
import { outlined } from "../../lib/emit/outline.ts";
import { compile } from "../../lib/compile.ts";
import { constant, load, named, type Statement } from "../../lib/loop/nest.ts";
import { parse } from "../../lib/parse.ts";
import { asIs } from "../reference.ts";

const inner: Statement = {
  kind: "for",
  index: "j",
  from: constant(0),
  to: named("C", "int"),
  body: [{ kind: "assign", name: "sum", by: "add", value: load("x", named("j", "int"), "real") }],
};
const scale: Statement = { kind: "assign", name: "sum", by: "mul", value: named("reg", "real") };
const own = new Set(["sum", "x", "reg", "unused"]);
const rows = (body: readonly Statement[]): Statement => ({
  kind: "for",
  index: "i",
  from: constant(0),
  to: named("N", "int"),
  body,
});

describe("outlining", () => {
  it("hands a pass what it reads, and keeps what it changes", () => {
    const { carried, passed } = outlined(rows([inner, scale]), own)!;
    assert.deepEqual(carried, ["sum"]);
    assert.sameMembers([...passed], ["x", "reg"]);
  });

  it("leaves loops without loops, and loops that are only those, where they are", () => {
    assert.isUndefined(outlined(rows([scale, scale]), own));
    assert.isUndefined(outlined(rows([inner]), own));
    assert.isUndefined(outlined(scale, own));
  });

  it("does a pass a part at a time, whatever the number of rows", () => {
    const derivation = asIs(parse("m[i] = max(j, x[i,j]); loss = a * sum(i, m[i] * sum(j, x[i,j]))"));
    const kernel = compile(derivation, { style: "fused", stable: false });
    assert.match(kernel.code, /function pass\(from, to, x\)[\s\S]*from \+= 64/u);
    for (const N of [0, 1, 63, 64, 65, 128, 200]) {
      const data = Float64Array.from({ length: 2 * N }, (_, n) => (n % 7) - 3);
      let expected = 0;
      for (let i = 0; i < N; i++)
        expected += Math.max(data[2 * i]!, data[2 * i + 1]!) * (data[2 * i]! + data[2 * i + 1]!);
      for (let turn = 0; turn < 2; turn++)
        assert.equal(kernel.run({ a: 2, x: { shape: [N, 2], data } }).value, 2 * expected);
    }
  });
});
