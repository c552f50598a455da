import { computed, signal } from "@preact/signals";
import type { ModelSummary, Status } from "../../../shared/protocol/api.ts";
import type { BrowserDevice } from "../../../shared/protocol/engine-worker-api.ts";
import type { ErrorData } from "../../../shared/protocol/error-data.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { BrowserEngine } from "./browser/browser-engine.ts";
import type { CompanionEngine } from "./companion/companion-engine.ts";
import type { EditEngine, EnginePlace } from "./edit-engine.ts";

export type CompanionState =
  | { readonly type: "checking" }
  | { readonly type: "up"; readonly status: Status }
  | { readonly type: "down"; readonly error: ErrorData };

export type BrowserState =
  | { readonly type: "idle" }
  | { readonly type: "starting" }
  | { readonly type: "ready"; readonly device: BrowserDevice }
  | { readonly type: "failed"; readonly error: ErrorData };

/** `automatic`: the companion while it answers, else the browser. */
export type EnginePreference = "automatic" | "browser";

export interface EngineChoiceOptions {
  readonly companion: CompanionEngine;
  readonly browser: BrowserEngine;
  readonly readStatus: () => Promise<Status>;
}

/** Which engine the next edit runs on, and why. Follows the companion as it comes and goes. */
export class EngineChoice {
  readonly companion = signal<CompanionState>({ type: "checking" });
  readonly browser = signal<BrowserState>({ type: "idle" });
  readonly preference = signal<EnginePreference>("automatic");
  readonly models = signal<readonly ModelSummary[]>([]);
  readonly place = computed<EnginePlace>(() =>
    this.preference.value === "automatic" && this.companion.value.type !== "down" ? "companion" : "browser",
  );

  readonly #options: EngineChoiceOptions;
  #checking: Promise<void> | undefined;

  constructor(options: EngineChoiceOptions) {
    this.#options = options;
  }

  /** The engine for the next edit, once it is known whether the companion answers. */
  async engine(): Promise<EditEngine> {
    if (this.companion.value.type === "checking") await this.check();
    return this.#engineInCharge();
  }

  get companionEngine(): CompanionEngine {
    return this.#options.companion;
  }

  /** Asks the companion whether it is there. Calls that overlap share one question. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** An edit found out before the next check did. */
  async reportCompanionLost(error: ErrorData): Promise<void> {
    this.companion.value = { type: "down", error };
    await this.#refresh();
  }

  /** Reads again what the engine in charge offers: a model came or went. */
  async readModels(): Promise<void> {
    this.models.value = await this.#engineInCharge()
      .models()
      .catch(() => this.models.peek());
  }

  async prefer(preference: EnginePreference): Promise<void> {
    this.preference.value = preference;
    if (preference === "automatic") await this.check();
    else await this.#refresh();
  }

  async #check(): Promise<void> {
    const before = this.companion.value.type;
    try {
      this.companion.value = stateOf(await this.#options.readStatus());
    } catch (error) {
      this.companion.value = { type: "down", error: toErrorData(error) };
    }
    if (before !== this.companion.value.type) await this.#refresh();
  }

  /** What the engine in charge offers; starts the browser's worker when it is the one. */
  async #refresh(): Promise<void> {
    this.models.value = await this.#engineInCharge()
      .models()
      .catch(() => []);
    if (this.place.value === "browser") await this.#startBrowser();
  }

  #engineInCharge(): EditEngine {
    return this.place.value === "companion" ? this.#options.companion : this.#options.browser;
  }

  async #startBrowser(): Promise<void> {
    if (this.browser.value.type === "starting" || this.browser.value.type === "ready") return;
    this.browser.value = { type: "starting" };
    try {
      this.browser.value = { type: "ready", device: await this.#options.browser.device() };
    } catch (error) {
      this.browser.value = { type: "failed", error: toErrorData(error) };
    }
  }
}

/**
 * A companion on a machine where nothing can draw serves the panel; what draws is the browser. One whose workers are away names no
 * device at all: they come back.
 */
function stateOf(status: Status): CompanionState {
  if (status.devices.length === 0 || status.devices.some(({ works }) => works)) return { type: "up", status };
  const reasons = status.devices.map(({ device, reason }) => `${device}: ${reason}`).join("; ");
  return {
    type: "down",
    error: {
      code: "device-unavailable",
      message: `The companion cannot draw on its machine${reasons && ` (${reasons})`}.`,
      remedy: "Edits run in this browser. `overpaint doctor` says what would mend it.",
    },
  };
}
