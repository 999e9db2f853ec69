import { expect } from "chai";
import { apply, num, read, rebuild, type Expr } from "../../lib/expr/node.ts";
import { anywhere, partsOf, rewriting } from "../../lib/expr/parts.ts";

const x = read("x", [], "real");
const y = read("y", [], "real");
const root = apply("add", x, y);
const product = apply("mul", root, apply("exp", root));

describe("the parts of expressions", () => {
  it("are each met once, before their own parts, in the order in which they are written", () => {
    expect([...partsOf(product, y)]).to.deep.equal([product, root, x, y, apply("exp", root)]);
  });

  it("are looked at until one is found", () => {
    const asked: Expr[] = [];
    const found = anywhere(product, (e) => asked.push(e) > 0 && e === x);
    expect(found).to.equal(true);
    expect(asked).to.deep.equal([product, root, x]);
    expect(anywhere(product, (e) => e.kind === "num")).to.equal(false);
  });

  it("are rewritten once each, however often they stand in an expression", () => {
    let steps = 0;
    const rewrite = rewriting((e, go) => {
      steps++;
      return e === x ? num(1, "real") : rebuild(e, go);
    });
    const sum = apply("add", num(1, "real"), y);
    expect(rewrite(product)).to.equal(apply("mul", sum, apply("exp", sum)));
    expect(steps).to.equal(5);
  });
});
