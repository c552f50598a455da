import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import WebSocket from "ws";
import { debianAttempt, installProgram } from "../install-program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type BrowserWindow, type InputSource, type Place, START_MS } from "./browser-window.ts";

/** FIREFOX_PATH, then what is on the PATH or in a Mac's applications. */
function findFirefox(): string | undefined {
  const { FIREFOX_PATH, PATH = "" } = process.env;
  if (FIREFOX_PATH) {
    if (!existsSync(FIREFOX_PATH)) throw new Error(`FIREFOX_PATH names ${FIREFOX_PATH}, and there is no such file.`);
    return FIREFOX_PATH;
  }
  const searched = PATH.split(delimiter).flatMap((folder) =>
    ["firefox-esr", "firefox"].map((name) => join(folder, name)),
  );
  return [...searched, "/Applications/Firefox.app/Contents/MacOS/firefox"].find((path) => existsSync(path));
}

const preferences: Readonly<Record<string, boolean | string>> = {
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
  "app.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
};

/** A headless Firefox, driven by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/). Installs it where there is none. */
export async function openFirefox(): Promise<BrowserWindow> {
  const executable = await installProgram({
    name: "Firefox",
    find: findFirefox,
    attempts: debianAttempt("firefox-esr"),
    advice: [
      "Install it (Debian: apt-get install firefox-esr), or set FIREFOX_PATH to the executable of one you have.",
    ],
  });
  const profile = await temporaryFolder();
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
  await writeFile(join(profile.path, "user.js"), lines.join("\n"));
  const args = ["--headless", "--no-remote", "--profile", profile.path, "--remote-debugging-port", "0"];
  const child = spawn(executable, args, { stdio: ["ignore", "ignore", "pipe"] });
  const end = async () => {
    const exited = child.exitCode === null ? once(child, "exit") : undefined;
    child.kill();
    await exited;
    await profile.remove();
  };
  try {
    const session = await BidiSession.open(`${await listeningAt(child)}/session`);
    return await FirefoxWindow.open(session, end);
  } catch (error) {
    await end();
    throw error;
  }
}

async function listeningAt({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error("Firefox was started without its output.");
  const lines = createInterface({ input: stderr, signal: AbortSignal.timeout(START_MS) });
  const heard: string[] = [];
  for await (const line of lines) {
    heard.push(line);
    const url = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    stderr.resume();
    return url;
  }
  throw new Error(`Firefox did not listen: ${heard.slice(-5).join(" ")}`);
}

interface BidiMessage {
  readonly id?: number;
  readonly method?: string;
  readonly type: "success" | "error" | "event";
  readonly result?: unknown;
  readonly params?: unknown;
  readonly message?: string;
}

/** Commands and their answers over one socket. */
class BidiSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #lastId = 0;
  onEvent: (method: string, params: unknown) => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#receive(JSON.parse(`${data}`) as BidiMessage));
    socket.on("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Firefox has ended."));
    });
  }

  static async open(url: string): Promise<BidiSession> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, "open");
    return new BidiSession(socket);
  }

  send<R = unknown>(method: string, params: Readonly<Record<string, unknown>>): Promise<R> {
    const id = ++this.#lastId;
    return new Promise<R>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.terminate();
  }

  #receive({ id, method, type, result, params, message }: BidiMessage): void {
    if (type === "event") {
      this.onEvent(method ?? "", params);
      return;
    }
    const waiting = this.#waiting.get(id ?? -1);
    this.#waiting.delete(id ?? -1);
    if (type === "success") waiting?.resolve(result);
    else waiting?.reject(new Error(message));
  }
}

interface BrowsingContext {
  readonly context: string;
  readonly url: string;
  readonly children: readonly BrowsingContext[];
}

type CallResult =
  | { readonly type: "success"; readonly result: { readonly value?: string } }
  | { readonly type: "exception"; readonly exceptionDetails: { readonly text: string } };

class FirefoxWindow implements BrowserWindow {
  readonly name: string;
  readonly errors: string[] = [];
  readonly #session: BidiSession;
  readonly #context: string;
  readonly #end: () => Promise<void>;

  private constructor(name: string, session: BidiSession, context: string, end: () => Promise<void>) {
    this.name = name;
    this.#session = session;
    this.#context = context;
    this.#end = end;
    session.onEvent = (method, params) => {
      const { level, text } = params as { readonly level: string; readonly text: string };
      if (method === "log.entryAdded" && level === "error") this.errors.push(text);
    };
  }

  static async open(session: BidiSession, end: () => Promise<void>): Promise<FirefoxWindow> {
    const { capabilities } = await session.send<{ capabilities: { browserVersion: string } }>("session.new", {
      capabilities: {},
    });
    await session.send("session.subscribe", { events: ["log.entryAdded"] });
    const { contexts } = await session.send<{ contexts: readonly BrowsingContext[] }>("browsingContext.getTree", {});
    const context = contexts[0]?.context;
    if (context === undefined) throw new Error("Firefox opened no window.");
    await session.send("browsingContext.setViewport", { context, viewport: { width: 1280, height: 860 } });
    return new FirefoxWindow(`Firefox ${capabilities.browserVersion}`, session, context, end);
  }

  async open(url: string): Promise<void> {
    await this.#session.send("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
  }

  async call<A extends readonly unknown[], R>(
    place: Place,
    work: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R> {
    const outcome = await this.#session.send<CallResult>("script.callFunction", {
      functionDeclaration: `async (text) => JSON.stringify(await (${work})(...JSON.parse(text)))`,
      arguments: [{ type: "string", value: JSON.stringify(args) }],
      target: { context: await this.#contextOf(place) },
      awaitPromise: true,
    });
    if (outcome.type === "exception") throw new Error(outcome.exceptionDetails.text);
    const { value } = outcome.result;
    return (value === undefined ? undefined : JSON.parse(value)) as R;
  }

  async act(place: Place, ...actions: readonly InputSource[]): Promise<void> {
    await this.#session.send("input.performActions", { context: await this.#contextOf(place), actions });
  }

  async close(): Promise<void> {
    this.#session.close();
    await this.#end();
  }

  async #contextOf(place: Place): Promise<string> {
    if (place === "page") return this.#context;
    const { contexts } = await this.#session.send<{ contexts: readonly BrowsingContext[] }>("browsingContext.getTree", {
      root: this.#context,
    });
    const panel = contexts[0]?.children.find(({ url }) => url.includes("/ui/"));
    if (panel === undefined) throw new Error("The plugin's frame is not there.");
    return panel.context;
  }
}
