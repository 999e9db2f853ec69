import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import type { Style } from "../../lib/loop/context.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import { asIs } from "../reference.ts";
import { inputsArbitrary, programOf, zoo } from "../zoo.ts";
import { agrees } from "./agrees.ts";

const styles: readonly Style[] = ["loops", "fused"];

describe("a nest", () => {
  for (const specimen of zoo)
    for (const style of styles)
      it(`computes what the reference does and stays inside its buffers: ${specimen.title}, ${style}`, () => {
        for (const derivation of [differentiate(programOf(specimen)), asIs(programOf(specimen))])
          agrees(lowerDerivation(derivation, { style }), derivation, inputsArbitrary(specimen), {
            seed: 31,
            numRuns: 20,
          });
      });
});

const nestOf = (text: string, style: Style = "loops"): readonly string[] =>
  printStatements(lowerDerivation(asIs(parse(text)), { style }).body);

// prettier-ignore
const shapes: readonly { readonly title: string; readonly text: string; readonly style?: Style; readonly nest: string }[] = [
  { title: "a count that needs the row only is taken once a row",
    text: "loss = sum(i, k, x[i,k] * count(j, x[i,j] > 0))", nest: `
var loss: real = 0
for i from 0 to N
  var count: int = 0
  for j from 0 to C
    if gt(x[add(mul(i, C), j)], 0)
      count += 1
  for k from 0 to C
    loss += mul(x[add(mul(i, C), k)], count)` },
  { title: "bounds of an index are read off its guard",
    text: "loss = sum(i, sum(j, 0 <= i - j < 3, x[i] * x[j]))", nest: `
var loss: real = 0
for i from 0 to N
  let j_from: int = max(0, sub(i, 2))
  let j_to: int = min(N, add(i, 1))
  let x_i: real = x[i]
  for j from j_from to j_to
    loss += mul(x_i, x[j])` },
  { title: "a sum over the samples of a label is a scatter",
    text: "n[v] = sum(i, t[i] == v, x[i]); loss = sum(v, n[v] * w[v] + w[t[0]])", nest: `
fill n with 0
for i from 0 to N
  let t_i: int = t[i]
  if and(ge(t_i, 0), lt(t_i, V))
    n[t_i] += x[i]
var loss: real = 0
let w_t: real = w[t[0]]
for v from 0 to V
  loss += add(mul(n[v], w[v]), w_t)` },
  { title: "a mean that every row needs is complete before the rows that need it",
    text: "m = mean(i, xm[i]); loss = sum(i, (xm[i] - m)^2)", nest: `
var m: real = 0
for i from 0 to N
  m += xm[i]
m = div(m, N)
var loss: real = 0
for i from 0 to N
  let difference: real = sub(xm[i], m)
  loss += mul(difference, difference)` },
  { title: "a fused contraction runs along the memory",
    style: "fused", text: "s[i,j] = sum(d, X[i,d] * W[d,j]); loss = sum(i, j, s[i,j]^3)", nest: `
var loss: real = 0
for i from 0 to N
  fill s with 0
  for d from 0 to D
    let X_d: real = X[add(mul(i, D), d)]
    for j from 0 to C
      s[j] += mul(X_d, W[add(mul(d, C), j)])
  for j from 0 to C
    let s_j: real = s[j]
    loss += mul(s_j, s_j, s_j)` },
  { title: "a side of ?: with loops of its own is a branch",
    text: "loss = a > 0 ? argmax(i, x[i]) + b : a", nest: `
var chosen: real = 0
if gt(a, 0)
  var argmax: int = -1
  var largest: real = -Infinity
  for i from 0 to N
    let x_i: real = x[i]
    if or(lt(argmax, 0), and(eq(largest, largest), not(le(x_i, largest))))
      largest = x_i
      argmax = i
  chosen = add(argmax, b)
else
  chosen = a
let loss: real = chosen` },
];

describe("lowering", () => {
  for (const { title, text, style, nest } of shapes)
    it(`${title}`, () => {
      assert.equal(nestOf(text, style).join("\n"), nest.trim());
    });
});

describe("the formula above a piece of code", () => {
  it("is written when it is read, and once", () => {
    let written = 0;
    const describe = (): string => `formula ${++written}`;
    const { body } = lowerDerivation(asIs(parse("loss = sum(i, x[i])")), { style: "loops", describe });
    assert.equal(written, 0);
    const formulas = (): readonly string[] => printStatements(body).filter((line) => line.includes("#"));
    assert.deepEqual([...formulas(), ...formulas()], ["  # formula 1", "  # formula 1"]);
    assert.equal(written, 1);
  });
});
