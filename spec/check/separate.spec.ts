import { assert } from "chai";
import { bind } from "../../lib/bind.ts";
import { separateCoordinates } from "../../lib/check/separate.ts";
import { trace } from "../../lib/check/trace.ts";
import { parse } from "../../lib/parse.ts";

describe("separateCoordinates", () => {
  // prettier-ignore
  const programs: readonly (readonly [text: string, parts: number[][]])[] = [
    ["loss = sum(i, x[i])",                                     [[0], [1], [2], [3]]],
    ["loss = mean(i, relu(x[i]))",                              [[0], [1], [2], [3]]],
    ["loss = sum(i, 2 * abs(x[i]) / 3 - x[i]^2)",                  [[0], [1], [2], [3]]],
    ["loss = sum(i > 0, max(x[i], x[i - 1]))",                  [[0, 1, 2, 3]]],
    ["loss = max(x[0], x[1]) + max(x[2], x[3])",                [[0, 1], [2, 3]]],
    ["loss = x[0] * x[2] - (x[1] > 0 ? x[3] : 0)",              [[0, 2], [1, 3]]],
    ["loss = max(x[0], x[1]) + max(x[2], x[3]) + x[1] * x[3]",  [[0, 1, 2, 3]]],
    ["loss = exp(x[0] + x[1]) + x[2]",                          [[0, 1], [2], [3]]],
    ["a = argmax(i, x[i])\nloss = sum(i, [i != a] * x[i])",    [[0, 1, 2, 3]]],
    ["a = argmax(i, x[i])\nloss = x[a]",                       [[0, 1, 2, 3]]],
    ["loss = stop(x[0]) * abs(x[1]) + x[2]",                       [[0, 1, 2, 3]]],
  ];
  for (const [text, parts] of programs)
    it(`parts x into ${parts.map((p) => `{${p.join(", ")}}`).join(" ")} for ${text.split("\n").join("; ")}`, () => {
      const program = parse(text);
      const traced = trace(program, bind(program, { x: [1, 1, 1, 1] }), ["x"], undefined);
      assert.deepEqual(separateCoordinates(traced), parts);
    });
});
