import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { file, folder } from "../check/foreign/files.ts";
import { called } from "./called.ts";

describe("certificates", () => {
  it("are written beside the code, hold, and say what has changed", async () => {
    const code = join(folder, "huber.ts");
    assert.deepEqual(await called(["generate", "huber", "--target", "ts", "-o", code]), {
      code: 0,
      out: "",
      err: "",
    });
    const path = join(folder, "huber.cert.json");
    const written = JSON.parse(readFileSync(path, "utf8")) as {
      code: { file: string };
      definition: { sha256: string };
    };
    assert.equal(written.code.file, "huber.ts");
    assert.match(written.definition.sha256, /^[0-9a-f]{64}$/u);
    const held = await called(["check", "--certificate", path]);
    assert.equal(held.code, 0, held.out);
    assert.match(held.out, /^holds {2}the certificate of huber\.ts, huber\n {2}60 points aimed at kinks: /u);
    assert.equal(
      (await called(["check", "hinge", "--certificate", path])).out,
      "does not hold  the certificate of huber.ts, huber\n  the definition of huber has changed\n",
    );
    appendFileSync(code, "\n");
    const changed = await called(["check", "--certificate", path, "--json"]);
    assert.equal(changed.code, 1);
    assert.deepInclude(JSON.parse(changed.out), { holds: false, reasons: ["the code huber.ts has changed"] });
  });

  it("know how many threads the code was made for", async () => {
    const made = ["generate", "huber", "--target", "wasm", "--threads", "2", "-o", join(folder, "shared.js")];
    assert.equal((await called(made)).err, "");
    const path = join(folder, "shared.cert.json");
    const { code } = JSON.parse(readFileSync(path, "utf8")) as { code: { threads: number } };
    assert.equal(code.threads, 2);
    assert.match((await called(["check", "--certificate", path])).out, /^holds /u);
  });

  it("are not there, nor is the binary, where the module around it cannot be written", async () => {
    const taken = join(folder, "taken.js");
    mkdirSync(taken, { recursive: true });
    const { code, err } = await called([
      "generate",
      "huber",
      "--target",
      "wasm",
      "-o",
      join(folder, "taken.wasm"),
    ]);
    assert.equal(code, 2);
    assert.equal(err, `error: cannot write ${taken}: it is a directory\n`);
    assert.isFalse(existsSync(join(folder, "taken.wasm")));
  });

  it("that are none are refused", async () => {
    assert.match(
      (await called(["check", "--certificate", file("no.json", "{}")])).err,
      /^error: .*no\.json is not a certificate of dscore\n/u,
    );
    assert.match(
      (await called(["check", "--certificate", file("no.txt", "x")])).err,
      /^error: .*no\.txt is not JSON\n$/u,
    );
    assert.match(
      (await called(["check", "--certificate", "/nowhere.json"])).err,
      /^error: cannot read \/nowhere\.json: there is no such file/u,
    );
  });
});
