import { differentiate } from "../../lib/diff/differentiate.ts";
import type { Derivation } from "../../lib/diff/derivation.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { scheduleNest } from "../../lib/schedule/schedule.ts";
import { agrees } from "../loop/agrees.ts";
import { asIs } from "../reference.ts";
import { inputsArbitrary, programOf, zoo, type Specimen } from "../zoo.ts";

/** What schedules must keep their hands off, or do with care. */
// prettier-ignore
const delicate: readonly Specimen[] = [
  { title: "a condition that keeps a read inside its array", inputs: "A:P,F B:N,F c:R",
    text: "z[i] = sum(f, r, 2*r - 3 >= 0 and 2*r - 3 < extent(A, 0), A[2*r-3,f] * B[i,f] * c[r]); loss = sum(i, z[i]^2)" },
  { title: "a condition on the row and a summed index", inputs: "X:N,D W:D,C",
    text: "s[i,j] = sum(d, 2*d <= i, X[i,d] * W[d,j]); loss = sum(i, j, s[i,j]^2)" },
  { title: "a factor whose place a row computes", inputs: "s:N,C X:N,D T:C,D,J", positive: "C",
    text: "best[i] = argmax(j, s[i,j]); out[i,j] = sum(d, X[i,d] * T[best[i],d,j]); loss = sum(i, j, out[i,j]^2)" },
  { title: "rows that take their part of the same array at two ends", inputs: "X:N,N W:N,N",
    text: "s[i,j] = sum(d, X[i,d] * W[d,j]); loss = sum(i, j, s[i,j] * s[j,i])" },
  { title: "one weight of each row beside an array", inputs: "X:N,D w:N v:D C:D,K",
    text: "s[i,k] = sum(d, w[i] * X[i,d] * C[d,k] * v[d]); loss = sum(i, k, s[i,k]^3)" },
  { title: "windows with a stride and several channels", inputs: "X:N,D,H K:F,D,R", positive: "HR",
    text: "out[n,f,p] = sum(d, r, 0 <= 2*p + r - 1 < extent(X, 2), X[n,d,2*p + r - 1] * K[f,d,r])" },
];

describe("a scheduled nest", () => {
  for (const specimen of [...zoo, ...delicate])
    it(`computes what the reference does and stays inside its buffers: ${specimen.title}`, () => {
      const derivation = differentiate(programOf(specimen));
      for (const rows of [1, 2, 3]) inBlocks(derivation, specimen, rows);
      inBlocks(asIs(programOf(specimen)), specimen, 2);
    });
});

function inBlocks(derivation: Derivation, specimen: Specimen, rows: number): void {
  const nest = scheduleNest(lowerDerivation(derivation, { style: "fused" }), { rows });
  agrees(nest, derivation, inputsArbitrary(specimen), { seed: 32, numRuns: 12 });
}
