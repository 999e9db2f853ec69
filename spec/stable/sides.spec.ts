import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { oneProduct } from "../../lib/stable/sides.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { print } from "../../lib/text/print.ts";
import { valueIn } from "./errors.ts";
import { double } from "../../lib/number/double.ts";

const guarded = (x: string): string => `(${x} == 0 ? 0 : ${x} * z)`;
const sides = parse(`f = z > 0 ? ${guarded("(1 - t)")} : -${guarded("t")}`);

describe("multiples on both sides of a condition", () => {
  it("are the same doubles by one product, labels of 0 and 1 and infinite values among them", () => {
    const definitions = sides.definitions.map((d) => ({ ...d, body: oneProduct(d.body) }));
    assert.notEqual(definitions[0]!.body, sides.definitions[0]!.body);
    for (const t of [0, 1, 0.3, -2, NaN])
      for (const z of [0, -0, 1.7, -1.7, 1e308, -1e308, Infinity, -Infinity, NaN]) {
        const [plain, other] = [sides.definitions, definitions].map((of) =>
          valueIn(double, sides, of, { t, z }),
        );
        assert.isTrue(other === plain || (Number.isNaN(other) && Number.isNaN(plain)), `t = ${t}, z = ${z}`);
      }
  });

  it("are left alone where they are of different values", () => {
    const { body } = parse("f = z > 0 ? (1 - t == 0 ? 0 : (1 - t) * z) : -(t == 0 ? 0 : t * u)")
      .definitions[0]!;
    assert.equal(oneProduct(body), body);
  });

  it("are found in the logistic loss, where a label is asked for beside an infinite value only", () => {
    const text = "loss = mean(i, softplus(z[i]) - t[i] * z[i])";
    const { definitions } = stabilise(differentiate(parse(text), { wrt: ["z"] }));
    assert.isTrue(definitions.some((d) => print(d.body).includes("([z[i] > 0] - t[i]) * z[i]")));
  });
});
