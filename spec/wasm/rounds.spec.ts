import { expect } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

const hinge = differentiate(parse("loss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + Delta)))"), {
  wrt: ["s"],
});

/** Whole numbers from 0 on, below `end`, that look like chance. */
function* numbers(end: number): Generator<number, never> {
  for (let state = 1; ;) {
    state = (state * 48271) % 2147483647;
    yield Math.floor((state / 2147483647) * end);
  }
}

const lengths = Array.from({ length: 41 }, (_, n) => n + 1);

describe("rounds of steps", () => {
  for (const precision of ["float64", "float32"] as const)
    it(`leave out in ${precision} the one value that a sum leaves out, wherever it is, and count the others`, () => {
      const kernel = compile(hinge, { target: "wasm", precision });
      const next = numbers(7);
      for (const C of lengths) {
        const y = Array.from({ length: 6 }, (_, i) => (i * 7 + C) % C);
        const s = y.map(() => Array.from({ length: C }, () => next.next().value));
        const { value, gradients } = kernel({ s, y, Delta: 2 });
        const margins = s.map((row, i) =>
          row.map((x, j) => (j === y[i] ? 0 : Math.max(0, x - row[y[i]!]! + 2))),
        );
        const wanted = margins.map((row, i) => {
          const counted = row.map((m) => (m > 0 ? 1 : 0));
          const all = counted.reduce<number>((a, b) => a + b, 0);
          return counted.map((one, j) => (j === y[i] ? -all : one) / 6);
        });
        const total = margins.flat().reduce((a, b) => a + b, 0);
        expect(value, `${C} classes`).to.be.closeTo(total / 6, 1e-5 * total);
        const got = [...(gradients.s as { data: Float64Array }).data];
        for (const [n, g] of wanted.flat().entries())
          expect(got[n], `${C} classes, number ${n}`).to.be.closeTo(g, 1e-6 * Math.abs(g));
      }
    });

  it("ask for the value that is left out where it is, and nowhere else", () => {
    const text = "loss = mean(i, sum(j != y[i], x[i,j]^2) + sum(j, j == y[i] ? z[j] : 2 * x[i,j]))";
    const derivation = differentiate(parse(text), { wrt: ["x", "z"] });
    const [js, ours] = [compile(derivation), compile(derivation, { target: "wasm" })];
    for (const C of [2, 8, 33, 50])
      for (let y = 0; y < C; y++) {
        const x = [Array.from({ length: C }, (_, j) => ((j * 37) % 11) - 5)];
        const given = { x, y: [y], z: Array.from({ length: C }, (_, j) => 100 + j) };
        // Whole numbers all: no order of sums can tell.
        expect(ours(given), `${y} of ${C}`).to.deep.equal(js(given));
      }
  });

  it("add up terms that are never negative within 1.5 ulp, however many there are", () => {
    const kernel = compile(hinge, { target: "wasm" });
    const next = numbers(2 ** 31);
    for (const C of [2, 3, 9, 10, 31, 32, 33, 100, 1001, 4097])
      for (const N of [1, 2, 4]) {
        // Whole numbers that a double has, of all sizes: what is added up exactly are integers, too.
        const one = (): number => Math.floor(next.next().value * 2 ** (next.next().value % 21));
        const s = Array.from({ length: N }, () => Array.from({ length: C }, (_, j) => (j === 0 ? 0 : one())));
        const exact = s.flat().reduce((all, x) => all + BigInt(x), 0n);
        const { value } = kernel({ s, y: Array.from({ length: N }, () => 0), Delta: 0 });
        const ulp = 2 ** (Math.floor(Math.log2(Number(exact))) - 52);
        const off = Number(BigInt((value as number) * N) - exact) / ulp;
        expect(Math.abs(off), `${N} rows of ${C}`).to.be.at.most(1.5);
      }
  });

  it("pass NaN on, of which none is counted, and give no zero a sign", () => {
    const kernel = compile(hinge, { target: "wasm" });
    const js = compile(hinge);
    for (const C of [5, 10, 40])
      for (const odd of [NaN, -0, Infinity, -Infinity])
        for (let place = 0; place < C; place += 3) {
          const s = Array.from({ length: 5 }, () =>
            Array.from({ length: C }, (_, j) => (j === place ? odd : -0)),
          );
          const given = { s, y: [0, 1, 2, 3, 4], Delta: 0 };
          const [a, b] = [js(given), kernel(given)];
          expect(b.value, `${odd} at ${place} of ${C}`).to.deep.equal(a.value);
          expect(b.gradients, `${odd} at ${place} of ${C}`).to.deep.equal(a.gradients);
        }
  });
});
