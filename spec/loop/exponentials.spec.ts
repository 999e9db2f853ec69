import { assert } from "chai";
import type { Expr, Node } from "../../lib/expr/node.ts";
import { exponentials } from "../../lib/loop/exponentials.ts";
import { parse } from "../../lib/parse.ts";
import { print } from "../../lib/text/print.ts";

interface Case {
  readonly text: string;
  /** Its weight, exponent, shift and factor; undefined where it is no running sum of exponentials. */
  readonly is:
    readonly [weight: string, exponent: string, shift: string | undefined, factor: string] | undefined;
}

/** Sums in an element of t. */
// prettier-ignore
const cases: readonly Case[] = [
  { text: "sum(k <= t, exp(x[k] - y[t]))",                        is: ["1", "x[k]", "-y[t]", "1"] },
  { text: "sum(k > t, w[k]*exp(x[k] + y[t])/y[t])",               is: ["w[k]", "x[k]", "y[t]", "1 / y[t]"] },
  { text: "sum(k <= t, exp(x[k] - max(m <= t, x[m])))",           is: ["1", "x[k]", undefined, "1"] },
  { text: "sum(k <= t, y[t]*exp(-(y[t] - x[k] - w[k])))",         is: ["1", "x[k] + w[k]", "-y[t]", "y[t]"] },
  { text: "sum(k, k <= t and w[k] > 0, exp(x[k] - y[t]))",        is: ["w[k] > 0 ? 1 : 0", "x[k]", "-y[t]", "1"] },
  { text: "sum(k <= t, w[k] > 0 ? exp(x[k] - y[t]) : 0)",         is: ["w[k] > 0 ? 1 : 0", "x[k]", "-y[t]", "1"] },
  { text: "logsumexp(k >= t, x[k] + w[k])",                       is: ["1", "x[k] + w[k]", undefined, "1"] },
  { text: "sum(k <= t, exp(x[k] * y[t]))",                        is: undefined },
  { text: "sum(k <= t, exp(x[k]))",                               is: undefined },
  { text: "sum(k, exp(x[k] - y[t]))",                             is: undefined },
  { text: "sum(k <= t, exp(x[k] - y[t]) + w[k])",                 is: undefined },
  { text: "sum(k, k <= t and w[k] > y[t], exp(x[k] - y[t]))",     is: undefined },
  { text: "logsumexp(k >= t, x[k] + y[t])",                       is: undefined },
];

/** Without signs of what is shown elsewhere: 1.0 is 1. */
const shown = (e: Expr): string => print(e).replaceAll(/\b(\d+)\.0\b/gu, "$1");

describe("running sums of exponentials", () => {
  for (const { text, is } of cases)
    it(`${text} ${is === undefined ? "is none" : `has the exponent ${is[1]}`}`, () => {
      const [out] = parse(`out[t] = ${text}`).definitions;
      const found = exponentials(out!.body as Node<"reduce">); // all cases are reductions
      const parts = found && [found.weight, found.exponent, found.shift, found.factor];
      assert.deepEqual(
        parts?.map((e) => e && shown(e)),
        is && [...is],
      );
    });
});
