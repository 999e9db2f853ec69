import { assert } from "chai";
import { bind } from "../../lib/bind.ts";
import { entry, names } from "../../lib/catalogue.ts";
import { Random } from "../../lib/check/random.ts";
import type { Step } from "../../lib/diff/derivation.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { factsOf } from "../../lib/diff/facts.ts";
import { evaluate, evaluateAt, inputTables, type Scope, type Table } from "../../lib/eval.ts";
import { sizeOf } from "../../lib/expr/extent.ts";
import {
  apply,
  at,
  children,
  freeIndices,
  num,
  read,
  rebuild,
  type Expr,
  type Index,
} from "../../lib/expr/node.ts";
import { generate } from "../../lib/generate.ts";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import { parse } from "../../lib/parse.ts";
import { algebra } from "../../lib/simplify/simplify.ts";
import type { Algebra } from "../../lib/simplify/algebra.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { print } from "../../lib/text/print.ts";
import { randomGiven } from "./points.ts";
import { programs } from "./programs.ts";

const field = await decimal(40);

type Place = ReadonlyMap<Index, number>;

/** Values for the indices; undefined where one has none. */
function randomPlace(
  indices: readonly Index[],
  { sizes }: Scope<Decimal>,
  random: Random,
): Place | undefined {
  const lengths = indices.map((i) => sizeOf(i.extent, sizes));
  return lengths.every((n) => n > 0)
    ? new Map(indices.map((i, n) => [i, random.int(0, lengths[n]! - 1)]))
    : undefined;
}

/** The value, or undefined where something is read that is not there: a condition around the step rules that out. */
function valueAt(e: Expr, place: Place, scope: Scope<Decimal>): Decimal | undefined {
  try {
    return evaluateAt(e, place, scope);
  } catch {
    return undefined;
  }
}

const near = (a: Decimal, b: Decimal): boolean => a.minus(b).abs().lte(a.abs().plus(1).times(1e-18));

const scalar = (value: Decimal): Table<Decimal> => ({ shape: [], data: [value] });
const epsilon = read("ε", []);

/** The derivative by ε at 0. */
function slope(e: Expr, place: Place, { field, sizes, tables }: Scope<Decimal>): Decimal | undefined {
  const h = field.fromNumber(2 ** -40);
  const of = (h: Decimal): Decimal | undefined =>
    valueAt(e, place, { field, sizes, tables: new Map([...tables, ["ε", scalar(h)]]) });
  const central = (h: Decimal): Decimal | undefined => {
    const [right, left] = [of(h), of(h.neg())];
    return right && left && right.minus(left).div(h.times(2));
  };
  const [coarse, fine] = [central(h), central(h.div(2))];
  return coarse && fine && fine.times(4).minus(coarse).div(3);
}

/** `before` with ε added to one of its operands that is `by`; of a reduction's body only at one value of the index. */
function* nudged(before: Expr, by: Expr, place: Place): Generator<Expr> {
  const parts = children(before);
  for (const [position, part] of parts.entries()) {
    if (part !== by) continue;
    const here =
      before.kind === "reduce"
        ? apply("iverson", apply("eq", at(before.over), num(place.get(before.over)!)))
        : num(1);
    let n = 0;
    yield rebuild(before, (child) =>
      n++ === position ? apply("add", child, apply("mul", here, epsilon)) : child,
    );
  }
}

/** How the sides of a step compare at a place; undefined where they cannot be. */
function holdsAt(
  { before, after, by }: Step,
  place: Place,
  scope: Scope<Decimal>,
  s: Algebra,
): boolean | undefined {
  const expected = valueAt(after, place, scope);
  if (by === undefined) {
    const value = valueAt(before, place, scope);
    return value?.isFinite() && expected ? near(value, expected) : undefined;
  }
  const [whole, part] = [s.simplify(before), s.simplify(by)];
  assert.include(children(whole), part, "by is an operand of before");
  const slopes = [...nudged(whole, part, place)].map((e) => slope(e, place, scope));
  if (expected === undefined || slopes.some((x) => !x?.isFinite())) return undefined;
  return slopes.some((x) => near(x!, expected));
}

const described = ({ rule, before, after }: Step): string =>
  `${rule}: ${print(before)} became ${print(after)}`;

const texts = [
  ...names().map((name) => ({ title: `${name} of the catalogue`, text: entry(name)!.text })),
  ...programs.filter((_, n) => n % 6 === 3),
];

describe("a step of a derivation", () => {
  for (const { title, text, ...options } of texts)
    it(`keeps the value, or is the derivative it says: ${title}`, () => {
      const derivation = differentiate(parse(text));
      const s = algebra(factsOf(derivation.program));
      const compared = new Map<Step, number>(derivation.steps.map((step) => [step, 0]));
      for (const seed of [1, 2, 3]) {
        const given = randomGiven(derivation, seed, { positive: seed === 2, ...options });
        const binding = bind(derivation, given);
        const tables = new Map([
          ...inputTables(binding, field),
          ...evaluate(derivation.program.definitions, binding, field),
          ...evaluate(derivation.definitions, binding, field),
        ]);
        const scope = { field, sizes: binding.sizes, tables };
        const random = new Random(seed);
        for (const step of derivation.steps) {
          const over = step.by ? freeIndices(step.by) : [];
          const indices = [...new Set([...freeIndices(step.before), ...freeIndices(step.after), ...over])];
          for (let n = 0; n < 3; n++) {
            const place = randomPlace(indices, scope, random);
            const same = place && holdsAt(step, place, scope, s);
            if (same) compared.set(step, compared.get(step)! + 1);
            if (same === false) assert.fail(`${described(step)}${step.by ? ` by ${print(step.by)}` : ""}`);
          }
        }
      }
      for (const [step, times] of compared)
        if (times === 0) assert.fail(`never compared: ${described(step)}`);
    });

  for (const name of names())
    it(`is told wherever the gradient is not plainly linear: ${name}`, () => {
      const { steps, definitions } = differentiate(parse(entry(name)!.text));
      assert.isNotEmpty(definitions);
      if (name !== "affine" && name !== "conv2d") assert.isNotEmpty(steps);
    });
});

const ids = ({ definition, rule, before, after }: Step) => [definition, rule, before.id, after.id];

describe("steps that nobody has read", () => {
  it("are the same ones when they are read at last, and again", () => {
    const text = "s[i] = sum(j, X[i,j] * w[j])\nloss = mean(i, max(0, 1 - t[i] * s[i])^2)";
    const [early, late] = [differentiate(parse(text)), differentiate(parse(text))];
    const expected = early.steps.map(ids);
    const stable = stabilise(late);
    generate(late, { target: "js", style: "fused" });
    assert.isNotEmpty(expected);
    assert.deepEqual(late.steps.map(ids), expected);
    assert.strictEqual(stable.steps, late.steps);
  });
});
