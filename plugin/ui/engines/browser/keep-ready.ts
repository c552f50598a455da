import { signal } from "@preact/signals";
import type { BrowserEngine } from "./browser-engine.ts";

const STORAGE_KEY = "overpaint-keep-engine";
/** Long enough after the start that opening a picture comes first. */
const IDLE_TIMEOUT_MS = 5_000;

export type ReadyState = "off" | "waiting" | "fetching" | "ready" | "failed";

/**
 * The wish that edits go on in the browser should the server stop. Off until somebody asks for it, as it fetches everything the
 * browser engine may need at once; remembered where the browser lets a framed page keep anything.
 */
export class KeepReady {
  readonly state = signal<ReadyState>("off");
  readonly #browser: Pick<BrowserEngine, "keepReady">;
  readonly #storage: () => Pick<Storage, "getItem" | "setItem">;

  constructor(browser: Pick<BrowserEngine, "keepReady">, storage: () => Pick<Storage, "getItem" | "setItem">) {
    this.#browser = browser;
    this.#storage = storage;
  }

  /** Takes the wish up again once the page is idle, where it was had before. */
  resume(): void {
    if (attempt(() => this.#storage().getItem(STORAGE_KEY)) !== "yes") return;
    this.state.value = "waiting";
    const keep = () => void this.#keep();
    if ("requestIdleCallback" in window) requestIdleCallback(keep, { timeout: IDLE_TIMEOUT_MS });
    else setTimeout(keep, IDLE_TIMEOUT_MS);
  }

  async want(isWanted: boolean): Promise<void> {
    attempt(() => this.#storage().setItem(STORAGE_KEY, isWanted ? "yes" : "no"));
    if (isWanted) await this.#keep();
    else this.state.value = "off";
  }

  async #keep(): Promise<void> {
    if (this.state.peek() === "fetching") return;
    this.state.value = "fetching";
    try {
      await this.#browser.keepReady();
      // It may have been switched off meanwhile.
      if (this.state.peek() === "fetching") this.state.value = "ready";
    } catch {
      // The server stopped on the way.
      if (this.state.peek() === "fetching") this.state.value = "failed";
    }
  }
}

/** Browsers that block third-party storage throw at the mere sight of it. */
function attempt<Result>(use: () => Result): Result | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
