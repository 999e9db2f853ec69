import { assert } from "chai";
import fc from "fast-check";
import { axisExtent, type Extent } from "../../lib/expr/extent.ts";
import {
  apply,
  at,
  children,
  index,
  num,
  read,
  rebuild,
  reduce,
  size,
  where,
  type Expr,
} from "../../lib/expr/node.ts";
import { output } from "../../lib/expr/program.ts";
import { factsOf } from "../../lib/diff/facts.ts";
import { parse } from "../../lib/parse.ts";
import { cost, type Facts } from "../../lib/simplify/algebra.ts";
import { present } from "../../lib/simplify/present/present.ts";
import { algebra } from "../../lib/simplify/simplify.ts";
import { print } from "../../lib/text/print.ts";
import { choices, expressionOf } from "./expressions.ts";
import { randomPoint, sameValue } from "./meaning.ts";

/** What is known of the random expressions: y[i] < C, and an order of names. Names may carry a tag. */
const factsFor = (tag: string): Facts => ({
  labelBelow: (e) => (e.kind === "read" && e.name === `y${tag}` ? [axisExtent(`s${tag}`, 1)] : []),
  shapeOf: () => undefined,
  position: (name) => "xzabsy".indexOf(name[0]!),
});

const expression = choices.map(expressionOf);
const points = Array.from({ length: 4 }, (_, n) => randomPoint(n));
const shown = (e: Expr): string => print(e, { most: 300 });

const isCondition = (f: Expr): boolean => f.kind === "apply" && f.op === "iverson";

/** A normal form with the conditions of a product asked first, as they select: what is not selected may be undefined. */
function conditionsFirst(e: Expr): Expr {
  const inner = rebuild(e, conditionsFirst);
  if (inner.kind !== "apply" || inner.op !== "mul") return inner;
  return inner.args
    .filter(isCondition)
    .reduce(
      (rest, f) => where(children(f)[0]!, rest, num(0)),
      apply("mul", num(1), ...inner.args.filter((f) => !isCondition(f)), num(1)),
    );
}

/** Whether what is read there is inside: conditions may be asked in another order than they were written. */
const inside = (e: Expr, point: (typeof points)[number]): boolean => {
  try {
    sameValue(e, e, point);
    return true;
  } catch {
    return false;
  }
};

