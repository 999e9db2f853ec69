import { expect } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { parse } from "../../lib/parse.ts";
import { scheduleNest } from "../../lib/schedule/schedule.ts";
import { parallels } from "../../lib/wasm/threads/parallel.ts";

const score = "s[i,j] = sum(d, X[i,d]*W[d,j]); ";
// prettier-ignore
const losses: readonly { readonly title: string; readonly text: string; readonly wrt: readonly string[] }[] = [
  { title: "hinge",                   wrt: ["W", "X", "Delta"], text: `${score}loss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + Delta))) + sum(d, j, W[d,j]^2)` },
  { title: "softmax",                 wrt: ["W"],               text: `${score}loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])` },
  { title: "a largest error",         wrt: ["W"],               text: `${score}loss = max(i, erf(s[i,0]) * s[i,y[i]])` },
  { title: "a layer",                 wrt: ["X", "W", "b"],     text: "s[i,j] = sum(d, X[i,d]*W[d,j]) + b[j]" },
];
const [N, D, C] = [701, 190, 7];

const numbers = (length: number, seed: number): Float64Array =>
  Float64Array.from({ length }, (_, n) => Math.sin(n * 1.7 + seed));

const inputs = {
  X: { shape: [N, D], data: numbers(N * D, 1) },
  W: { shape: [D, C], data: numbers(D * C, 2) },
  b: { shape: [C], data: numbers(C, 3) },
  ds: { shape: [N, C], data: numbers(N * C, 4) },
  y: { shape: [N], data: Int32Array.from({ length: N }, (_, i) => (i * 3) % C) },
  Delta: 1,
};

describe("threads", () => {
  for (const { title, text, wrt } of losses)
    for (const precision of ["float64", "float32"] as const)
      it(`give the same bits whatever their number: ${title}, ${precision}`, async () => {
        const derivation = differentiate(parse(text), { wrt });
        const given = Object.fromEntries(derivation.inputs.map((i) => [i.name, inputs[i.name as "X"]]));
        const alone = flat(compile(derivation, { target: "wasm", precision })(given));
        const first = flat(compile(derivation, { target: "wasm", precision, threads: 1 })(given));
        const scale = first.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        const close = precision === "float64" ? 1e-13 : 1e-5;
        for (const [n, x] of first.entries())
          if (!(Math.abs(x - alone[n]!) <= close * scale)) expect(x, `number ${n}`).to.equal(alone[n]!);
        for (const threads of [2, 3, 5]) {
          const kernel = compile(derivation, { target: "wasm", precision, threads });
          // Threads come when they have started: some calls before, some after.
          for (let call = 0; call < 5; call++) {
            const got = flat(kernel(given));
            const other = got.findIndex((x, n) => !Object.is(x, first[n]));
            expect(other, `${threads} threads, call ${call}: the first number that differs`).to.equal(-1);
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        }
      });

  it("compute several kernels in turn", async () => {
    const kernels = [2, 3].map((scale) =>
      compile(differentiate(parse(`loss = sum(i, sum(j, exp(s[i,j] / ${scale})))`)), {
        target: "wasm",
        threads: 2,
      }),
    );
    const data = numbers(2 ** 17, 1);
    const given = { s: { shape: [2 ** 12, 2 ** 5], data } };
    const sums = [2, 3].map((scale) => data.reduce((sum, x) => sum + Math.exp(x / scale), 0));
    for (let round = 0; round < 20; round++) {
      for (const [n, kernel] of kernels.entries())
        expect(kernel(given).value).to.be.closeTo(sums[n]!, 1e-9 * sums[n]!);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });

  it("share loops over samples", () => {
    expect(shared(losses[0]!.text, ["W"])).to.deep.equal(["i0"]);
    expect(
      shared("c[i] = sum(j, x[i,j]) + 0; m[i] = max(0, c[i]); loss = sum(i, m[i]^2)", ["x"]),
    ).to.deep.equal(["i"]);
  });

  it("are counted in whole numbers", () => {
    const derivation = differentiate(parse("loss = sum(i, x[i]^2)"));
    expect(() => compile(derivation, { target: "wasm", threads: 0 })).to.throw("there cannot be 0 threads");
    expect(() => compile(derivation, { target: "wasm", threads: 1.5 })).to.throw(
      "there cannot be 1.5 threads",
    );
  });
});

/** The indices of the loops that are shared. */
function shared(text: string, wrt: readonly string[]): readonly string[] {
  const nest = scheduleNest(lowerDerivation(differentiate(parse(text), { wrt }), { style: "fused" }));
  return [...parallels(nest).values()].map((p) => p.loop.index);
}

const numbersIn = (of: unknown): number[] =>
  typeof of === "number" ? [of] : Array.from((of as { readonly data: ArrayLike<number> }).data);

/** All results, one after the other. */
function flat({ value, gradients }: { readonly value: unknown; readonly gradients: object }): number[] {
  return [value, ...(Object.values(gradients) as unknown[])].flatMap(numbersIn);
}
