import { assert } from "chai";
import { bind, type Given } from "../../lib/bind.ts";
import { catalogue } from "../../lib/catalogue.ts";
import { Random } from "../../lib/check/random.ts";
import { randomPoint } from "../../lib/check/points.ts";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { evaluate } from "../../lib/eval.ts";
import type { Derivation } from "../../lib/diff/derivation.ts";
import { knows, wide } from "../../lib/number/wide/wide.ts";
import { children, type Expr } from "../../lib/expr/node.ts";
import { parse } from "../../lib/parse.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { print } from "../../lib/text/print.ts";

/** Losses that are not in the catalogue: members, masks, two label arrays, nested and layered log-sum-exps. */
// prettier-ignore
const others: readonly string[] = [
  "loss = mean(i, w[i] * (logsumexp(j, s[i,j]) - s[i,y[i]]))",
  "loss = sum(i, logsumexp(j, s[i,j]))",
  "loss = mean(i, logsumexp(j, m[i,j] > 0, s[i,j]) - s[i,y[i]])",
  "loss = mean(i, 2 * logsumexp(j, s[i,j]) - s[i,y[i]] - s[i,z[i]])",
  "loss = mean(i, logsumexp(j, s[i,j] / T) - s[i,y[i]] / T)",
  "loss = mean(i, logsumexp(j, s[i,j] + b[j]) - s[i,y[i]] - b[y[i]])",
  "p[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nloss = mean(i, sum(j, (p[i,j] - t[i,j])^2))",
  "loss = mean(i, softplus(-t[i] * sum(d, X[i,d] * w[d])))",
  "loss = mean(i, p, q, t[i,p] > t[i,q], softplus(s[i,q] - s[i,p]))",
  "loss = mean(i, log(1 + sum(j != y[i], exp(s[i,j] - s[i,y[i]]))))",
  "loss = logsumexp(i, j, s[i,j]) - s[0,0]",
  "loss = mean(i, (1 - exp(s[i,y[i]] - logsumexp(j, s[i,j])))^2 * (logsumexp(j, s[i,j]) - s[i,y[i]]))",
  "loss = mean(i, logsumexp(j < 3, s[i,j]) - s[i,y[i]])",
  "loss = sum(i, y[i] >= 0, logsumexp(j, s[i,j] - s[i,y[i]]))",
  "out[i,j] = s[i,j] - logsumexp(k, s[i,k])",
  "out[i,j] = exp(s[i,j] - logsumexp(k, s[i,k]))",
  "loss = mean(i, sqrt(sum(d, (A[i,d] - B[i,d])^2)) - sqrt(sum(d, (A[i,d] - C[i,d])^2)))",
];

const unmeasured = (e: Expr): boolean => (e.kind === "apply" && !knows(e.op)) || children(e).some(unmeasured);

function given(derivation: Derivation, seed: number): Given {
  const { binding, upstream } = randomPoint(derivation.program, new Random(seed));
  const arrays = [...binding.arrays].map(
    ([name, { shape, data }]) => [name, { shape, data: [...data] }] as const,
  );
  const over = derivation.inputs.find((i) => !derivation.program.inputs.includes(i));
  const more =
    over && upstream ? [[over.name, { shape: upstream.shape, data: [...upstream.data] }] as const] : [];
  return Object.fromEntries([...arrays, ...more]);
}