describe("simplify", () => {
  it("keeps the value of an expression", () => {
    let compared = 0;
    fc.assert(
      fc.property(expression, (e) => {
        const simplified = algebra(factsFor("")).simplify(e);
        const asked = conditionsFirst(simplified);
        for (const point of points) {
          if (!inside(asked, point)) continue;
          const same = sameValue(e, asked, point);
          if (same) compared++;
          assert.isFalse(same === false, `${shown(e)} became ${shown(simplified)}`);
        }
      }),
      { seed: 1, numRuns: 220 },
    );
    assert.isAtLeast(compared, 400);
  });

  it("keeps the value when the result is presented, and reads only what the expression would read", () => {
    let compared = 0;
    fc.assert(
      fc.property(expression, (e) => {
        const s = algebra(factsFor(""));
        const presented = present(s.simplify(e), s);
        for (const point of points) {
          const same = sameValue(e, presented, point);
          if (same) compared++;
          assert.isFalse(same === false, `${shown(e)} became ${shown(presented)}`);
        }
      }),
      { seed: 2, numRuns: 220 },
    );
    assert.isAtLeast(compared, 400);
  });

  it("leaves alone what is simplified, and soon", () => {
    fc.assert(
      fc.property(expression, (e) => {
        const start = performance.now();
        const simplified = algebra(factsFor("")).simplify(e);
        const again = algebra(factsFor("")).simplify(simplified);
        assert.isTrue(
          again === simplified,
          `${shown(e)} became ${shown(simplified)} and then ${shown(again)}`,
        );
        assert.isBelow(performance.now() - start, 2000, shown(e));
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  it("does not let an expression grow by much", () => {
    fc.assert(
      fc.property(expression, (e) => {
        const s = algebra(factsFor(""));
        const simplified = s.simplify(e);
        const most = 3 * cost(e) + 20;
        assert.isAtMost(cost(simplified), most, `${shown(e)} became ${shown(simplified)}`);
        assert.isAtMost(cost(present(simplified, s)), most, `${shown(e)} became ${shown(simplified)}`);
      }),
      { seed: 4, numRuns: 1000 },
    );
  });

  it("does not depend on what was built before", () => {
    let tags = 0;
    fc.assert(
      fc.property(expression, (e) => {
        const simplified = algebra(factsFor("")).simplify(e);
        // The same with other names, whose nodes are made in another order.
        const tag = `_${++tags}`;
        const expected = renamed(simplified, tag);
        const got = algebra(factsFor(tag)).simplify(renamed(e, tag));
        assert.isTrue(got === expected, `${shown(e)} became ${shown(expected)} and ${shown(got)}`);
      }),
      { seed: 5, numRuns: 1000 },
    );
  });

  it("draws expressions of all kinds", () => {
    const drawn = fc.sample(expression, { seed: 6, numRuns: 1000 });
    const kinds = new Set(
      drawn
        .flatMap((e) => [...nodesOf(e)])
        .map((e) => (e.kind === "apply" || e.kind === "reduce" ? e.op : e.kind)),
    );
    for (const kind of [
      "sum",
      "prod",
      "max",
      "min",
      "logsumexp",
      "argmax",
      "where",
      "iverson",
      "and",
      "or",
      "not",
      "exp",
      "pow",
      "size",
      "stop",
    ])
      assert.include(kinds, kind);
    assert.isAtLeast(drawn.filter((e) => cost(e) > 20).length, 150);
  });
});

function nodesOf(e: Expr, seen = new Set<Expr>()): ReadonlySet<Expr> {
  if (!seen.has(e)) {
    seen.add(e);
    for (const child of children(e)) nodesOf(child, seen);
  }
  return seen;
}

/** The expression with a tag on every name, built from its last argument to its first. Names keep their order. */
function renamed(e: Expr, tag: string): Expr {
  const extent = (x: Extent): Extent => (x.kind === "axis" ? axisExtent(x.array + tag, x.axis) : x);
  const go = (e: Expr): Expr => {
    switch (e.kind) {
      case "num":
        return num(e.value, e.type);
      case "index":
        return at(index(e.index.name + tag, extent(e.index.extent)));
      case "size":
        return size(extent(e.extent));
      case "read":
        return read(e.name + tag, e.at.toReversed().map(go).toReversed(), e.type);
      case "apply":
        return apply(e.op, ...e.args.toReversed().map(go).toReversed());
      case "where": {
        const [otherwise, then, guard] = [e.else, e.then, e.guard].map(go);
        return where(guard!, then!, otherwise!);
      }
      case "reduce":
        return reduce(
          e.op,
          index(e.over.name + tag, extent(e.over.extent)),
          e.guard && go(e.guard),
          go(e.body),
        );
    }
  };
  return go(e);
}

/** Each program is simplified to the right side, as it is printed. Their arrays have names of their own. */
// prettier-ignore
const examples: readonly (readonly [title: string, text: string, printed: string])[] = [
  ["quotients that cancel leave no number behind",        "v = u1/(u1*u2)",                                       "1 / u2"],
  ["sigmoid and softplus at 0 are numbers",               "v = sigmoid(0*u1) - softplus(0*u1)",                   "0.5 - log(2)"],
  ["an integer equation is divided by integers only",     "v = sum(a, b, [2*a == b]*f1[a]*g1[b])",                "sum(a, 2 * a < extent(g1, 0), f1[a] * g1[2*a])"],
  ["an equation without integer solutions never holds",   "v = sum(a, b, [2*a == 2*b + 1]*f2[a]*g2[b])",          "0"],
  ["kinks inside of kinks are not taken apart forever",   "v = abs(u3) + max(1, max(1, u4) + u5)",                "abs(u3) + max(1, max(1, u4) + u5)"],
  ["a maximum absorbs the minimum of its argument",       "v = max(min(u3, u4), u3)",                             "u3"],
  ["a fraction in front of a number, too, is in front of a maximum", "v = max(1.5*u8, 1.5)*u9",                    "1.5 * u9 * max(1, u8)"],
  ["the size of an axis may be 0",                        "v = [extent(f3, 0) == 0] + 0*sum(i, f3[i])",           "[extent(f3, 0) == 0]"],
  ["half an index is positive where the index is",        "v = sum(q, [q/2 > 0]*f4[q])",                          "sum(q > 0, f4[q])"],
  ["an equation in a sum among factors is sifted",        "v = sum(i, f6[i]*sum(m < extent(f6, 0), i*([m == 2] - 2)))", "([extent(f6, 0) >= 3] - 2 * extent(f6, 0)) * sum(i, f6[i] * i)"],
  ["a modulus and a hinge cancel",                        "v = abs(u6) - 2*relu(u6) + 3*u6",                      "2 * u6"],
  ["a hinge over its argument is a condition, 0 at 0",    "v = relu(u7)^2/u7^3 + relu(u7)/u7",                    "u7 > 0 ? 1 / u7 + 1 : 0"],
  ["what an equation puts in is decided by the rest",     "v = sum(i, j, (h7[i] > 2 and not j != 2 ? [h7[i] < j] : 2)*f7[i]*g7[j])", "2 * sum(i, f7[i] * sum(j, j != 2 or h7[i] <= 2, g7[j]))"],
  ["what keeps a subscript inside is asked first",        "v = sum(t, k, t + 1 < extent(h5, 0) and k == h5[t+1], f5[t]*g5[k])", "sum(t, t + 2 <= extent(h5, 0) and h5[t + 1] >= 0 and h5[t + 1] < extent(g5, 0), f5[t] * g5[h5[t + 1]])"],
];

describe("simplify and present", () => {
  for (const [title, text, printed] of examples)
    it(title, () => {
      const program = parse(text);
      const s = algebra(factsOf(program));
      assert.equal(print(present(s.simplify(output(program).body), s)), printed);
    });

  it("sums stand in the order of the program, whichever was built first", () => {
    parse("v = sum(i, f8[i]^3)");
    const program = parse("v = sum(i, f8[i]^2)*sum(i, f8[i]^3)");
    const s = algebra(factsOf(program));
    assert.equal(print(s.simplify(output(program).body)), "sum(i, f8[i]^2) * sum(i, f8[i]^3)");
  });
});
