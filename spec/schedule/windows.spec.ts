import { expect } from "chai";
import fc from "fast-check";
import { compile, type RawInputs } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { call, minus, plus } from "../../lib/loop/integer.ts";
import { constant, named, type Range, type Scalar } from "../../lib/loop/nest.ts";
import { parse } from "../../lib/parse.ts";
import type { Around } from "../../lib/schedule/around.ts";
import { isShort, windowsOutside, type Windows } from "../../lib/schedule/windows.ts";
import { applied } from "../loop/applied.ts";

const [p, q, r, N, P, Q, R] = ["p", "q", "r", "N", "P", "Q", "R"].map((name) => named(name, "int"));
const [zero, one] = [constant(0), constant(1)];
const range = (index: string, from: Scalar, to: Scalar): Range => ({ index, from, to });
const min = (...args: Scalar[]) => call("min", ...args);
const max = (...args: Scalar[]) => call("max", ...args);
const half = (s: Scalar) => call("quotient", s, constant(2));
const twice = (s: Scalar) => call("mul", constant(2), s);
const thrice = (s: Scalar) => call("mul", constant(3), s);
const sizes = new Set(["R"]);
const windows: Windows = { sizes, place: () => "k" };

/** The value of an integer scalar. */
function value(s: Scalar, at: ReadonlyMap<string, number>): number {
  if (s.kind === "const") return s.value;
  if (s.kind === "name") return at.get(s.name)!;
  if (s.kind !== "apply") throw new Error(`no integer: ${s.kind}`);
  return applied(
    s.op,
    s.args.map((a) => value(a, at)),
  );
}

/** The values of all indices that the loops pass through, in one order; `instead` says what indices are that are none of the loops'. */
function passed(
  path: readonly Around[],
  at: ReadonlyMap<string, number>,
  instead: ReadonlyMap<string, Scalar> = new Map(),
): readonly string[] {
  const [first, ...others] = path;
  if (first === undefined) {
    const gone = [...instead].map(([name, s]) => [name, value(s, at)] as const);
    return [JSON.stringify([...at, ...gone].filter(([name]) => name !== "k").toSorted())];
  }
  if ("guard" in first) throw new Error("no conditions here");
  const [from, to] = [value(first.from, at), value(first.to, at)];
  return Array.from({ length: Math.max(0, to - from) }, (_, n) =>
    passed(others, new Map([...at, [first.index, from + n]]), instead),
  )
    .flat()
    .toSorted();
}

// prettier-ignore
const exchanged: readonly { readonly title: string; readonly path: readonly Range[]; readonly order: string }[] = [
  { title: "positions that a window starts before",    path: [range("p", zero, P!), range("r", max(zero, minus(one, p!)), R!)],                                     order: "rp" },
  { title: "positions that a window ends after",       path: [range("p", zero, P!), range("r", zero, min(R!, plus(minus(N!, p!), one)))],                           order: "rp" },
  { title: "both",                                     path: [range("p", zero, P!), range("r", max(zero, minus(one, p!)), min(R!, minus(N!, p!)))],                 order: "rp" },
  { title: "windows that run backwards",               path: [range("p", zero, P!), range("r", max(zero, plus(minus(plus(p!, R!), N!), one)), min(R!, plus(p!, one)))], order: "rp" },
  { title: "windows that move by three",               path: [range("p", zero, P!), range("r", max(zero, minus(one, thrice(p!))), min(R!, minus(N!, thrice(p!))))], order: "rp" },
  { title: "windows that run backwards by three",      path: [range("p", zero, P!), range("r", max(zero, plus(minus(thrice(p!), N!), one)), min(R!, plus(thrice(p!), one)))], order: "rp" },
  { title: "windows of a fixed size",                  path: [range("p", zero, P!), range("r", zero, min(constant(3), minus(N!, p!)))], order: "rp" },
  { title: "windows whose places lie two apart",       path: [range("p", zero, P!), range("r", max(zero, plus(half(minus(one, p!)), one)), min(R!, plus(half(minus(plus(N!, one), p!)), one)))], order: "rp" },
  { title: "windows that run backwards in twos",       path: [range("p", zero, P!), range("r", max(zero, plus(half(minus(plus(p!, twice(R!)), N!)), one)), min(R!, plus(half(p!), one)))], order: "rp" },
  { title: "windows over places",                      path: [range("p", zero, P!), range("q", max(zero, plus(minus(p!, R!), one)), min(Q!, plus(p!, one)))],       order: "kp" },
  { title: "windows over places, moved by two",        path: [range("p", zero, P!), range("q", max(zero, plus(half(minus(p!, R!)), one)), min(Q!, plus(half(p!), one)))], order: "kq" },
  { title: "windows over every second place",          path: [range("p", zero, P!), range("q", max(zero, twice(p!)), min(Q!, plus(twice(p!), R!)))],                order: "kp" },
  { title: "windows over places that run backwards",   path: [range("p", zero, P!), range("q", max(zero, minus(N!, p!)), min(Q!, plus(minus(N!, p!), R!)))],        order: "kp" },
  { title: "other loops between them",                 path: [range("p", zero, P!), range("q", zero, Q!), range("r", max(zero, minus(one, p!)), R!)],                order: "rpq" },
  { title: "positions that have bounds of their own",  path: [range("p", max(one, minus(N!, P!)), min(P!, Q!)), range("r", zero, min(R!, minus(N!, p!)))],          order: "rp" },
];

