/** Functions of finite numbers as functions of infinities and NaN, too, which they take from doubles. */
import { exponent, finite, number, toNumber, type Finite, type Wide } from "./binary.ts";

/** One number; those whose exponent is too large are as infinities. */
export const single =
  (f: (x: Finite) => Finite, ofDouble: (x: number) => number, largest = Infinity) =>
  (x: Wide): Wide => {
    if (!finite(x)) return number(ofDouble(x.e));
    if (exponent(x) > largest) return number(ofDouble(x.m < 0n ? -Infinity : Infinity));
    return f(x);
  };
/** Two finite numbers; others as doubles have it. */
export const two =
  (f: (x: Finite, y: Finite) => Wide, ofDouble: (x: number, y: number) => number) =>
  (x: Wide, y: Wide): Wide =>
    finite(x) && finite(y) ? f(x, y) : number(ofDouble(toNumber(x), toNumber(y)));
/** A function that is there inside of a domain only. */
export const domain =
  (f: (x: Finite) => Finite, inside: (x: Finite) => boolean, outside: (x: Finite) => number) =>
  (x: Wide, whenSpecial: (x: number) => number) =>
    !finite(x) ? number(whenSpecial(x.e)) : inside(x) ? f(x) : number(outside(x));
/** Where a number is, for comparison with infinities and NaN: any finite one is 0. */
export const side = (x: Wide): number => (x.m === undefined ? x.e : 0);
