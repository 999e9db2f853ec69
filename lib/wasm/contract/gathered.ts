/**
 * Values that lie apart, copied side by side:
 *
 *   to[k, b] = B[k · step + b · lane]        for all k < rows and b < count
 *
 * A product reads each of them once for every row of its other array, and reads neighbours as a vector.
 */
import { get, i32, op, opWith, type Code, type Local } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import type { Lanes } from "../lanes.ts";
import { libraryFunction } from "../library.ts";

/** The parameters, all `i32`: addresses, distances in bytes, numbers of values. */
const parameters = ["B", "step", "lane", "rows", "count", "to", "toStep"] as const;

/** So many values at a time. */
const together = 4;

export function gathered(lanes: Lanes): FunctionBuilder {
  const name = `gathered_${lanes.real}`;
  const takes = parameters.map(() => "i32" as const);
  return libraryFunction(name, { name, takes, gives: "none" }, (f) => write(f, lanes));
}

function write(f: FunctionBuilder, { real, bytes }: Lanes): void {
  const [B, step, lane, rows, count, to, toStep] = parameters.map((_, n) => f.parameterLocal(n)) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const apart = Array.from({ length: together }, (_, n) => f.keep(op("i32.mul", get(lane), i32(n))));
  const [from, target, left] = [f.local("i32"), f.local("i32"), f.local("i32")];
  const copied = (n: number): void =>
    f.emit(
      opWith(
        `${real}.store`,
        { offset: n * bytes },
        get(target),
        op(`${real}.load`, n === 0 ? get(from) : add(get(from), apart[n]!)),
      ),
    );
  f.block((done) =>
    f.loop((nextRow) => {
      f.branchIf(done, op("i32.le_s", get(rows), i32(0)));
      f.set(from, get(B));
      f.set(target, get(to));
      f.set(left, get(count));
      for (const values of [together, 1])
        f.block((short) =>
          f.loop((again) => {
            f.branchIf(short, op("i32.lt_s", get(left), i32(values)));
            for (let n = 0; n < values; n++) copied(n);
            f.set(from, add(get(from), op("i32.mul", get(lane), i32(values))));
            f.set(target, add(get(target), i32(values * bytes)));
            f.set(left, add(get(left), i32(-values)));
            f.branch(again);
          }),
        );
      f.set(B, add(get(B), get(step)));
      f.set(to, add(get(to), get(toStep)));
      f.set(rows, add(get(rows), i32(-1)));
      f.branch(nextRow);
    }),
  );
}

const add = (a: Code, b: Code): Code => op("i32.add", a, b);
