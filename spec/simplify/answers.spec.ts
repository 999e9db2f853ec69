import { assert } from "chai";
import { answers } from "../../lib/simplify/answers.ts";
import { algebra } from "../../lib/simplify/simplify.ts";

describe("answers of a simplifier", () => {
  it("are worked out once for each simplifier and key, false ones too", () => {
    const asked: string[] = [];
    const isEven = answers<number, boolean>();
    const ask = (name: string, s: ReturnType<typeof algebra>, n: number): boolean =>
      isEven(s, n, () => {
        asked.push(`${name} ${n}`);
        return n % 2 === 0;
      });
    const [one, other] = [algebra(), algebra()];
    const got = [ask("one", one, 3), ask("one", one, 3), ask("other", other, 3), ask("one", one, 4)];
    assert.deepEqual(got, [false, false, false, true]);
    assert.deepEqual(asked, ["one 3", "other 3", "one 4"]);
  });
});
