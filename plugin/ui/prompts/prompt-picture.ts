import { signal } from "@preact/signals";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import type { StyleReference } from "../restyle/style-reference.ts";

/** A picture that is read beside the prompt. */
export class PromptPicture {
  /** Until it is removed. */
  readonly picture = signal<StyleReference | undefined>(undefined);
  /** How much of what it shows is taken over, 0 to 1. */
  readonly strength = signal(0.8);
  /** The IP-Adapter that was chosen; `null` takes the first that fits the model. */
  readonly model = signal<ModelId | null>(null);

  /** The IP-Adapter that reads it, of those that fit the model; `null` where there is nothing to read or nothing that reads. */
  readBy(ipAdapters: readonly ModelId[]): ModelId | null {
    if (this.picture.value === undefined) return null;
    return ipAdapters.find((id) => id === this.model.value) ?? ipAdapters[0] ?? null;
  }
}
