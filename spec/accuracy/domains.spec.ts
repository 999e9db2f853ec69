import { assert } from "chai";
import { domains } from "../../lib/accuracy/domains.ts";
import { measure } from "../../lib/accuracy/measure.ts";
import { regimes } from "../../lib/accuracy/regimes.ts";
import { Random } from "../../lib/check/random.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

/** What belongs to a domain. */
const belongs: Readonly<Record<keyof typeof domains, (x: number) => boolean>> = {
  positive: (x) => x > 0 && x < Infinity,
  unit: (x) => x >= 0 && x < 1,
  "01": (x) => x === 0 || x === 1,
  sign: (x) => x === 1 || x === -1,
};

describe("domains", () => {
  for (const [name, domain] of Object.entries(domains))
    it(`${name}: what is drawn belongs to it, and so does what is made of scores of every regime`, () => {
      const random = new Random(3);
      const scores = regimes.flatMap((r) => r.row(8, 2, random)).flatMap((x) => [x, -x, 0]);
      const all = [...scores.map(domain.into), ...Array.from({ length: 99 }, () => domain.draw(random))];
      assert.isTrue(all.every(belongs[name as keyof typeof domains]));
    });

  it("inputs that are measured are drawn from them: a log of a variance is a number", async () => {
    const text = "loss = mean(i, log(v[i]) + x[i]^2 / v[i] + log(w[i] * c))";
    const { rows } = await measure(differentiate(parse(text), { wrt: ["v"] }), {
      points: 6,
      seed: 1,
      wrt: ["v"],
      from: new Map([
        ["v", "positive"],
        ["w", "unit"],
        ["c", "positive"],
      ]),
    });
    for (const { stable } of rows)
      for (const name of ["v", "w"]) {
        const { data } = stable.at[name] as unknown as { readonly data: readonly number[] };
        assert.isTrue(data.every((x) => x > 0));
      }
  });
});
