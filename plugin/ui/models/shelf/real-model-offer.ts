import { computed, signal } from "@preact/signals";
import { bundledModels } from "../../engines/browser/bundled-models.ts";
import type { EngineChoice } from "../../engines/engine-choice.ts";

export interface RealModelOfferOptions {
  readonly engines: Pick<EngineChoice, "place" | "mayAsk" | "models">;
  /** Throws where the browser keeps nothing for a framed page. */
  readonly storage: () => Pick<Storage, "getItem" | "setItem">;
}

const STORAGE_KEY = "overpaint-real-model-declined";

/** Telling somebody with the starter only that there is more, where they may install it, until they decline it. */
export class RealModelOffer {
  /** Whether it is made now. */
  readonly isMade = computed(() => {
    const { engines } = this.#options;
    const mayInstall = engines.place.value === "companion" && engines.mayAsk("startModelTask");
    const hasOwn = engines.models.value.some(({ id }) => !bundledModels.some((bundled) => bundled.id === id));
    return mayInstall && !hasOwn && !this.#isDeclined.value;
  });
  readonly #options: RealModelOfferOptions;
  readonly #isDeclined = signal(false);

  constructor(options: RealModelOfferOptions) {
    this.#options = options;
    try {
      this.#isDeclined.value = options.storage().getItem(STORAGE_KEY) !== null;
    } catch {
      // Then it is made again when the panel opens next.
    }
  }

  decline(): void {
    this.#isDeclined.value = true;
    try {
      this.#options.storage().setItem(STORAGE_KEY, "yes");
    } catch {
      // As above.
    }
  }
}
