import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { gradientProgram } from "../../lib/diff/higher.ts";
import { read } from "../../lib/expr/node.ts";
import { writtenSize } from "../../lib/expr/parts.ts";
import type { Definition } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";
import { cost } from "../../lib/simplify/algebra.ts";
import { print } from "../../lib/text/print.ts";

const nodes = (definitions: readonly Definition[]): number => cost(...definitions.map((d) => d.body));

/** √(x + √(x + …)), so many deep. */
const nested = (deep: number): string => (deep === 0 ? "x" : `sqrt(x + ${nested(deep - 1)})`);

/** y1 = f(x), y2 = f(y1), …, as definitions. */
const chain = (length: number, f: (y: string) => string): string =>
  Array.from({ length }, (_, n) => `y${n + 1} = ${f(n === 0 ? "x" : `y${n}`)}`).join("\n");

/** The derivatives of a text, once and again. */
const once = (text: string) => differentiate(parse(text), { wrt: ["x"] });
const twice = (text: string) => differentiate(gradientProgram(once(text), "x"), { wrt: ["x"] });

/** A layer of so many units, and its squared error. */
const network = (terms: number): string =>
  `loss = sum(i, (${Array.from({ length: terms }, (_, n) => `a${n} * tanh(b${n} * x[i])`).join(" + ")} - y[i])^2)`;

const written = (text: string): number =>
  differentiate(parse(text)).definitions.reduce((sum, d) => sum + writtenSize(d.body), 0);

/** Component d of a cross product. */
const cross = (a: string, b: string): string =>
  `d == 0 ? ${a}[1]*${b}[2] - ${a}[2]*${b}[1] : d == 1 ? ${a}[2]*${b}[0] - ${a}[0]*${b}[2] : ${a}[0]*${b}[1] - ${a}[1]*${b}[0]`;

describe("the size of a derivative", () => {
  it("stays below 400 nodes for the second derivative of eight nested roots", () => {
    const sizes = [2, 4, 8].map((deep) => nodes(twice(`loss = ${nested(deep)}`).definitions));
    assert.isBelow(sizes[2]!, 400);
    assert.isBelow(sizes[2]! / sizes[1]!, 3);
  });

  it("keeps cross products of differences as they are written, and by name where they are read often", () => {
    const dihedral = `a[d] = x[1,d] - x[0,d]\nb[d] = x[2,d] - x[1,d]\nc[d] = x[3,d] - x[2,d]
      m[d < 3] = ${cross("a", "b")}\nn[d < 3] = ${cross("b", "c")}
      loss = sum(d, m[d]*n[d]) / sqrt(sum(d, m[d]^2) * sum(d, n[d]^2))`;
    const names = differentiate(parse(dihedral)).definitions.map((d) => d.name);
    assert.includeMembers(names, ["m", "n", "dm", "dn", "dx"]);
    assert.isBelow(written(dihedral), 1000);
    const area = "loss = (x[1] - x[0])*(y[2] - y[1]) - (y[1] - y[0])*(x[2] - x[1])";
    const [loss] = differentiate(parse(area)).definitions;
    assert.equal(print(loss!.body), "(x[0] - x[1]) * (y[1] - y[2]) - (x[1] - x[2]) * (y[0] - y[1])");
  });

  it("keeps the digits of an area far from the origin", () => {
    const area = parse("loss = (x[1] - x[0])*(y[2] - y[1]) - (y[1] - y[0])*(x[2] - x[1])");
    const far = 2 ** 40;
    const { value } = compile(differentiate(area))({
      x: [far, far + 1, far + 3],
      y: [far, far + 2, far + 1],
    });
    assert.equal(value, -5);
  });

  // prettier-ignore
  const steps: readonly (readonly [title: string, f: (y: string) => string])[] = [
    ["squares",                (y) => `${y}*${y}`],
    ["a sine times its angle", (y) => `sin(${y})*${y}`],
    ["sums of products",       (y) => `${y} + ${y}*z`],
    ["logistic steps",         (y) => `3*${y}*(1 - ${y})`],
    ["quotients",              (y) => `${y}/(1 + ${y}^2)`],
  ];
  for (const [title, f] of steps)
    it(`is proportional to the length of a chain of ${title}, and soon found`, () => {
      const [short, long] = [8, 16].map((length) => nodes(once(chain(length, f)).definitions));
      assert.isAtMost(long!, 2.4 * short!);
    }).timeout(5000);

  it("is proportional to the number of terms that are squared together, by all that is in them", () => {
    assert.isAtMost(written(network(60)), 2.2 * written(network(30)));
  }).timeout(10_000);

  it("is found for parts that are shared a million ways", () => {
    assert.isBelow(nodes(once(chain(20, (y) => `${y}*${y}`)).definitions), 120);
    assert.isBelow(nodes(once(chain(24, (y) => `cos(${y})*${y}`)).definitions), 600);
  }).timeout(10_000);
});

/** How many nodes there were so far: a new one is numbered by it. */
let asked = 0;
const created = (): number => read(`counted${asked++}`, []).id;

/** How many nodes it takes to find the derivatives of a text by x, those of attempts that are given up as well. */
function effort(text: string): number {
  const program = parse(text);
  const before = created();
  differentiate(program, { wrt: program.inputs.map((i) => i.name).filter((name) => name.startsWith("x")) });
  return created() - before;
}

const list = (n: number, of: (k: number) => string, joint: string): string =>
  Array.from({ length: n }, (_, k) => of(k)).join(joint);

describe("the effort of a derivative", () => {
  // Names end in the size, so that no size finds what another one left.
  // prettier-ignore
  const families: readonly (readonly [title: string, of: (n: number) => string])[] = [
    ["a chain of definitions", (n) => `h0[i] = x${n}[i]\n${list(n, (k) => `h${k + 1}[i] = tanh(c${k}_${n} * h${k}[i])`, "\n")}\nloss = sum(i, h${n}[i])`],
    ["a chain of layers",      (n) => `h0_${n}[i] = x${n}[i]\n${list(n, (k) => `h${k + 1}_${n}[i] = relu(sum(j, A${k}_${n}[i,j] * h${k}_${n}[j]))`, "\n")}\nloss = sum(i, h${n}_${n}[i]^2)`],
    ["a sum of terms",         (n) => `loss = sum(i, ${list(n, (k) => `a${k}_${n} * sin(${k + 1} * x${n}[i])`, " + ")})`],
    ["a sum of losses",        (n) => `${list(n, (k) => `s${k} = mean(i, max(0, x${n}[i] - t${k}_${n}))`, "\n")}\nloss = ${list(n, (k) => `s${k}`, " + ")}`],
  ];
  for (const [title, of] of families)
    it(`is proportional to the length of ${title}`, () => {
      effort(of(12)); // what is made once for all sizes
      const [short, long] = [24, 48].map((n) => effort(of(n)));
      assert.isAtMost(long!, 2.3 * short!);
    });
});
