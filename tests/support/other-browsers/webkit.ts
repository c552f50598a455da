import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { debianAttempt, installProgram } from "../install-program.ts";
import { type BrowserWindow, type InputSource, type Place, START_MS } from "./browser-window.ts";

const DRIVER = "/usr/bin/WebKitWebDriver";
const SCREEN = "/usr/bin/Xvfb";
const isInstalled = () => [DRIVER, SCREEN].every((path) => existsSync(path));

/** Outlasts an edit in the browser's own engine. */
const SCRIPT_MS = 120_000;

/**
 * WebKitGTK's small browser on a screen of its own, driven by WebDriver (https://w3c.github.io/webdriver/). Linux alone; installs it
 * where there is none.
 */
export async function openWebKit(): Promise<BrowserWindow> {
  await installProgram({
    name: "WebKitGTK and Xvfb",
    find: () => (isInstalled() ? DRIVER : undefined),
    attempts: debianAttempt("webkit2gtk-driver", "xvfb"),
    advice: ["Install them (Debian: apt-get install webkit2gtk-driver xvfb)."],
  });
  const ends: (() => Promise<void>)[] = [];
  const end = async () => {
    for (const step of ends.splice(0).reverse()) await step();
  };
  try {
    const display = await startScreen(ends);
    const errors: string[] = [];
    const origin = await startDriver(display, errors, ends);
    return await WebKitWindow.open(origin, errors, end);
  } catch (error) {
    await end();
    throw error;
  }
}

async function startScreen(ends: (() => Promise<void>)[]): Promise<string> {
  const child = spawn(SCREEN, ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  ends.push(() => stop(child));
  for await (const line of createInterface({ input: child.stdout, signal: AbortSignal.timeout(START_MS) }))
    return `:${line}`;
  throw new Error("Xvfb did not start.");
}

/** The driver's address. Its browser writes its console to the same output. */
async function startDriver(display: string, errors: string[], ends: (() => Promise<void>)[]): Promise<string> {
  const port = await freePort();
  const child = spawn(DRIVER, [`--port=${port}`], {
    env: { ...process.env, DISPLAY: display, GDK_BACKEND: "x11", NO_AT_BRIDGE: "1" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  ends.push(() => stop(child));
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (/^CONSOLE \S+ ERROR/.test(line)) errors.push(line);
  });
  const origin = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + START_MS; Date.now() < until; await delay(100))
    if ((await fetch(`${origin}/status`).catch(() => undefined))?.ok) return origin;
  throw new Error("WebKitWebDriver did not listen.");
}

async function stop(child: ReturnType<typeof spawn>): Promise<void> {
  const exited = child.exitCode === null ? once(child, "exit") : undefined;
  child.kill();
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

type Outcome = { readonly value: string | null } | { readonly error: string };

class WebKitWindow implements BrowserWindow {
  readonly name: string;
  readonly errors: readonly string[];
  readonly #url: string;
  readonly #end: () => Promise<void>;

  private constructor(name: string, url: string, errors: readonly string[], end: () => Promise<void>) {
    this.name = name;
    this.#url = url;
    this.errors = errors;
    this.#end = end;
  }

  static async open(origin: string, errors: readonly string[], end: () => Promise<void>): Promise<WebKitWindow> {
    const { sessionId, capabilities } = await post<{
      readonly sessionId: string;
      readonly capabilities: { readonly browserVersion: string };
    }>(`${origin}/session`, {
      capabilities: {
        alwaysMatch: {
          timeouts: { script: SCRIPT_MS },
          "webkitgtk:browserOptions": {
            binary: miniBrowser(),
            args: ["--automation", "--enable-write-console-messages-to-stdout=true"],
          },
        },
      },
    });
    const window = new WebKitWindow(
      `WebKit ${capabilities.browserVersion}`,
      `${origin}/session/${sessionId}`,
      errors,
      end,
    );
    await post(`${window.#url}/window/rect`, { x: 0, y: 0, width: 1280, height: 900 });
    return window;
  }

  async open(url: string): Promise<void> {
    await post(`${this.#url}/url`, { url });
  }

  async call<A extends readonly unknown[], R>(
    place: Place,
    work: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R> {
    await this.#enter(place);
    const outcome = await post<Outcome>(`${this.#url}/execute/async`, {
      script: `const [text, done] = arguments;
        (async () => JSON.stringify(await (${work})(...JSON.parse(text))))()
          .then((value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));`,
      args: [JSON.stringify(args)],
    });
    if ("error" in outcome) throw new Error(outcome.error);
    return (outcome.value === null ? undefined : JSON.parse(outcome.value)) as R;
  }

  async act(place: Place, ...sources: readonly InputSource[]): Promise<void> {
    // Here the driver differs from the standard: positions are those of the window, whichever frame is entered.
    const { x, y } = place === "page" ? { x: 0, y: 0 } : await this.call("page", panelCorner);
    await this.#enter(place);
    await post(`${this.#url}/actions`, { actions: sources.map((source) => moveSource(source, x, y)) });
  }

  async close(): Promise<void> {
    await fetch(this.#url, { method: "DELETE" });
    await this.#end();
  }

  async #enter(place: Place): Promise<void> {
    await post(`${this.#url}/frame`, { id: null });
    if (place === "page") return;
    // The plugin's window is a custom element; a frame within its shadow has no number that the driver would find.
    const find = `return document.querySelector("plugin-modal").shadowRoot.querySelector("iframe")`;
    await post(`${this.#url}/frame`, { id: await post(`${this.#url}/execute/sync`, { script: find, args: [] }) });
  }
}

/** Runs in the page. */
function panelCorner(): { readonly x: number; readonly y: number } {
  const frame = document.querySelector("plugin-modal")?.shadowRoot?.querySelector("iframe");
  if (!frame) throw new Error("The plugin's frame is not there.");
  const { x, y } = frame.getBoundingClientRect();
  return { x: x + frame.clientLeft, y: y + frame.clientTop };
}

function moveSource(source: InputSource, x: number, y: number): InputSource {
  const actions = source.actions.map((action) =>
    action.type === "pointerMove" ? { ...action, x: action.x + x, y: action.y + y } : action,
  );
  return { ...source, actions };
}

/** It stands beside the libraries, whose folder is named after the machine. */
function miniBrowser(): string {
  const machine = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" }[process.arch as string] ?? process.arch;
  return `/usr/lib/${machine}/webkit2gtk-4.1/MiniBrowser`;
}

async function post<T>(url: string, body: unknown): Promise<T> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  const { value } = (await response.json()) as {
    readonly value: T & { readonly error?: string; readonly message?: string };
  };
  if (!response.ok) throw new Error(`WebKitWebDriver, ${new URL(url).pathname}: ${value.error}, ${value.message}`);
  return value;
}
