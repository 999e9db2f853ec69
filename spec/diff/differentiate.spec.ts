import { assert } from "chai";
import { bind } from "../../lib/bind.ts";
import { differentiateNumerically } from "../../lib/check/high-precision.ts";
import { Random } from "../../lib/check/random.ts";
import type { Derivation } from "../../lib/diff/derivation.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { UserError } from "../../lib/errors.ts";
import { evaluate, type Table } from "../../lib/eval.ts";
import { output } from "../../lib/expr/program.ts";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import { parse } from "../../lib/parse.ts";
import { printProgram } from "../../lib/text/print.ts";
import { randomGiven, type Given } from "./points.ts";
import { programs, type Specimen } from "./programs.ts";

/** Digits of closed forms and of the differences they are compared with. */
const digits = 40;
/** Truncation is then of size 1e-40, and round-off of 1e-30 where values are of ordinary size. */
const step = 1e-10;

/** At most this many entries of each gradient are compared at each point. */
const entries = 2;

interface Checked {
  readonly closed: ReadonlyMap<string, Table<Decimal>>;
  readonly direct: Table<Decimal>;
}

async function evaluated(derivation: Derivation, given: Given): Promise<Checked> {
  const field = await decimal(digits);
  const { program } = derivation;
  const direct = evaluate(program.definitions, bind(program, given, { allowExtra: true }), field);
  return {
    closed: evaluate(derivation.definitions, bind(derivation, given), field),
    direct: direct.get(output(program).name)!,
  };
}

const near = (a: Decimal, b: Decimal): boolean => a.minus(b).abs().lte(a.abs().plus(1).times(1e-20));

async function check(specimen: Specimen, seed: number): Promise<void> {
  const program = parse(specimen.text);
  const derivation = differentiate(program, specimen.wrt ? { wrt: specimen.wrt } : {});
  const given = randomGiven(derivation, seed, specimen);
  const { closed, direct } = await evaluated(derivation, given);
  const shown = printProgram(derivation.definitions);
  const value = closed.get(derivation.value)!;
  for (const [n, x] of direct.data.entries())
    assert.isTrue(
      near(x, value.data[n]!),
      `the value is ${x.toNumber()}, not ${value.data[n]!.toNumber()}\n${shown}`,
    );

  const { name, indices } = output(program);
  const upstream = given[`d${name}`];
  const binding = bind(program, given, { allowExtra: true });
  const random = new Random(seed);
  for (const input of derivation.wrt) {
    const gradient = closed.get(derivation.gradients.get(input)!)!;
    const { shape, data } = binding.arrays.get(input)!;
    assert.deepEqual([...gradient.shape], [...shape], `the shape of the gradient by ${input}`);
    const positions =
      data.length <= entries
        ? [...data.keys()]
        : Array.from({ length: entries }, () => random.int(0, data.length - 1));
    for (const position of positions) {
      const slope = {
        output: name,
        input,
        position,
        upstream: indices.length > 0 && typeof upstream === "object" ? upstream.data : undefined,
      };
      const expected = await differentiateNumerically(program.definitions, binding, slope, { digits, step });
      const got = gradient.data[position]!;
      assert.isTrue(
        near(expected, got),
        `d${input}[${position}] is ${got.toNumber()}, differences say ${expected.toNumber()}\n${shown}`,
      );
    }
  }
}

describe("a gradient", () => {
  for (const specimen of programs)
    it(`agrees with differences of 40 digits: ${specimen.title}`, async () => {
      for (const seed of [1, 2]) await check(specimen, seed);
    });
});

describe("differentiate", () => {
  // prettier-ignore
  const mistakes: readonly (readonly [title: string, text: string, wrt: string, message: string])[] = [
    ["refuses a name that is nowhere", "loss = sum(i, x[i]*t[i])", "w", "there is no w to differentiate with respect to\n  fix: choose among x, t"],
    ["refuses the output itself", "loss = sum(i, x[i]*t[i])", "loss", "there is no loss to differentiate with respect to\n  fix: choose among x, t"],
    ["refuses labels", "loss = sum(i, s[i,y[i]])", "y", "y holds integers, so nothing can be differentiated with respect to it\n  fix: choose among s"],
    ["refuses a count", "n = sum(i, [x[i] > 0])\nloss = n*sum(i, x[i])", "n", "n holds integers, so nothing can be differentiated with respect to it\n  fix: choose among x"],
    ["refuses names of objects' own", "loss = sum(i, x[i])", "constructor", "there is no constructor to differentiate with respect to\n  fix: choose among x"],
  ];
  for (const [title, text, wrt, message] of mistakes)
    it(title, () => {
      assert.throws(
        () => differentiate(parse(text), { wrt: [wrt] }),
        UserError,
        new RegExp(`^${escaped(message)}$`, "u"),
      );
    });

  it("refuses an upstream gradient whose name is taken", () => {
    assert.throws(
      () => differentiate(parse("out[i] = x[i]*dout")),
      UserError,
      /^line 1, column 1: the gradient by out arrives as dout, and that name is taken\n {2}fix: rename dout$/u,
    );
  });

  it("gives a gradient of 0 by what the output does not depend on", () => {
    const { definitions } = differentiate(parse("loss = sum(i, stop(x0[i])*t0[i])"), { wrt: ["x0"] });
    assert.equal(printProgram(definitions.slice(-1)), "dx0[i < extent(x0, 0)] = 0");
  });

  it("is right where a sum has the index of an earlier program", () => {
    parse("loss = sum(j, x9[j])");
    const { definitions } = differentiate(parse("loss = sum(i, relu(x9[i])) - sum(i, relu(-x9[i]))"));
    assert.match(printProgram(definitions.slice(-1)), /^dx9\[\w < extent\(x9, 0\)\] = 1$/u);
  });

  it("differentiates by a stage", () => {
    const { definitions } = differentiate(parse("h1[i] = tanh(x1[i])\nloss = sum(i, h1[i]^2)"), {
      wrt: ["h1"],
    });
    assert.equal(printProgram(definitions.slice(-1)), "dh1[i] = 2 * h1[i]");
  });
});

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
