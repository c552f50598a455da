import { readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import { expect } from "vitest";
import type {} from "../../../plugin/playground/playground-api.ts";
import type { SandboxMessage } from "../../../shared/protocol/plugin/messages.ts";
import { inRepository } from "../../support/repository.ts";

/** Answered by the tests themselves, so no port is taken. */
export const playgroundUrl = "http://localhost:4417/playground/";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** A panel that keeps what it is told and says what tests make it say. */
const stubPanel = `<!doctype html><title>Panel</title><script>
  window.messages = [];
  const secret = new URLSearchParams(location.hash.split("?")[1]).get("panel");
  window.say = (message) => parent.postMessage({ source: "overpaint", secret, ...message }, "*");
  addEventListener("message", ({ source, data }) => source === parent && messages.push(data));
  say({ type: "ready" });
</script>`;

declare global {
  interface Window {
    messages: SandboxMessage[];
    say(message: Record<string, unknown>): void;
  }
}

export interface PlaygroundPage {
  readonly page: Page;
  /** What the page reported as errors so far. */
  readonly errors: readonly string[];
  panel(): Promise<Frame>;
  close(): Promise<void>;
}

/** The built playground and plugin with a stub for the panel, on a page of its own. */
export async function openPlayground(browser: Browser, url = playgroundUrl): Promise<PlaygroundPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const web = inRepository("dist/web");
  await context.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/ui/index.html") return await route.fulfill({ contentType: "text/html", body: stubPanel });
    const file = join(web, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    if (!(await stat(file).catch(() => undefined))?.isFile()) return await route.fulfill({ status: 404 });
    return await route.fulfill({
      contentType: types[extname(file)] ?? "application/octet-stream",
      headers: { "access-control-allow-origin": "*" },
      body: await readFile(file),
    });
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  await page.evaluate(() => window.overpaintPlayground.ready);
  return {
    page,
    errors,
    panel: async () => {
      const find = () => page.frames().find((candidate) => candidate.url().includes("/ui/"));
      await expect.poll(find, { message: "the plugin's window opens" }).toBeDefined();
      return find() as Frame;
    },
    close: () => context.close(),
  };
}

/** Waits for the panel's newest message of a type. Bytes do not survive the way here; read them in the frame. */
export async function told<T extends SandboxMessage["type"]>(panel: Frame, type: T) {
  const handle = await panel.waitForFunction(
    (wanted) => window.messages.findLast((message) => message.type === wanted),
    type as string,
  );
  return (await handle.jsonValue()) as Extract<SandboxMessage, { type: T }>;
}
