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
    [1, 2, 2],
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
          .replace("sum(d, B[i,d]^2)", "sum(d, B[i,d]^2) + eps")
          .replace("sum(d, A[i,d]^2)", "sum(d, A[i,d]^2) + eps"),
        ["A"],
      ),
    );
  });
});
