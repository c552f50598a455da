import { signal } from "@preact/signals";
import type { ErrorData } from "../../../../shared/protocol/error-data.ts";
import { toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { BrowserEngine } from "./browser-engine.ts";

const STORAGE_KEY = "overpaint-keep-engine";
/** Long enough after the start that opening a picture comes first. */
const IDLE_TIMEOUT_MS = 5_000;

export type ReadyState =
  | { readonly type: "off" | "waiting" | "fetching" | "ready" }
  | { readonly type: "failed"; readonly error: ErrorData };

/**
 * The wish that edits go on in the browser should the server stop. Off until somebody asks for it, as it fetches everything the
 * browser engine may need at once; remembered where the browser lets a framed page keep anything.
 */
export class KeepReady {
  readonly state = signal<ReadyState>({ type: "off" });
  readonly #browser: Pick<BrowserEngine, "keepReady">;
  readonly #storage: () => Pick<Storage, "getItem" | "setItem">;

  constructor(browser: Pick<BrowserEngine, "keepReady">, storage: () => Pick<Storage, "getItem" | "setItem">) {
    this.#browser = browser;
    this.#storage = storage;
  }

  /** Takes the wish up again once the page is idle, where it was had before. */
  resume(): void {
    if (attempt(() => this.#storage().getItem(STORAGE_KEY)) !== "yes") return;
    this.state.value = { type: "waiting" };
    const keep = () => void this.#keep();
    if ("requestIdleCallback" in window) requestIdleCallback(keep, { timeout: IDLE_TIMEOUT_MS });
    else setTimeout(keep, IDLE_TIMEOUT_MS);
  }

  async want(isWanted: boolean): Promise<void> {
    attempt(() => this.#storage().setItem(STORAGE_KEY, isWanted ? "yes" : "no"));
    if (isWanted) await this.#keep();
    else this.state.value = { type: "off" };
  }

  async #keep(): Promise<void> {
    if (this.#isFetching()) return;
    this.state.value = { type: "fetching" };
    try {
      await this.#browser.keepReady();
      // It may have been switched off meanwhile.
      if (this.#isFetching()) this.state.value = { type: "ready" };
    } catch (error) {
      console.warn("Overpaint: the browser engine is not kept ready.", error);
      if (this.#isFetching()) this.state.value = { type: "failed", error: toErrorData(error) };
    }
  }

  #isFetching(): boolean {
    return this.state.peek().type === "fetching";
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
