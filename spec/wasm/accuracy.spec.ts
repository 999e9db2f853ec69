import { expect } from "chai";
import { measure } from "../../lib/accuracy/measure.ts";
import { entry } from "../../lib/catalogue.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

/** The bars of JavaScript: the worst error, and that of 99 of 100 points, in ulp. */
// prettier-ignore
const bars: readonly [name: string, worst: number, p99: number][] = [
  ["softmax", 4, 2], ["hinge", 4, 2], ["squared-hinge", 4, 2], ["crammer-singer", 4, 2], ["logistic", 4, 2],
  ["squared-error", 8, 2], ["huber", 8, 2], ["poisson", 8, 2], ["focal", 8, 3],
];

describe("accuracy of WebAssembly", () => {
  for (const [name, worst, p99] of bars)
    it(`${name}: within ${worst} ulp in every regime, nothing lost`, async () => {
      const { text, wrt } = entry(name)!;
      const derivation = differentiate(parse(text), { wrt });
      const { rows } = await measure(derivation, { points: 8, seed: 5, wrt, target: "wasm" });
      for (const { regime, quantity, stable } of rows) {
        const where = `${quantity}, regime ${regime}: ${JSON.stringify(stable.at)}`;
        expect(stable.lost, where).to.equal(0);
        expect(stable.worst, where).to.be.at.most(worst);
        expect(stable.p99, where).to.be.at.most(p99 + 0.5);
      }
    });
});