describe("stabilise", () => {
  const losses = [
    ...catalogue().map((e) => [e.text, e.wrt] as const),
    ...others.map((text) => [text, undefined] as const),
  ];
  for (const [text, wrt] of losses)
    it(`changes no value of ${text.split("\n").findLast((line) => line.trim() !== "")}`, () => {
      const derivation = differentiate(parse(text), { wrt });
      if (derivation.definitions.some((d) => unmeasured(d.body))) return;
      const field = wide(640);
      const { sub, abs, max } = field.functions;
      for (const seed of [1, 2, 3]) {
        const binding = bind(derivation, given(derivation, seed));
        const plain = evaluate(derivation.definitions, binding, field);
        const stable = evaluate(stabilise(derivation).definitions, binding, field);
        for (const name of [derivation.value, ...derivation.gradients.values()])
          plain.get(name)!.data.forEach((want, n) => {
            const got = stable.get(name)!.data[n]!;
            if (field.isNaN(want)) return assert.isTrue(field.isNaN(got));
            const error =
              field.toNumber(abs(sub(got, want))) / field.toNumber(max(abs(want), field.fromNumber(1e-30)));
            assert.isBelow(error, 1e-13, `${name}[${n}] at seed ${seed}`);
            if (!text.includes("softplus(u") && error !== 0)
              assert.isBelow(error, 1e-90, `${name}[${n}] at seed ${seed}`);
          });
      }
    });

  const softmax = compile(differentiate(parse("loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])")), {
    style: "fused",
  });
  const rows = (s: number[][], y: number[]) => {
    const { value, gradients } = softmax({ s, y });
    return { value: value as number, ds: [...(gradients["s"] as { data: Float64Array }).data] };
  };

  it("keeps a NaN to the row that it is in", () => {
    const { ds } = rows(
      [
        [1, 2, 3],
        [NaN, 0, 1],
        [3, 2, 1],
      ],
      [0, 1, 2],
    );
    assert.isTrue(ds.slice(3, 6).every(Number.isNaN));
    assert.isTrue([...ds.slice(0, 3), ...ds.slice(6)].every(Number.isFinite));
  });

  it("takes a score of -Infinity for a class that cannot occur", () => {
    const { value, ds } = rows([[-Infinity, 2, 1]], [1]);
    const [, ...without] = [0, ...rows([[2, 1]], [0]).ds];
    assert.equal(value, rows([[2, 1]], [0]).value);
    assert.deepEqual(
      ds.map((x) => x + 0),
      [0, ...without],
    );
  });

  it("gives an infinite loss where the right class cannot occur", () => {
    assert.equal(rows([[-Infinity, 2, 1]], [0]).value, Infinity);
  });

  it("keeps gradients that are subnormal", () => {
    const { value, ds } = rows([[720, 0]], [0]);
    assert.isAbove(value, 0);
    assert.isBelow(value, 2 ** -1022);
    assert.equal(ds[0], -ds[1]!);
  });

  it("gives the loss and the gradient at a gap of 40, where others give 0", () => {
    const { value, ds } = rows([[40, 0]], [0]);
    assert.equal(value, 4.248354255291589e-18);
    assert.deepEqual(ds, [-4.248354255291589e-18, 4.248354255291589e-18]);
  });

  it("takes the log of a softmax's total once for all classes, none of which has a sum of its own", () => {
    const logs = differentiate(parse("out[i,j] = s[i,j] - logsumexp(k, s[i,k])"), { wrt: [] });
    const out = stabilise(logs).definitions.find((d) => d.name === "out")!;
    assert.equal(print(out.body), "-(top[i] - s[i,j] + logTotal[i])");
    const { value } = compile(logs, { stable: true })({ s: [[40, 0, -3]], dout: [[0, 0, 0]] });
    const { data } = value as { readonly data: Float64Array };
    // log(1 + exp(-40) + exp(-43)).
    assert.equal(data[0], -4.459867359050697e-18);
  });

  it("averages what cannot be summed", () => {
    const mean = compile(differentiate(parse("loss = mean(i, x[i])")), { stable: true });
    assert.equal(mean({ x: [1.5e308, 1.5e308] }).value, 1.5e308);
    assert.equal(mean({ x: [Infinity, 1] }).value, Infinity);
    assert.isNaN(mean({ x: [Infinity, -Infinity] }).value);
  });

  it("averages multiples by any scalar of what cannot be summed", () => {
    const text = "loss = (c + 1) * mean(i, x[i])";
    const mean = compile(differentiate(parse(text)), { stable: true });
    assert.equal(mean({ c: -0.5, x: [1.5e308, 1.5e308] }).value, 0.75e308);
  });

  it("averages products of matrices that cannot be summed", () => {
    const means = compile(differentiate(parse("out[p,q] = mean(i, A[i,p] * B[i,q])"), { wrt: [] }), {
      stable: true,
    });
    const { value } = means({
      A: [[2 ** 600], [2 ** 600]],
      B: [[1.5 * 2 ** 423], [1.5 * 2 ** 423]],
      dout: [[0]],
    });
    assert.deepEqual([...(value as { readonly data: Float64Array }).data], [1.5 * 2 ** 1023]);
  });

  it("looks for what stands in for a sum only once that has overflowed, where it is of inputs alone", () => {
    const mean = compile(differentiate(parse("loss = mean(i, exp(x[i]))"), { wrt: [] }), { style: "fused" });
    assert.match(
      mean.code,
      /if \(Math\.abs\((?:\w+)\) < Infinity\) \{[^}]*\} else \{\s+let sum = 0;\s+for /u,
    );
    assert.approximately(Number(mean({ x: [709.7, 709.7] }).value) / Math.exp(709.7), 1, 2 ** -51);
    assert.equal(mean({ x: [0, 0] }).value, 1);
  });

  it("averages a million numbers to the last bit", () => {
    const mean = compile(differentiate(parse("loss = mean(i, x[i])"), { wrt: [] }), { stable: true });
    assert.equal(mean({ x: Array.from({ length: 1_000_000 }, () => 0.1) }).value, 0.1);
  });

  it("keeps a penalty of weight 0 from being NaN, and a small one from overflowing", () => {
    const loss = compile(differentiate(parse("loss = mean(i, x[i]) + reg * sum(d, w[d]^2)"), { wrt: [] }), {
      stable: true,
    });
    assert.equal(loss({ x: [1], reg: 0, w: [1e200] }).value, 1);
    assert.equal(loss({ x: [1], reg: 1e-300, w: [1e160] }).value, 1e20);
  });
});
