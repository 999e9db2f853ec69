import { expect } from "chai";
import { loads, mentionedIn, mentions, mentionsAny } from "../../lib/loop/mentioned.ts";
import { constant, load, named, select, type Scalar } from "../../lib/loop/nest.ts";

const i = named("i", "int");
const n = named("n", "int");
const place: Scalar = { kind: "apply", type: "int", op: "add", args: [i, n, i] };
const read = load("X", load("y", place, "int"), "real");

describe("what a scalar mentions", () => {
  it("is each name once, in the order of the text", () => {
    expect(mentionedIn(place).names).to.deep.equal(["i", "n"]);
    expect(mentionedIn(select(named("p", "bool"), read, i)).names).to.deep.equal(["p", "i", "n"]);
  });

  it("is each buffer once, those of offsets too", () => {
    const both: Scalar = { kind: "apply", type: "real", op: "mul", args: [read, read] };
    expect(mentionedIn(both).buffers).to.deep.equal(["X", "y"]);
    expect(loads(both)).to.equal(true);
    expect(loads(place)).to.equal(false);
  });

  it("is nothing for a constant", () => {
    expect(mentionedIn(constant(1))).to.deep.equal({ names: [], buffers: [] });
    expect(mentions(constant(1), "i")).to.equal(false);
  });

  it("is asked for by name, buffers apart", () => {
    expect(mentions(read, "n")).to.equal(true);
    expect(mentions(read, "X")).to.equal(false);
    expect(mentionsAny(read, new Set(["k", "n"]))).to.equal(true);
    expect(mentionsAny(i, new Set(["k", "n"]))).to.equal(false);
  });
});
