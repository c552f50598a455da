import type { Signal } from "@preact/signals";
import type { BrowserEngine } from "./browser-engine.ts";
import { keepEngineFiles } from "./keep-engine-files.ts";

/** Whether the browser engine could go on without the server. */
export type EngineCopyState = "absent" | "fetching" | "ready";

/** Long enough after the start that opening a picture comes first. */
const IDLE_TIMEOUT_MS = 5_000;

/** Makes the browser engine independent of the server once the page is idle. */
export function keepWhenIdle(browser: BrowserEngine, root: string, state: Signal<EngineCopyState>): void {
  const keep = async () => {
    state.value = "fetching";
    try {
      await browser.useKeptFiles(await keepEngineFiles(root));
      state.value = "ready";
    } catch {
      // The server stopped on the way, or there is no list beside a panel in development.
      state.value = "absent";
    }
  };
  if ("requestIdleCallback" in window) requestIdleCallback(() => void keep(), { timeout: IDLE_TIMEOUT_MS });
  else setTimeout(() => void keep(), IDLE_TIMEOUT_MS);
}
