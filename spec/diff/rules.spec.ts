import { assert } from "chai";
import { Random } from "../../lib/check/random.ts";
import { rules, type Rule } from "../../lib/diff/rules.ts";
import { evaluateAt, type Scope, type Table } from "../../lib/eval.ts";
import { apply, read, type Expr } from "../../lib/expr/node.ts";
import { ops, type Op } from "../../lib/expr/ops.ts";
import { output } from "../../lib/expr/program.ts";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import { parse } from "../../lib/parse.ts";

const field = await decimal(64);
const { add, sub, mul, div } = field.functions;
const exact = (x: number): Decimal => field.fromNumber(x);
const sizes = { axis: () => 0, scalar: () => 0 };

/** The arguments of an operation by their names in the table. */
type Point = Readonly<Record<"x" | "y", Decimal>>;
const names = ["x", "y"] as const;

const table = (value: Decimal): Table<Decimal> => ({ shape: [], data: [value] });
const scope = (values: Readonly<Record<string, Decimal>>): Scope<Decimal> => ({
  field,
  sizes,
  tables: new Map(Object.entries(values).map(([name, value]) => [name, table(value)])),
});

const valueOf = (e: Expr, values: Readonly<Record<string, Decimal>>): Decimal =>
  evaluateAt(e, new Map(), scope(values));
const bodyOf = (text: string): Expr => output(parse(`value = ${text}`)).body;
const holds = (condition: string, at: Point): boolean => valueOf(bodyOf(`[${condition}]`), { ...at }).eq(1);

/** `op` as a number: conditions are 1 and 0, and take conditions that are made of numbers. */
function call(op: Op): Expr {
  const [x, y] = names.map((name) => read(name, []));
  const row = ops[op];
  const args = (row.arity[0] === 1 ? [x!] : [x!, y!]).map((a) =>
    row.takes === "bool" ? apply("gt", a, bodyOf("0")) : a,
  );
  const result = apply(op, ...args);
  return result.type === "bool" ? apply("iverson", result) : result;
}

const partial = (op: Op, text: string, at: Point): Decimal =>
  valueOf(bodyOf(text), { ...at, f: valueOf(call(op), { ...at }) });

/** By differences with steps h and h/2: the truncation is of order h⁴, 1e-72. */
function slope(f: (x: Decimal) => Decimal, x: Decimal): Decimal {
  const h = exact(1e-18);
  const central = (h: Decimal): Decimal => div(sub(f(add(x, h)), f(sub(x, h))), mul(h, exact(2)));
  const [coarse, fine] = [central(h), central(div(h, exact(2)))];
  return div(sub(mul(fine, exact(4)), coarse), exact(3));
}

/** What stays clear of a boundary: the condition holds all around. */
const margin = 1 / 64;
const around = (condition: string, at: Point): boolean =>
  [-margin, 0, margin].every((dx) =>
    [-margin, 0, margin].every((dy) => holds(condition, { x: at.x.plus(dx), y: at.y.plus(dy) })),
  );

function randomPoints({ domain, kink }: Rule, wanted: number): readonly Point[] {
  const random = new Random(17);
  const found: Point[] = [];
  for (let n = 0; found.length < wanted && n < 4000; n++) {
    const scale = random.pick([1, 1, 4]);
    const [x, y] = names.map(() => exact(((random.uniform() * 2 - 1) * scale * 2 ** 20) / 2 ** 20));
    const at = { x: x!, y: y! };
    if (domain !== undefined && !around(domain, at)) continue;
    if (kink && !around(`not (${kink.at})`, at)) continue;
    if (kink && [-margin, margin].some((d) => holds(kink.at, { x: at.x.plus(d), y: at.y }))) continue;
    found.push(at);
  }
  return found;
}

const isCondition = (op: Op): boolean => ops[op].gives === "bool" || ops[op].takes === "bool";

describe("a row of the derivative table", () => {
  for (const [op, rule] of Object.entries(rules) as [Op, Rule][]) {
    it(`has as many derivatives as ${op} has arguments, and two where it takes any number`, () => {
      assert.lengthOf(rule.d, ops[op].arity[0]);
    });

    // stop is not the derivative of its value, by definition
    if (op !== "stop")
      it(`agrees with differences of 64 digits: ${op}`, () => {
        const points = randomPoints(rule, 12).filter(
          // Conditions jump where an argument passes 0 or the other argument.
          (at) =>
            !isCondition(op) ||
            (at.x.abs().gt(margin) && at.y.abs().gt(margin) && at.x.minus(at.y).abs().gt(margin)),
        );
        assert.isAtLeast(points.length, 6);
        for (const at of points)
          for (const [n, text] of rule.d.entries()) {
            const name = names[n]!;
            const got = partial(op, text, at);
            const expected = slope((t) => valueOf(call(op), { ...at, [name]: t }), at[name]);
            const where = names.map((v) => `${v} = ${at[v].toNumber()}`).join(", ");
            assert.isTrue(
              got.minus(expected).abs().lte(got.abs().plus(1).times(1e-35)),
              `∂${op}/∂${name} is "${text}" = ${got.toNumber()}, differences say ${expected.toNumber()} at ${where}`,
            );
          }
      });

    if (rule.kink) {
      const { kink } = rule;
      const onKink = [-1.5, 0, 2.25]
        .flatMap((x) => [-1.5, 0, 2.25].map((y): Point => ({ x: exact(x), y: exact(y) })))
        .filter((at) => holds(kink.at, at));

      it(`gives the subgradient that was chosen on the kink of ${op}`, () => {
        assert.isNotEmpty(onKink);
        for (const at of onKink)
          assert.deepEqual(
            rule.d.map((text) => partial(op, text, at).toNumber()),
            [...kink.chosen],
          );
      });

      it(`chooses a member of the subdifferential of ${op}`, () => {
        assert.isTrue(isMember(kink.chosen, kink.among), `${String(kink.chosen)} is not among ${kink.among}`);
      });

      it(`has the limits of its derivatives in the subdifferential of ${op}`, () => {
        for (const at of onKink)
          for (const d of [1e-9, -1e-9]) {
            const limit = rule.d.map((text) =>
              Math.round(partial(op, text, { ...at, x: at.x.plus(d) }).toNumber()),
            );
            assert.isTrue(isMember(limit, kink.among), `${String(limit)} is not among ${kink.among}`);
          }
      });
    }
  }

  it("tells that a vector is no member of a subdifferential", () => {
    assert.isFalse(isMember([1, 1], "(t, 1 - t), 0 <= t <= 1"));
    assert.isFalse(isMember([1.5, -0.5], "(t, 1 - t), 0 <= t <= 1"));
    assert.isFalse(isMember([-1], "t, 0 <= t <= 1"));
  });
});

/** Whether a vector is of the form that `among` describes, `(t, 1 - t), 0 <= t <= 1`; the first entry is t. */
function isMember(vector: readonly number[], among: string): boolean {
  const [, form, condition] = /^\(?(.*?)\)?, ([^,]*)$/u.exec(among)!;
  const t = exact(vector[0]!);
  const entries = form!.split(", ").map((text) => valueOf(bodyOf(text), { t }).toNumber());
  return entries.every((x, n) => x === vector[n]) && valueOf(bodyOf(`[${condition}]`), { t }).eq(1);
}
