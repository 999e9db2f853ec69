import { assert } from "chai";
import { called } from "../cli/called.ts";

const layer = "s[i,j] = sum(d, X[i,d]*W[d,j]); sum(i, j, max(0, s[i,j]))";
const command = ["generate", "-e", layer, "--wrt", "W", "--style", "fused", "--explain", "--target"];

describe("dscore generate --explain", () => {
  it("says in words what is computed when, what is skipped and in which order sums are added up", async () => {
    assert.equal(
      (await called([...command, "js"])).out,
      `schedule
  compute loss
  set dW to 0
  for each block of 32 of the N rows i; all that needs these rows of X is done before the next block
    set s to 0
    contract s += X * W, for all i, j, summed over d
    row by row, compute loss, active, ds, factor, rows
    contract dW += X * factor, for all d, j, summed over i; rows in which factor is 0 throughout are skipped

order of sums
  over i: block after block of 32
  in a contraction: 8 terms, each half added up from its first, then the next 8
  else: term after term, in the order of the indices

tiles
  8 × 10 elements of one array are held while the longer loop over the other runs:
  each round reads 8 elements and adds 8 terms to each of 10 sums
  rows that lie multiples of 4096 bytes apart are in each other's way in the cache: their blocks are copied first

scratch, allocated once
  s  32 × C
  ds  C
  factor  32 × C
  rows  32
`,
    );
  });

  it("names the loops that windows keep around a contraction", async () => {
    const { out } = await called(["generate", "conv2d", "--style", "fused", "--explain", "--target", "js"]);
    assert.include(out, "contract out += X * K, for all f, p, q, summed over c, for one r, s after another");
  });

  it("says that WebAssembly copies what lies apart", async () => {
    const { out } = await called(["generate", "conv2d", "--target", "wasm", "--explain"]);
    assert.include(out, "values that lie apart are copied side by side first, block by block\n");
    assert.include(
      out,
      "contract dX += K * dout, for all c, p, q, summed over f, for one k, k2 after another\n",
    );
  });

  it("says it as JSON, beside the code", async () => {
    const { schedule, code } = JSON.parse((await called([...command, "ts", "--json"])).out) as {
      schedule: { steps: { kind: string; steps?: { kind: string }[] }[]; scratch: readonly unknown[] };
      code: string;
    };
    assert.include(code, "contract(");
    assert.deepEqual(
      schedule.steps.flatMap((s) => [s.kind, ...(s.steps ?? []).map((inner) => `- ${inner.kind}`)]),
      ["compute", "clear", "pass", "- clear", "- contract", "- compute", "- contract"],
    );
    assert.deepEqual(schedule.scratch[0], { name: "s", shape: "32 × C" });
  });

  it("has nothing to tell of blocks where code is left as on paper", async () => {
    const { out } = await called([...command.filter((word) => word !== "--style" && word !== "fused"), "js"]);
    assert.notInclude(out, "block");
    assert.include(out, "for each i < N");
  });
});
