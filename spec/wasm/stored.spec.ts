import { expect } from "chai";
import { constant, named } from "../../lib/loop/nest.ts";
import { Stored } from "../../lib/wasm/vector/stored.ts";

const [j, k] = [named("j", "int"), named("k", "int")];
const value = { type: "v128", index: 3 } as const;

describe("what has been stored", () => {
  it("is known at its own place only, until it is forgotten", () => {
    const stored = new Stored();
    stored.set("e", j, value);
    expect(stored.at("e", named("j", "int"))).to.equal(value);
    expect(stored.at("e", k)).to.equal(undefined);
    expect(stored.at("t", j)).to.equal(undefined);
    stored.set("e", k, value);
    expect(stored.at("e", j), "two offsets may be one").to.equal(undefined);
    stored.forget("e");
    expect(stored.at("e", k)).to.equal(undefined);
  });

  it("before a condition is known under it, and after it unless it is stored anew there", () => {
    const stored = new Stored();
    stored.set("e", j, value);
    stored.set("t", j, value);
    const write = (): void => {
      expect(stored.at("t", j)).to.equal(value);
      stored.set("t", constant(0), value);
    };
    stored.within(write, ["t"], true);
    expect(stored.at("e", j)).to.equal(value);
    expect(stored.at("t", j)).to.equal(undefined);
    expect(stored.at("t", constant(0))).to.equal(undefined);
  });

  it("before a loop is not known in it", () => {
    const stored = new Stored();
    stored.set("e", j, value);
    stored.within(() => expect(stored.at("e", j)).to.equal(undefined), [], false);
    expect(stored.at("e", j)).to.equal(value);
  });
});
