import { assert } from "chai";
import fc from "fast-check";
import { bind, type Given } from "../../lib/bind.ts";
import { smooth, type Smooth } from "../../lib/check/functions.ts";
import { partials } from "../../lib/check/partials.ts";
import { trace, type Trace } from "../../lib/check/trace.ts";
import { evaluate } from "../../lib/eval.ts";
import { output } from "../../lib/expr/program.ts";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import type { Field } from "../../lib/number/field.ts";
import { parse } from "../../lib/parse.ts";

const traced = (text: string, at: Given): Trace => {
  const program = parse(text);
  return trace(
    program,
    bind(program, at),
    program.inputs.filter((i) => i.type === "real").map((i) => i.name),
    undefined,
  );
};

/** A point well inside the domain of each function. */
const inside: Partial<Record<Smooth, (t: number) => number>> = {
  log: (t) => Math.exp(t),
  log2: (t) => Math.exp(t),
  log10: (t) => Math.exp(t),
  sqrt: (t) => Math.exp(t),
  cbrt: (t) => Math.exp(t),
  log1p: (t) => Math.exp(t) - 1,
  asin: (t) => Math.tanh(t),
  acos: (t) => Math.tanh(t),
  atanh: (t) => Math.tanh(t),
  acosh: (t) => 1 + Math.exp(t),
};

describe("the tape", () => {
  let field: Field<Decimal>;
  before(async () => (field = await decimal(80)));

  const exact = (text: string, at: Given): Decimal => {
    const program = parse(text);
    return evaluate(program.definitions, bind(program, at), field).get(output(program).name)!.data[0]!;
  };

  for (const op of Object.keys(smooth) as Smooth[])
    it(`knows the slope of ${op}, and bounds the error of its value`, () => {
      const place = inside[op] ?? ((t: number) => t);
      fc.assert(
        fc.property(fc.integer({ min: -250, max: 250 }), fc.integer({ min: -100, max: 100 }), (k, e) => {
          const x = place(k / 100) || 0.5;
          // The argument has an error of its own: x is reached by way of 1e3 · x.
          const text = `loss = ${op}(a + b)`;
          const at = { a: x + 1e3 + e, b: -1e3 - e };
          const { tape, root } = traced(text, at);
          const gap = Math.abs(
            field.toNumber(field.functions.sub(exact(text, at), field.fromNumber(tape.value[root]!))),
          );
          assert.isAtMost(gap, tape.error[root]!);
          const h = 2 ** -60;
          const { add, sub } = field.functions;
          const f = field.functions[op];
          const at0 = field.fromNumber(tape.value[tape.operand(root, 0)]!);
          const rise = field.toNumber(
            sub(f(add(at0, field.fromNumber(h))), f(sub(at0, field.fromNumber(h)))),
          );
          partials(tape, root, tape, (_, slope, terms, error) => {
            assert.isAtMost(Math.abs(rise / (2 * h) - slope), error + 1e-14 * terms, `${op} at ${x}`);
          });
        }),
        { seed: 11, numRuns: 40 },
      );
    });

  const formulas = [
    "loss = a * b * c",
    "loss = a / b - c",
    "loss = (a^2)^b",
    "loss = sum(i, x[i] * x[i]) - a",
    "loss = prod(i, x[i])",
    "loss = logsumexp(i, b * x[i])",
    "loss = max(i, x[i]) - min(i, x[i])",
    "loss = hypot(a, b) * atan2(a, b)",
    "loss = exp(sum(i, x[i])) / (1 + exp(sum(i, x[i])))",
    "loss = a > b ? a * a : b * c",
  ];
  for (const text of formulas)
    it(`bounds the error of ${text}`, () => {
      const number = fc.integer({ min: -3000, max: 3000 }).map((k) => (k === 0 ? 0.3 : k / 999));
      fc.assert(
        fc.property(
          number,
          number,
          number,
          fc.array(number, { minLength: 1, maxLength: 5 }),
          (a, b, c, x) => {
            const all = { a, b, c, x };
            const wanted = new Set(parse(text).inputs.map((i) => i.name));
            const at = Object.fromEntries(Object.entries(all).filter(([name]) => wanted.has(name)));
            const { tape, root } = traced(text, at);
            const gap = field.toNumber(
              field.functions.sub(exact(text, at), field.fromNumber(tape.value[root]!)),
            );
            assert.isAtMost(Math.abs(gap), tape.error[root]!);
          },
        ),
        { seed: 12, numRuns: 60 },
      );
    });
});
