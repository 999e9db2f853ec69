/** Descriptions as instructions of WebAssembly, for each width: written where a function's body is being written. */
import { f32x4, f64x2, get, i32, i32x4, i64x2, op, opWith, type Code } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import { double, single, type Format, type Lanes, type Table } from "./lanes.ts";

/** How many lanes of which format. */
export type Width = "f64x2" | "f32x4";

interface Shape {
  readonly format: Format;
  readonly integer: "i64x2" | "i32x4";
  constant(x: number): Code;
  whole(n: bigint): Code;
}

// prettier-ignore
const shapes: Readonly<Record<Width, Shape>> = {
  f64x2: { format: double, integer: "i64x2", constant: (x) => f64x2(x), whole: (n) => i64x2(n) },
  f32x4: { format: single, integer: "i32x4", constant: (x) => f32x4(x), whole: (n) => i32x4(Number(n)) },
};

/** Lanes whose operations are appended to `f`, each evaluated once, where it stands. */
export function lanesIn(f: FunctionBuilder, width: Width): Lanes<Code, Code, Code> {
  const { format, integer, constant, whole } = shapes[width];
  const select = (p: Code, yes: Code, no: Code): Code => f.keep(op("v128.bitselect", yes, no, p));
  return {
    format,
    constant,
    add: (x, y) => f.keep(op(`${width}.add`, x, y)),
    sub: (x, y) => f.keep(op(`${width}.sub`, x, y)),
    mul: (x, y) => f.keep(op(`${width}.mul`, x, y)),
    div: (x, y) => f.keep(op(`${width}.div`, x, y)),
    sqrt: (x) => f.keep(op(`${width}.sqrt`, x)),
    neg: (x) => f.keep(op(`${width}.neg`, x)),
    abs: (x) => f.keep(op(`${width}.abs`, x)),
    lt: (x, y) => f.keep(op(`${width}.lt`, x, y)),
    le: (x, y) => f.keep(op(`${width}.le`, x, y)),
    eq: (x, y) => f.keep(op(`${width}.eq`, x, y)),
    not: (p) => f.keep(op("v128.not", p)),
    both: (p, q) => f.keep(op("v128.and", p, q)),
    either: (p, q) => f.keep(op("v128.or", p, q)),
    select,
    orZero: (p, x) => f.keep(op("v128.and", x, p)),
    orZeroIf: (p, x) => f.keep(op("v128.andnot", x, p)),
    atLeast: (x, bound) => f.keep(op(`${width}.pmax`, x, constant(bound))),
    atMost: (x, bound) => f.keep(op(`${width}.pmin`, x, constant(bound))),
    bits: (x) => x,
    float: (n) => n,
    integer: whole,
    addBits: (n, m) => f.keep(op(`${integer}.add`, n, m)),
    andBits: (n, m) => f.keep(op("v128.and", n, m)),
    orBits: (n, m) => f.keep(op("v128.or", n, m)),
    gtBits: (n, m) => f.keep(op(`${integer}.gt_s`, n, m)),
    shiftLeft: (n, by) => f.keep(op(`${integer}.shl`, n, i32(by))),
    shiftRight: (n, by) => f.keep(op(`${integer}.shr_u`, n, i32(by))),
    pairAt(table, n) {
      if (width !== "f64x2") throw new Error("a table of doubles was asked for floats");
      f.needs(table.at, bytesOf(table));
      const mask = f.keep(op("v128.and", n, whole(BigInt(table.pairs.length - 1))));
      const [first, second] = [0, 2].map((lane) =>
        f.keep(op("i32.shl", opWith("i32x4.extract_lane", { lane }, mask), i32(4))),
      );
      const [head, tail] = [table.at, table.at + 8].map((offset) =>
        f.keep(
          opWith(
            "v128.load64_lane",
            { lane: 1, offset },
            second!,
            opWith("v128.load64_zero", { offset }, first!),
          ),
        ),
      );
      return { head: head!, tail: tail! };
    },
    rare(p, usual, long) {
      const value = f.local("v128");
      f.set(value, usual);
      f.if(op("v128.any_true", p), () => f.set(value, select(p, long(), usual)));
      return get(value);
    },
  };
}

const bytesOf = ({ pairs }: Table): Uint8Array => {
  const place = new DataView(new ArrayBuffer(16 * pairs.length));
  for (const [n, x] of pairs.flat().entries()) place.setFloat64(8 * n, x, true);
  return new Uint8Array(place.buffer);
};
