import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import { scheduleNest } from "../../lib/schedule/schedule.ts";
import { asIs } from "../reference.ts";

interface Row {
  readonly title: string;
  readonly text: string;
  /** Inputs to differentiate by; without any, the program is taken as it is. */
  readonly wrt?: readonly string[];
  readonly nest: string;
}

function scheduled({ text, wrt }: Row): string {
  const program = parse(text);
  const derivation = wrt === undefined ? asIs(program) : differentiate(program, { wrt });
  const nest = scheduleNest(lowerDerivation(derivation, { style: "fused" }), { rows: 4 });
  return printStatements(nest.body).join("\n");
}

// prettier-ignore
const rows: readonly Row[] = [
  { title: "takes rows in blocks, so that a contraction has several of them",
    text: "s[i,j] = sum(d, X[i,d] * W[d,j]); loss = sum(i, j, s[i,j]^3)", nest: `
var loss: real = 0
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  fill s with 0
  contract s[add(mul(sub(i, i0), C), j)] += X[add(mul(i, D), d)] * W[add(mul(d, C), j)]
    for all i from i0 to i1, j from 0 to C summed over d from 0 to D
  for i from i0 to i1
    for j from 0 to C
      let s_j: real = s[add(mul(sub(i, i0), C), j)]
      loss += mul(s_j, s_j, s_j)` },
  { title: "gives rows of their own to scores that are read at a label, too",
    text: "s[i,j] = sum(d, X[i,d] * W[d,j]); loss = sum(i, s[i,y[i]])", nest: `
var loss: real = 0
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  fill s with 0
  contract s[add(mul(sub(i, i0), C), j)] += X[add(mul(i, D), d)] * W[add(mul(d, C), j)]
    for all i from i0 to i1, j from 0 to C summed over d from 0 to D
  for i from i0 to i1
    loss += s[add(mul(sub(i, i0), C), y[i])]` },
  { title: "gives a number of each row a place in a buffer",
    text: "s[i] = sum(d, X[i,d] * w[d]); loss = sum(i, s[i]^3)", wrt: ["w"], nest: `
var loss: real = 0
fill dw with 0
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  fill s_rows with 0
  contract s_rows[sub(i, i0)] += X[add(mul(i, D), d)] * w[d]
    for all i from i0 to i1 summed over d from 0 to D
  for i from i0 to i1
    let s: real = s_rows[sub(i, i0)]
    loss += mul(s, s, s)
    let ds: real = mul(3, mul(s, s))
    ds_rows[sub(i, i0)] = ds
  contract dw[d] += X[add(mul(i, D), d)] * ds_rows[sub(i, i0)]
    for all d from 0 to D summed over i from i0 to i1` },
  { title: "computes what is made of a sum after the sums of the block",
    text: "out[i,k] = sum(d, X[i,d]*W[d,k]) + b[k]", nest: `
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  for i from i0 to i1
    for k from 0 to C
      out[add(mul(i, C), k)] = 0
  contract out[add(mul(i, C), k)] += X[add(mul(i, D), d)] * W[add(mul(d, C), k)]
    for all i from i0 to i1, k from 0 to C summed over d from 0 to D
  for i from i0 to i1
    for k from 0 to C
      out[add(mul(i, C), k)] = add(out[add(mul(i, C), k)], b[k])` },
  { title: "lists the rows whose adjoint is not zero, and sums over those",
    text: "loss = sum(i, j, max(0, sum(d, X[i,d]*W[d,j])))", wrt: ["W"], nest: `
var loss: real = 0
fill dW with 0
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  fill total with 0
  contract total[add(mul(sub(i, i0), C), j)] += X[add(mul(i, D), d)] * W[add(mul(d, C), j)]
    for all i from i0 to i1, j from 0 to C summed over d from 0 to D
  var active: int = 0
  for i from i0 to i1
    for j from 0 to C
      loss += relu(total[add(mul(sub(i, i0), C), j)])
      dtotal[j] = iverson(gt(total[add(mul(sub(i, i0), C), j)], 0))
      factor[add(mul(sub(i, i0), C), j)] = dtotal[j]
    # rows in which factor is not 0
    var nonzero: int = 0
    for n from 0 to C
      nonzero += iverson(ne(factor[add(mul(sub(i, i0), C), n)], 0))
    if gt(nonzero, 0)
      rows[active] = sub(i, i0)
      active += 1
  contract dW[add(mul(d, C), j)] += X[add(add(mul(i0, D), mul(rows[a], D)), d)] * factor[add(mul(rows[a], C), j)]
    for all d from 0 to D, j from 0 to C summed over a from 0 to active` },
  { title: "lists rows by the one number that is their adjoint",
    text: "s[i] = sum(d, X[i,d] * w[d]); loss = sum(i, max(0, 1 - t[i] * s[i]))", wrt: ["w"], nest: `
var loss: real = 0
fill dw with 0
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  fill s_rows with 0
  contract s_rows[sub(i, i0)] += X[add(mul(i, D), d)] * w[d]
    for all i from i0 to i1 summed over d from 0 to D
  var active: int = 0
  for i from i0 to i1
    let s: real = s_rows[sub(i, i0)]
    let t_i: real = t[i]
    loss += relu(sub(1, mul(s, t[i])))
    let ds: real = (lt(mul(s, t_i), 1) ? neg(t_i) : 0)
    ds_rows[sub(i, i0)] = ds
    # rows in which ds_rows is not 0
    if ne(ds_rows[sub(i, i0)], 0)
      rows[active] = sub(i, i0)
      active += 1
  contract dw[d] += X[add(add(mul(i0, D), mul(rows[a], D)), d)] * ds_rows[rows[a]]
    for all d from 0 to D summed over a from 0 to active` },
  { title: "looks for no zero rows where a function never gives zero",
    text: "loss = sum(i, j, exp(sum(d, X[i,d]*W[d,j])))", wrt: ["W"], nest: `
var loss: real = 0
fill dW with 0
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  fill total with 0
  contract total[add(mul(sub(i, i0), C), j)] += X[add(mul(i, D), d)] * W[add(mul(d, C), j)]
    for all i from i0 to i1, j from 0 to C summed over d from 0 to D
  for i from i0 to i1
    for j from 0 to C
      exp_total_j[j] = exp(total[add(mul(sub(i, i0), C), j)])
      loss += exp_total_j[j]
      dtotal[add(mul(sub(i, i0), C), j)] = exp_total_j[j]
  contract dW[add(mul(d, C), j)] += X[add(mul(i, D), d)] * dtotal[add(mul(sub(i, i0), C), j)]
    for all d from 0 to D, j from 0 to C summed over i from i0 to i1` },
  { title: "moves a condition into the factor that has its index",
    text: "out[i,k] = sum(d, M[i,d] > 0, X[i,d]*W[d,k])", nest: `
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  for i from i0 to i1
    for d from 0 to D
      X_masked[add(mul(sub(i, i0), D), d)] = (gt(M[add(mul(i, D), d)], 0) ? X[add(mul(i, D), d)] : 0)
    for k from 0 to C
      out[add(mul(i, C), k)] = 0
  contract out[add(mul(i, C), k)] += W[add(mul(d, C), k)] * X_masked[add(mul(sub(i, i0), D), d)]
    for all i from i0 to i1, k from 0 to C summed over d from 0 to D` },
  { title: "looks for no zero rows where a condition only masks what is not zero",
    text: "h[i,k] = relu(sum(d, X[i,d]*W[d,k])); loss = sum(i, k, exp(h[i,k]))", wrt: ["W"], nest: `
var loss: real = 0
fill dW with 0
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  fill total with 0
  contract total[add(mul(sub(i, i0), C), k)] += X[add(mul(i, D), d)] * W[add(mul(d, C), k)]
    for all i from i0 to i1, k from 0 to C summed over d from 0 to D
  for i from i0 to i1
    for k from 0 to C
      h[k] = relu(total[add(mul(sub(i, i0), C), k)])
      exp_h_k[k] = exp(h[k])
      loss += exp_h_k[k]
      dh[k] = exp_h_k[k]
      dtotal[add(mul(sub(i, i0), C), k)] = (gt(total[add(mul(sub(i, i0), C), k)], 0) ? dh[k] : 0)
  contract dW[add(mul(d, C), k)] += X[add(mul(i, D), d)] * dtotal[add(mul(sub(i, i0), C), k)]
    for all d from 0 to D, k from 0 to C summed over i from i0 to i1` },
  { title: "keeps the indices of a window around a contraction of its positions, and a row around both",
    text: "out[n,f,p] = sum(d, r, 0 <= p + r - 1 < extent(X, 2), X[n,d,p + r - 1] * K[f,d,r])", nest: `
for n from 0 to N
  for f from 0 to F
    for p from 0 to P
      out[add(mul(add(mul(n, F), f), P), p)] = 0
  for r from 0 to R
    contract out[add(mul(add(mul(n, F), f), P), p)] += X[sub(add(add(mul(add(mul(n, D), d), p_size), p), r), 1)] * K[add(mul(add(mul(f, D), d), R), r)]
      for all f from 0 to F, p from max(0, sub(1, r)) to min(P, add(sub(p_size, r), 1)) summed over d from 0 to D` },
  { title: "leaves a pass alone in which each row takes its own part of a factor",
    text: "loss = sum(i, sum(d, X[i,d]*W[y[i],d])^3)", nest: `
var loss: real = 0
for i from 0 to N
  var sum: real = 0
  let y_i: int = y[i]
  for d from 0 to D
    sum += mul(X[add(mul(i, D), d)], W[add(mul(y_i, D), d)])
  loss += mul(sum, sum, sum)` },
  { title: "leaves a pass alone in which nothing is contracted",
    text: "loss = sum(i, d, (X[i,d] - 1)^2)", nest: `
var loss: real = 0
for i from 0 to N
  for d from 0 to D
    let difference: real = sub(X[add(mul(i, D), d)], 1)
    loss += mul(difference, difference)` },
  { title: "leaves a sum of squares alone, in which no load serves twice",
    text: "loss = sum(i, sum(d, X[i,d] * X[i,d])^2)", nest: `
var loss: real = 0
for i from 0 to N
  var sum: real = 0
  for d from 0 to D
    let X_d: real = X[add(mul(i, D), d)]
    sum += mul(X_d, X_d)
  loss += mul(sum, sum)` },
  { title: "stores rows that a later pass reads, and finds its contraction all the same",
    text: "a[i,m] = sum(d, Q[i,d]*K[m,d]); out[i,m] = a[i,m] + a[y[i],m]", nest: `
for i0 from 0 to N by 4
  let i1: int = min(add(i0, 4), N)
  for i from i0 to i1
    for m from 0 to M
      a[add(mul(i, M), m)] = 0
  contract a[add(mul(i, M), m)] += Q[add(mul(i, D), d)] * K[add(mul(m, D), d)]
    for all i from i0 to i1, m from 0 to M summed over d from 0 to D
for i from 0 to N
  let y_i: int = y[i]
  for m from 0 to M
    out[add(mul(i, M), m)] = add(a[add(mul(i, M), m)], a[add(mul(y_i, M), m)])` },
];

describe("a schedule", () => {
  for (const row of rows) it(row.title, () => assert.equal(`\n${scheduled(row)}`, row.nest));
});
