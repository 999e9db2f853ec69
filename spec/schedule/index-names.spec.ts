/** Loops that a schedule adds have indices apart from those around them, whatever the user's are called. */
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { assertClose, reference, withUpstream } from "../reference.ts";

/** `I` is the sample's index, `J` that of a column. */
// prettier-ignore
const programs: readonly { readonly title: string; readonly text: string }[] = [
  { title: "hinge loss", text: "score[I,J] = sum(d, X[I,d]*W[d,J]); loss = sum(I, sum(J != y[I], max(0, score[I,J] - score[I,y[I]] + 1)))" },
  { title: "two layers", text: "h[I,u] = relu(sum(d, X[I,d]*W[d,u])); score[I,J] = sum(u, h[I,u]*V[u,J]); loss = mean(I, logsumexp(J, score[I,J]) - score[I,y[I]])" },
  { title: "a gate", text: "h[I,u] = relu(sum(d, X[I,d]*W[d,u])); g[I,J] = sigmoid(sum(u, h[I,u]*V[u,J])); out[I,J] = Z[I,J]*g[I,J]" },
];

/** Names that schedules and targets ask for themselves, and some that they do not. */
const names = ["n", "k", "a", "p", "rows"];

const values = (length: number, seed: number): number[] =>
  Array.from({ length }, (_, n) => Math.sin(seed + 1.7 * n * n));

const [N, D, H, C] = [35, 5, 6, 4];
const all: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>> =
  {
    X: { shape: [N, D], data: values(N * D, 1) },
    V: { shape: [H, C], data: values(H * C, 3) },
    Z: { shape: [N, C], data: values(N * C, 4) },
    y: { shape: [N], data: Array.from({ length: N }, (_, n) => (7 * n) % C) },
  };

describe("the indices of a schedule", () => {
  for (const { title, text } of programs)
    for (const name of names)
      it(`are apart from ${name}: ${title}`, () => {
        for (const [I, J] of [
          [name, "c"],
          ["s", name],
        ] as const) {
          const derivation = differentiate(parse(text.replaceAll(/\bI\b/gu, I).replaceAll(/\bJ\b/gu, J)));
          const columns = title === "hinge loss" ? C : H;
          const inputs = { ...all, W: { shape: [D, columns], data: values(D * columns, 2) } };
          const read = new Set(derivation.inputs.map((input) => input.name));
          const own = Object.fromEntries(Object.entries(inputs).filter(([input]) => read.has(input)));
          const given = withUpstream(derivation, own);
          const expected = reference(derivation, given);
          for (const target of ["js", "wasm"] as const) {
            const { value, gradients } = compile(derivation, { target })(given);
            assertClose(value, expected.get("value")!, target);
            for (const [wrt, gradient] of Object.entries(gradients))
              assertClose(gradient, expected.get(wrt)!, `d${wrt} of ${target}`);
          }
        }
      });
});
