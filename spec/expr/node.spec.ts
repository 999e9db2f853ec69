import { expect } from "chai";
import {
  apply,
  at,
  children,
  index,
  num,
  read,
  reduce,
  size,
  where,
  type Expr,
} from "../../lib/expr/node.ts";
import { fixedExtent } from "../../lib/expr/extent.ts";

const extent = fixedExtent(3);
const i = index("i", extent);
const x = read("x", [at(i)]);
const positive = apply("gt", x, num(0));

// prettier-ignore
const nodes: readonly (readonly [kind: Expr["kind"], node: Expr, again: () => Expr, children: readonly Expr[]])[] = [
  ["num",    num(2),                                () => num(2),                                []],
  ["index",  at(i),                                 () => at(index("i", extent)),                []],
  ["size",   size(extent),                          () => size(fixedExtent(3)),                  []],
  ["read",   x,                                     () => read("x", [at(i)]),                    [at(i)]],
  ["apply",  positive,                              () => apply("gt", x, num(0)),                [x, num(0)]],
  ["where",  where(positive, x, num(0)),            () => where(positive, x, num(0)),            [positive, x, num(0)]],
  ["reduce", reduce("sum", i, positive, x),         () => reduce("sum", i, positive, x),         [positive, x]],
];

describe("nodes", () => {
  for (const [kind, node, again, parts] of nodes)
    it(`of kind ${kind} are made once, never change, and have the same parts in the same order as all others`, () => {
      expect(node.kind).to.equal(kind);
      expect(again()).to.equal(node);
      expect(children(node)).to.deep.equal(parts);
      expect(Object.isFrozen(node)).to.equal(true);
      expect(Object.keys(node)).to.deep.equal(Object.keys(x));
    });
});
