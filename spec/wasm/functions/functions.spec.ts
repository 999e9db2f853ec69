import { expect } from "chai";
import { ops } from "../../../lib/expr/ops.ts";
import { double as inDoubles } from "../../../lib/number/double.ts";
import {
  define,
  functions,
  type Shape,
  type VectorFunction,
  type VectorOp,
} from "../../../lib/wasm/functions/functions.ts";
import { double, single, type Format } from "../../../lib/wasm/functions/lanes.ts";
import { ModuleBuilder } from "../../../lib/wasm/module.ts";
import { compiled, lanes } from "./compiled.ts";
import { errorOf } from "./error.ts";
import { lanesOf, ofPowers, ordinary, powers, special, sums } from "./points.ts";
import { truth } from "./truth.ts";

const names = Object.keys(functions) as VectorOp[]; // the keys of an object that has no others
const formats = [double, single] as const;
const shapes = { double: ["f64x2", "f64"], single: ["f32x4", "f32"] } as const satisfies Record<
  Format["name"],
  Shape[]
>;

/** Rows of arguments with every number of arguments that the function takes. */
function rowsFor(name: VectorOp, format: Format): readonly (readonly number[])[] {
  const [least, most] = ops[name].arity;
  if (name === "pow") return powers(format, 2000);
  if (most === 1) return ordinary(format, 1000).map((x) => [x]);
  return Array.from({ length: most - least + 1 }, (_, n) => sums(format, least + n, 600)).flat();
}

const inNumbers = (name: VectorOp, format: Format, args: readonly number[]): number => {
  const row: VectorFunction = functions[name];
  return row.describe(lanesOf(format), ...args);
};

describe("functions in WebAssembly", () => {
  for (const name of names)
    for (const format of formats) {
      const bound = functions[name].ulp[format.name];
      const rows = rowsFor(name, format);

      it(`${name} is within ${bound} ulp in ${format.name} precision`, () => {
        let [worst, where]: [number, readonly number[]] = [0, []];
        for (const args of rows) {
          const error = errorOf(inNumbers(name, format, args), truth(name, args, format), format);
          if (!(error <= worst)) [worst, where] = [error, args];
        }
        expect(worst, `at ${where.join(", ")}`).to.be.at.most(bound);
      });

      it(`${name} of infinities, NaN and signed zeros in ${format.name} precision is that of JavaScript`, () => {
        const [least, most] = ops[name].arity;
        const all = name === "pow" ? [...special, ...ofPowers] : special;
        for (const x of all)
          for (const y of least === 1 ? [0] : all)
            for (let arity = least; arity <= most; arity++) {
              const args = [x, y, 0, 0].slice(0, arity).map(lanesOf(format).constant);
              const [first, ...more] = args;
              const wanted = lanesOf(format).constant(inDoubles.functions[name](first!, ...more));
              const got = inNumbers(name, format, args);
              // Ordinary values are the business of the test above: here only where they are, and their signs.
              const plain = Number.isFinite(wanted) && wanted !== 0;
              const same = plain ? Math.abs(got / wanted - 1) < 1e-6 : Object.is(got, wanted);
              expect(same, `${got} for ${wanted} at ${args.join(", ")}`).to.equal(true);
            }
      });

      for (const shape of shapes[format.name])
        it(`${name} as ${shape} is the same bit by bit in whatever lane, called or written in place`, () => {
          const [least] = ops[name].arity;
          for (const arity of new Set(rows.map((r) => r.length))) {
            const own = [
              ...rows.filter((r) => r.length === arity).filter((_, n) => n < 300 || n % 5 === 0), // seams come first
              ...special.map((x) => Array.from({ length: arity }, () => x)),
            ];
            const wanted = own.map((args) => inNumbers(name, format, args));
            for (const [shift, how] of [
              [0, "call"],
              [1, "inline"],
              [2, "inline"],
              [3, "call"],
            ] as const) {
              if (shift >= lanes[shape]) continue;
              const moved = [...own.slice(own.length - shift), ...own];
              while (moved.length % lanes[shape] !== 0) moved.push(own[0]!);
              const columns = Array.from({ length: arity }, (_, a) => moved.map((args) => args[a]!));
              const got = compiled(name, shape, arity, how)(columns).slice(shift, shift + own.length);
              const wrong = got.findIndex((value, n) => !Object.is(value, wanted[n]));
              expect(
                own[wrong],
                `${arity} of at least ${least} arguments: ${got[wrong]} for ${wanted[wrong]}`,
              ).to.equal(undefined);
            }
          }
        });
    }

  for (const format of formats)
    it(`logarithms of powers to their own base are exact in ${format.name} precision`, () => {
      const least = Math.log2(format.normal) - format.precision + 1;
      for (let k = least; k <= format.bias; k++)
        expect(inNumbers("log2", format, [2 ** k]), `log2 of 2^${k}`).to.equal(k);
      for (let k = 0; 10 ** k < 2 ** format.precision; k++)
        expect(inNumbers("log10", format, [10 ** k]), `log10 of 10^${k}`).to.equal(k);
    });

  it("a module has each function once, however often it is asked for, and others have the same", () => {
    const module = new ModuleBuilder();
    expect(define(module, "exp", "f64x2")).to.equal(define(module, "exp", "f64x2"));
    expect(define(module, "expsum", "f64")).to.not.equal(define(module, "expsum", "f64", 3));
    expect(define(new ModuleBuilder(), "exp", "f64x2")).to.equal(define(module, "exp", "f64x2"));
  });
});
