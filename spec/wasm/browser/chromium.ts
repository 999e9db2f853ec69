/** A page in a browser without a window: its files are served from memory, and what it posts is what it found. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** The browser: `DSCORE_CHROMIUM`, or Debian's. */
const program = process.env["DSCORE_CHROMIUM"] ?? "chromium";

export const hasChromium = spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

// Without these, a browser asks for updates and names that a closed network refuses.
const quiet = ["background-networking", "component-update", "sync", "gpu", "quic"].map(
  (what) => `--disable-${what}`,
);

export interface Page {
  /** Modules by path; a page that runs `/main.js` is at `/`. */
  readonly files: ReadonlyMap<string, string>;
  /** Whether the page is cross-origin isolated, as threads need it. */
  readonly isolated: boolean;
}

/** Runs `/main.js` in a page and returns what it posted to `/found`, once the browser is gone. */
export async function found(page: Page): Promise<unknown> {
  const profile = await mkdtemp(join(tmpdir(), "dscore-browser-"));
  const server = createServer();
  const posted = answering(server, page);
  const address = await listening(server);
  const own = [`--user-data-dir=${profile}`, "--headless", "--no-sandbox", "--no-first-run"];
  const browser = spawn(program, [...own, ...quiet, address], { stdio: "ignore" });
  const ended = once(browser, "exit");
  try {
    const first = await Promise.race([posted, ended]);
    if (typeof first !== "string") throw new Error("the browser ended before the page had an answer");
    return JSON.parse(first);
  } finally {
    browser.kill();
    await ended;
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

// What fails before the module runs, or in it, is an answer too.
const html = `<!doctype html><script>
  const tell = (found) => fetch("/found", { method: "POST", body: JSON.stringify(found) });
  addEventListener("error", (event) => tell({ error: String(event.message) }));
  addEventListener("unhandledrejection", (event) => tell({ error: String(event.reason) }));
</script><script type="module" src="/main.js"></script>`;

/** Serves the page; what it posts, when it does. */
function answering(server: Server, { files, isolated }: Page): Promise<string> {
  const isolation = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  };
  return new Promise((resolve) => {
    server.on("request", (request, response) => {
      if (request.method === "POST") {
        void text(request).then(resolve);
        response.end();
        return;
      }
      const [type, content] =
        request.url === "/" ? ["text/html", html] : ["text/javascript", files.get(request.url!)];
      response.writeHead(content === undefined ? 404 : 200, {
        "Content-Type": `${type}; charset=utf-8`,
        ...(isolated && isolation),
      });
      response.end(content);
    });
  });
}

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/`;
}
