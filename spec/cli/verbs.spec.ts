import { assert } from "chai";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "../documents.ts";

/** What is loaded with a file: the modules that it imports, directly or not, unless it imports them late. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!file.endsWith(".ts")) return seen;
  for (const [, from] of readFileSync(join(root, file), "utf8").matchAll(
    /^(?:import|export)\s(?!type\s)[^;]*?from\s+"([^"]+)"/gmu,
  ))
    loadedWith(from!.startsWith(".") ? relative(root, join(root, dirname(file), from!)) : from!, seen);
  return seen;
}

describe("the modules of a verb", () => {
  it("are followed by this spec: check has the checker", () => {
    assert.include([...loadedWith("lib/cli/check.ts")], "lib/check/check.ts");
  });

  for (const verb of ["list", "derive", "generate", "eval"])
    it(`${verb} does without mathjs, which takes half a second to load`, () => {
      const loaded = [...loadedWith(`lib/cli/${verb}.ts`), ...loadedWith("lib/cli/run.ts")];
      assert.isAbove(loaded.length, 20);
      assert.isEmpty(loaded.filter((name) => name.startsWith("mathjs") || name === "lib/number/decimal.ts"));
    });

  it("derive does without the checker and the emitter", () => {
    assert.isEmpty(
      [...loadedWith("lib/cli/derive.ts")].filter((name) => /^lib\/(?:check|emit|train)\//u.test(name)),
    );
  });
});
