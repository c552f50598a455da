import { computed, signal } from "@preact/signals";
import type { ModelSummary, Status } from "../../../shared/protocol/api.ts";
import type { ErrorData } from "../../../shared/protocol/error-data.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { BrowserEngine } from "./browser/browser-engine.ts";
import type { CompanionEngine } from "./companion/companion-engine.ts";
import type { ReadStatus } from "./companion/find-companion.ts";
import type { EditEngine, EnginePlace } from "./edit-engine.ts";

export type CompanionState =
  | { readonly type: "checking" }
  | { readonly type: "up"; readonly status: Status }
  | { readonly type: "down"; readonly error: ErrorData };

/** `automatic`: the companion while it answers, else the browser. */
export type EnginePreference = "automatic" | "browser";

export interface EngineChoiceOptions {
  readonly companion: CompanionEngine;
  readonly browser: BrowserEngine;
  readonly readStatus: ReadStatus;
}

/** Which engine the next edit runs on, and why. Follows the companion as it comes and goes. */
export class EngineChoice {
  readonly companion = signal<CompanionState>({ type: "checking" });
  /** How far the browser's own engine is. */
  readonly browser;
  /** What that keeps of its files. */
  readonly browserStorage;
  /** How long a step of it takes, in milliseconds, once some were measured. */
  readonly browserStepMs;
  /** Whether the companion is looked for because somebody asked: what was told of it before says nothing then. */
  readonly isLooking = signal(false);
  readonly preference = signal<EnginePreference>("automatic");
  readonly models = signal<readonly ModelSummary[]>([]);
  readonly place = computed<EnginePlace>(() =>
    this.preference.value === "automatic" && this.companion.value.type !== "down" ? "companion" : "browser",
  );

  readonly #options: EngineChoiceOptions;
  #checking: Promise<void> | undefined;

  constructor(options: EngineChoiceOptions) {
    this.#options = options;
    this.browser = options.browser.state;
    this.browserStorage = options.browser.storage;
    this.browserStepMs = options.browser.stepMs;
  }

  /** The engine for the next edit, once it is known whether the companion answers. */
  async engine(): Promise<EditEngine> {
    if (this.companion.value.type === "checking") await this.check();
    return this.#engineInCharge();
  }

  get companionEngine(): CompanionEngine {
    return this.#options.companion;
  }

  /** Whether the companion lets whoever asks use an operation of its API, by its id. False as long as nothing tells. */
  mayAsk(operation: string): boolean {
    const companion = this.companion.value;
    return companion.type === "up" && companion.status.operations.includes(operation);
  }

  /** Asks the companion whether it is there. Calls that overlap share one question. */
  check(): Promise<void> {
    this.#checking ??= this.#check(false).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** Looks for it because somebody wants to know, whom the browser may have to ask first. */
  async look(): Promise<void> {
    this.preference.value = "automatic";
    this.isLooking.value = true;
    try {
      await this.#checking;
      await this.#check(true);
    } finally {
      this.isLooking.value = false;
    }
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

  async #check(isAsked: boolean): Promise<void> {
    const before = this.companion.value.type;
    try {
      this.companion.value = stateOf(await this.#options.readStatus(isAsked));
    } catch (error) {
      this.companion.value = { type: "down", error: toErrorData(error) };
    }
    if (before !== this.companion.value.type) await this.#refresh();
  }

  /** What the engine in charge offers. */
  async #refresh(): Promise<void> {
    this.models.value = await this.#engineInCharge()
      .models()
      .catch(() => []);
  }

  #engineInCharge(): EditEngine {
    return this.place.value === "companion" ? this.#options.companion : this.#options.browser;
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
