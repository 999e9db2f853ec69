import { assert } from "chai";
import { catalogue, names } from "../lib/catalogue.ts";
import { passes } from "../lib/check/judge.ts";
import { checkMany } from "../lib/cli/check-many.ts";
import { parse } from "../lib/parse.ts";
import { pages, read } from "./documents.ts";

/** What a newcomer looks for. */
// prettier-ignore
const wanted = [
  "hinge", "crammer-singer", "squared-hinge", "softmax", "softmax-logsumexp", "logistic", "squared-error", "absolute-error",
  "huber", "poisson", "triplet", "affine", "relu", "conv2d", "max-pool", "batch-norm",
];

describe("the catalogue", function () {
  this.timeout(60_000);

  let fresh: Readonly<Record<string, string>> = {};
  before(() => void (fresh = pages()));

  it("has the losses and layers that people look for", () => {
    assert.includeMembers([...names()], wanted);
  });

  for (const entry of catalogue()) {
    const { name, title, text, wrt = [] } = entry;

    it(`says what ${name} is, and by what it is differentiated`, () => {
      assert.notEqual(title, name);
      const reals = parse(text).inputs.filter(({ type }) => type === "real");
      assert.isNotEmpty(wrt);
      assert.includeMembers(
        reals.map((input) => input.name),
        [...wrt],
      );
    });

    it(`has a fresh page for ${name}: if not, npm run pages`, () => {
      assert.equal(read(`derivations/${name}.md`), fresh[name]);
    });

    it(`has a right gradient for ${name}, on its kinks as well`, () => {
      const { verdict, example } = checkMany(parse(text), wrt, 20, 1);
      assert.isTrue(passes(verdict), `${verdict} at --seed ${example.seed} --points 1`);
    });
  }
});