// prettier-ignore
const kept: readonly { readonly title: string; readonly path: readonly Range[] }[] = [
  { title: "loops that do not depend on each other",      path: [range("p", zero, P!), range("r", zero, R!)] },
  { title: "what is over no window",                      path: [range("p", zero, P!), range("q", zero, min(Q!, minus(N!, p!)))] },
  { title: "windows that depend on two positions",        path: [range("p", zero, P!), range("q", zero, Q!), range("r", zero, min(R!, minus(minus(N!, p!), q!)))] },
  { title: "windows over places two of which move by threes", path: [range("p", zero, P!), range("q", max(zero, plus(call("quotient", minus(twice(p!), R!), constant(3)), one)), min(Q!, plus(call("quotient", twice(p!), constant(3)), one)))] },
  { title: "windows without an end of their own",         path: [range("p", zero, P!), range("r", zero, plus(minus(p!, R!), r!))] },
];

const numbers = (shape: readonly number[], seed: number) => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, n) => ((n * seed) % 11) - 5),
});

// prettier-ignore
const lengths: readonly { readonly title: string; readonly of: Range; readonly short: boolean }[] = [
  { title: "a window",                                   of: range("r", zero, R!),                                                                                    short: true },
  { title: "a window at a border",                       of: range("r", max(zero, minus(one, p!)), min(R!, minus(N!, p!))),                                           short: true },
  { title: "a number",                                   of: range("r", zero, constant(3)),                                                                           short: true },
  { title: "the positions from which a window reaches a place", of: range("p", max(zero, minus(plus(q!, one), R!)), min(P!, plus(q!, one))),                          short: true },
  { title: "those of a window that moves by two",        of: range("p", max(zero, plus(half(minus(q!, R!)), one)), min(P!, plus(half(q!), one))),                     short: true },
  { title: "positions",                                  of: range("p", zero, P!),                                                                                    short: false },
  { title: "positions at which a window is inside",      of: range("p", max(zero, minus(one, r!)), min(P!, minus(N!, r!))),                                           short: false },
];

describe("windows around positions", () => {
  for (const { title, of, short } of lengths)
    it(`tell that ${title} ${short ? "is no longer than a window" : "may be longer than a window"}`, () =>
      expect(isShort(of, sizes)).to.equal(short));

  for (const { title, path, order } of exchanged)
    it(`exchange ${title}`, () => {
      const { path: outside, instead } = windowsOutside(path, windows);
      expect(outside.map((a) => ("index" in a ? a.index : "if")).join("")).to.equal(order);
      const size = fc.integer({ min: 0, max: 5 });
      fc.assert(
        fc.property(size, size, size, size, (N, P, Q, R) => {
          const at = new Map(Object.entries({ N, P, Q, R }));
          expect(passed(outside, at, instead)).to.deep.equal(passed(path, at));
        }),
        { seed: 1 },
      );
    });

  for (const { title, path } of kept)
    it(`leave alone ${title}`, () => expect(windowsOutside(path, windows).path).to.equal(path));

  it("compute convolutions of every size, also of windows that are larger than what they slide over", () => {
    const kernels = [
      [1, 1],
      [2, 1],
      [3, 1],
      [1, 2],
      [2, 3],
    ].flatMap(([step = 1, apart = 1]) =>
      [-1, 0, 2].map((shift) => {
        const place = `${step} * p + ${apart} * r + ${shift}`;
        const text = `out[n,f,p] = b[f] + sum(c, r, 0 <= ${place} < extent(X, 2), X[n,c,${place}] * K[f,c,r])`;
        const derivation = differentiate(parse(text), { wrt: ["X", "K", "b"] });
        return {
          step,
          apart,
          shift,
          right: compile(derivation, { style: "loops" }),
          others: [
            compile(derivation, { style: "fused" }),
            compile(derivation, { target: "wasm" }),
            compile(derivation, { target: "wasm", precision: "float32" }),
          ],
        };
      }),
    );
    const size = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...kernels), size, size, size, (kernel, H, R, C) => {
        const { step, apart, shift, right, others } = kernel;
        const room = H - 1 - apart * (R - 1) + (shift < 0 ? -2 * shift : -shift);
        const P = room < 0 ? 0 : Math.floor(room / step) + 1;
        const inputs: RawInputs = {
          X: numbers([2, C, H], 3),
          K: numbers([3, C, R], 7),
          b: numbers([3], 5),
          dout: numbers([2, 3, P], 4),
        };
        // Small integers: every order of sums is exact, in single precision, too.
        const wanted = JSON.stringify(flat(right(inputs)));
        for (const other of others) expect(JSON.stringify(flat(other(inputs)))).to.equal(wanted);
      }),
      { seed: 2, numRuns: 100 },
    );
  });
});

const flat = ({ value, gradients }: ReturnType<ReturnType<typeof compile>>): unknown =>
  [value, ...Object.values(gradients)].map((o) => (typeof o === "number" ? o : [o.shape, [...o.data]]));
