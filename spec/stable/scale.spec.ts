import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { scaleReason } from "../../lib/stable/scale.ts";

const derived = (text: string, wrt: readonly string[]) => differentiate(parse(text), { wrt });
const fired = (text: string, wrt: readonly string[]): boolean =>
  stabilise(derived(text, wrt)).rewrites.some(({ row }) => row === scaleReason.name);

const cosine = [
  "dot[i] = sum(d, A[i,d] * B[i,d])",
  "loss = mean(i, 1 - dot[i] / (sqrt(sum(d, A[i,d]^2)) * sqrt(sum(d, B[i,d]^2))))",
].join("\n");

const scale = (v: readonly number[], n: number): number[] => v.map((x) => x * 2 ** n);

describe("vectors brought to size", () => {
  const kernel = compile(derived(cosine, ["A", "B"]), { stable: true });
  const gradient = (A: number[][], B: number[][], of: "A" | "B"): readonly number[] => [
    ...(kernel({ A, B }).gradients[of] as { data: Float64Array }).data,
  ];
  const [A, B] = [
    [3, 4, -1],
    [1, 2, 2.5],
  ];

  // Powers of two change no digit.
  for (const [p, q] of [
    [900, 0],
    [-900, 3],
    [1000, -1000],
    [-1000, 1000],
    [500, 500],
    [-520, -520],
  ] as const)
    it(`gives the same digits for vectors 2^${p} and 2^${q} times as long`, () => {
      const large: [number[][], number[][]] = [[scale(A, p)], [scale(B, q)]];
      assert.equal(kernel({ A: large[0], B: large[1] }).value, kernel({ A: [A], B: [B] }).value);
      const small = gradient([A], [B], "A");
      assert.deepEqual(
        gradient(...large, "A"),
        small.map((x) => x * 2 ** -p),
      );
      assert.deepEqual(
        gradient(...large, "B"),
        gradient([A], [B], "B").map((x) => x * 2 ** -q),
      );
    });

  it("leaves alone what does not grow as a power of its inputs", () => {
    assert.isTrue(fired(cosine, ["A"]));
    assert.isFalse(
      fired(
        cosine
          .replace("1 - dot", "margin - dot")
          .replace("sum(d, B[i,d]^2)", "exp(sum(d, B[i,d]^2))")
          .replace("sum(d, A[i,d]^2)", "exp(sum(d, A[i,d]^2))"),
        ["A"],
      ),
    );
  });
});

const list = (of: unknown): number[] => [...(of as { data: Float64Array }).data]; // none of them is one number

const batchNorm = [
  "mu[j]       = mean(i, X[i,j])",
  "variance[j] = mean(i, (X[i,j] - mu[j])^2)",
  "out[i,j]    = gamma[j] * (X[i,j] - mu[j]) / sqrt(variance[j] + eps) + beta[j]",
].join("\n");
const layerNorm = [
  "mu[i]       = mean(j, X[i,j])",
  "variance[i] = mean(j, (X[i,j] - mu[i])^2)",
  "out[i,j]    = gamma[j] * (X[i,j] - mu[i]) / sqrt(variance[i] + eps) + beta[j]",
].join("\n");

describe("rows brought down to size beside constants", () => {
  const [gamma, beta, dout] = [
    [1, 2, 0.5],
    [0, 1, -1],
    [
      [1, -2, 3],
      [0.5, 1, -1],
      [2, 2, 1],
    ],
  ];
  const X = [
    [3, 5, -1],
    [1, 2, 2.5],
    [-4, 0.5, 7],
  ];

  for (const [name, text] of [
    ["batch normalization", batchNorm],
    ["layer normalization", layerNorm],
  ] as const) {
    const kernel = compile(derived(text, ["X", "gamma"]), { style: "fused" });
    const at = (p: number, eps: number) => {
      const { value, gradients } = kernel({ X: X.map((row) => scale(row, p)), gamma, beta, eps, dout });
      return {
        out: list(value),
        dX: list(gradients["X"]).map((x) => x * 2 ** (p / 2) * 2 ** (p / 2)),
        dgamma: list(gradients["gamma"]),
      };
    };

    for (const p of [300, 500, 900, 1016])
      it(`${name} has the same digits for rows 2^${p} times as long, its eps being nothing beside them`, () => {
        assert.deepEqual(at(p, 1e-5), at(0, 0));
      });

    for (const p of [-500, -600, -900])
      it(`${name} has the same digits for rows 2^${p} times as long, its eps being 0 or as small`, () => {
        assert.deepEqual(at(p, 0), at(0, 0));
        if (p > -600) assert.deepEqual(at(p, 2 ** (2 * p)), at(0, 1));
      });

    it(`${name} of ordinary rows, and of tiny ones, is what it was`, () => {
      const plain = compile(derived(text, ["X", "gamma"]), { style: "loops" });
      for (const p of [0, -500]) {
        const given = { X: X.map((row) => scale(row, p)), gamma, beta, eps: 1e-5, dout };
        const [a, b] = [plain(given).value, kernel(given).value].map(list);
        for (const [n, x] of a!.entries()) assert.closeTo(b![n]!, x, 1e-14 * Math.abs(x));
      }
    });
  }
});
