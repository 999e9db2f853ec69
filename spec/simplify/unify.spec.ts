import { assert } from "chai";
import { axisExtent, fixedExtent } from "../../lib/expr/extent.ts";
import { apply, at, index, num, read, reduce, type Expr } from "../../lib/expr/node.ts";
import { replaceAtRoot, unify } from "../../lib/simplify/unify.ts";

const extent = axisExtent("s", 0);
const [j, k, m] = ["j", "k", "m"].map((name) => index(name, extent)) as [
  ReturnType<typeof index>,
  ReturnType<typeof index>,
  ReturnType<typeof index>,
];
const label = read("y", [], "int");
const s = (x: Expr): Expr => read("s", [x]);
const a = (x: Expr): Expr => read("a", [x]);
const named = (): Expr => read("r", []);
const always = (): boolean => true;
const never = (): boolean => false;

describe("unify", () => {
  it("finds what an index stands for", () => {
    assert.deepEqual([...unify(s(at(k)), s(at(m)), [k], never)!], [[k, at(m)]]);
    assert.deepEqual([...unify(s(at(k)), s(label), [k], always)!], [[k, label]]);
  });

  it("wants one thing for each index", () => {
    const twice = apply("mul", s(at(k)), a(at(k)));
    assert.isUndefined(unify(twice, apply("mul", s(at(j)), a(at(m))), [k], always));
    assert.isUndefined(unify(twice, s(at(k)), [k], always));
  });

  it("takes a subscript that is not an index only where that is inside", () => {
    assert.isUndefined(unify(s(at(k)), s(label), [k], never));
    assert.isUndefined(unify(s(at(k)), s(num(3)), [k], (e) => e !== num(3)));
  });

  it("does not take an index of another extent", () => {
    assert.isUndefined(unify(s(at(k)), s(at(index("r", fixedExtent(2)))), [k], always));
  });

  it("matches sums whatever their indices are called", () => {
    const sum = (i: typeof j, other: Expr): Expr =>
      reduce("sum", i, undefined, apply("mul", a(at(i)), s(other)));
    assert.deepEqual([...unify(sum(j, at(k)), sum(m, at(k)), [k], never)!], [[k, at(k)]]);
  });

  it("does not let an index stand for one that is bound inside", () => {
    const pattern = reduce("sum", j, undefined, apply("mul", a(at(j)), s(at(k))));
    const squares = reduce("sum", j, undefined, apply("mul", a(at(j)), s(at(j))));
    assert.isUndefined(unify(pattern, squares, [k], always));
  });

  it("tells an outer index from an inner one of the same name", () => {
    const pattern = apply("add", s(at(k)), reduce("sum", j, undefined, apply("mul", a(at(j)), s(at(k)))));
    const other = apply("add", s(at(j)), reduce("sum", j, undefined, apply("mul", a(at(j)), s(at(j)))));
    assert.isUndefined(unify(pattern, other, [k], always));
  });
});

describe("replaceAtRoot", () => {
  const x = read("x", []);
  const pow = (n: number): Expr => apply("pow", x, num(n));

  // prettier-ignore
  const powers: readonly (readonly [title: string, pattern: Expr, e: Expr, expected: Expr])[] = [
    ["replaces a power of the pattern",                           pow(2),   pow(4),   apply("pow", named(), num(2))],
    ["replaces a power of a root",                                pow(0.5), pow(1.5), apply("pow", named(), num(3))],
    ["does not write a square by a root: that needs x >= 0",      pow(0.5), pow(2),   pow(2)],
    ["leaves what the pattern does not divide",                   pow(2),   pow(3),   pow(3)],
  ];
  for (const [title, pattern, e, expected] of powers)
    it(title, () => {
      assert.isTrue(replaceAtRoot(e, pattern, [], named, never) === expected);
    });
});
