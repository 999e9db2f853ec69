import { assert } from "chai";
import { readArguments } from "../../lib/cli/arguments.ts";
import { verb } from "../../lib/cli/accuracy.ts";

const loss = "loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])";

async function printed(...argv: readonly string[]): Promise<string> {
  let out = "";
  const io = {
    out: (text: string) => void (out += text),
    err: () => {},
    readInput: () => new Uint8Array(),
    colour: { out: false, err: false },
  };
  assert.equal(await verb.run(readArguments(verb, argv), io), 0);
  return out;
}

describe("dscore accuracy", () => {
  it("prints a table, and the worst point of each quantity as JSON", async () => {
    const text = await printed("-e", loss, "--wrt", "s", "--points", "3");
    assert.match(text, /^loss: error in ulp of one sample, 3 points a regime, seed 1\n/u);
    assert.match(text, /\nds +1e-300 +0\.\d\d /u);
    const point = /worst of ds: .*\n {2}(.*)\n/u.exec(text)![1]!;
    assert.sameMembers(Object.keys(JSON.parse(point) as object), ["s", "y"]);
  });

  it("prints JSON with a row for each quantity and regime", async () => {
    const { errors } = JSON.parse(await printed("-e", loss, "--wrt", "s", "--points", "2", "--json")) as {
      errors: { stable: { worst: number } }[];
    };
    assert.equal(errors.length, 18);
    assert.isTrue(errors.every(({ stable }) => stable.worst <= 4));
  });

  for (const [flag, value] of [
    ["--points", "0"],
    ["--points", "many"],
    ["--seed", "-1"],
  ] as const)
    it(`refuses ${flag} ${value}`, async () => {
      let message = "";
      await printed("-e", loss, flag, value).catch((error: Error) => (message = error.message));
      assert.include(message, `${flag} is "${value}", not a whole number`);
    });
});
