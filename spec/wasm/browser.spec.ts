import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { compile } from "../../lib/compile.ts";
import { generate } from "../../lib/generate.ts";
import { parse } from "../../lib/parse.ts";

/** The first of these programs that is on the path. */
function program(...names: readonly string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const browser = program("chromium", "chromium-browser", "google-chrome");

const derivation = differentiate(
  parse("s[i,j] = sum(d, X[i,d] * W[d,j]); loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])"),
  { wrt: ["W"] },
);
const [N, D, C] = [3000, 40, 7];

/** Fills arrays with numbers that need no file. It is text in the page, too. */
function filled(n: number, d: number, c: number) {
  return {
    X: { shape: [n, d], data: Float64Array.from({ length: n * d }, (_, k) => ((k * 37) % 101) / 64 - 0.75) },
    W: { shape: [d, c], data: Float64Array.from({ length: d * c }, (_, k) => ((k * 29) % 53) / 64 - 0.4) },
    y: { shape: [n], data: Int32Array.from({ length: n }, (_, k) => (k * 5) % c) },
  };
}

const page = `<!doctype html><title>kernel</title><pre></pre><script type="module">
import { loss } from "./kernel.js";
${filled.toString()}
const { value, gradients } = loss(filled(${N}, ${D}, ${C}));
document.querySelector("pre").textContent = JSON.stringify([crossOriginIsolated, value, ...gradients.W.data]);
</script>`;

/** What the page says that a browser shows, with a kernel for so many threads. */
async function inBrowser(threads: number | undefined): Promise<readonly unknown[]> {
  const { code } = generate(derivation, { target: "wasm", threads, name: "loss" });
  const server = createServer((request, response) => {
    const isCode = request.url === "/kernel.js";
    response.writeHead(200, {
      "content-type": isCode ? "text/javascript" : "text/html",
      ...(threads !== undefined && {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
      }),
    });
    response.end(isCode ? code : page);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo; // it listens on a port
    const { stdout } = await promisify(execFile)(browser!, [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--timeout=20000",
      "--dump-dom",
      `http://127.0.0.1:${port}/`,
    ]);
    const [, shown] = /<pre>(.*?)<\/pre>/su.exec(stdout) ?? [];
    return JSON.parse(shown ?? "") as unknown[];
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("a kernel of WebAssembly in a browser", () => {
  for (const threads of [undefined, 2])
    it(`gives what it gives here${threads === undefined ? "" : ", shared out among threads"}`, async function () {
      if (browser === undefined) {
        console.log("    there is no browser: install Debian's chromium");
        this.skip();
      }
      const { value, gradients } = compile(derivation, { target: "wasm", threads })(filled(N, D, C));
      const { data } = gradients["W"] as { data: Float64Array };
      const [isolated, ...shown] = await inBrowser(threads);
      expect(isolated, "whether threads may compute").to.equal(threads !== undefined);
      expect(shown).to.have.length(1 + data.length);
      // A browser may have relaxed multiply-adds where Node has none.
      for (const [n, expected] of [value as number, ...data].entries())
        expect(shown[n], `number ${n}`).to.be.closeTo(expected, 1e-14);
    });
});
