import { assert } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dscore, root } from "../documents.ts";

/** Through a shell, from source. */
function shell(command: string): { stdout: string; stderr: string; status: number | null } {
  const program = `"${process.execPath}" --import tsx lib/cli/main.ts`;
  return spawnSync("sh", ["-c", command.replaceAll("dscore", program)], { cwd: root, encoding: "utf8" });
}

describe("the process dscore", function () {
  this.timeout(60_000);

  it("prints without colours where nobody looks, and exits with 0", () => {
    const { stdout, stderr, status } = dscore(["derive", "-e", "x^2"]);
    assert.deepEqual(
      [stdout, stderr, status],
      ["definition\n  x^2\n\nclosed form\n  loss = x^2\n  dx   = 2 * x\n", "", 0],
    );
  });

  it("tells errors on standard error, and exits with 2", () => {
    const { stdout, stderr, status } = dscore(["derive", "hing"]);
    assert.deepEqual([stdout, status], ["", 2]);
    assert.match(stderr, /^error: there is no hing in the catalogue/u);
  });

  it("reads inputs from standard input", () => {
    const { stdout } = dscore(["eval", "-e", "x^2", "--input", "-", "--json"], { input: '{"x": 3}' });
    assert.equal(stdout, '{"value":9,"gradients":{"x":{"shape":[],"data":[6]}}}\n');
  });

  it("is silent when its reader goes away", () => {
    const { stdout, stderr } = shell("dscore derive conv2d --steps | head -n 1");
    assert.match(stdout, /^conv2d {2}[^\n]*\n$/u);
    assert.equal(stderr, "");
  });

  it("writes code whole, and nothing when it fails", () => {
    const folder = mkdtempSync(join(tmpdir(), "dscore-"));
    try {
      const file = join(folder, "hinge.ts");
      assert.equal(dscore(["generate", "hinge", "--target", "ts", "-o", file]).status, 0);
      assert.match(readFileSync(file, "utf8"), /^export function loss\(/mu);
      assert.equal(dscore(["generate", "hinge", "--target", "cobol", "-o", join(folder, "x")]).status, 2);
      assert.sameMembers(readdirSync(folder), ["hinge.ts", "hinge.cert.json"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
