import { signal } from "@preact/signals";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import type { ChosenPicture } from "../pictures/chosen-pictures.ts";

/** Pictures that are read beside the prompt. */
export class PromptPictures {
  /** Until they are removed. */
  readonly pictures = signal<readonly ChosenPicture[]>([]);
  /** How much of what they show is taken over, 0 to 1. */
  readonly strength = signal(0.8);
  /** The IP-Adapter that was chosen; `null` takes the first that fits the model. */
  readonly model = signal<ModelId | null>(null);

  /** The IP-Adapter that reads them, of those that fit the model; `null` where there is nothing to read or nothing that reads. */
  readBy(ipAdapters: readonly ModelId[]): ModelId | null {
    if (this.pictures.value.length === 0) return null;
    return ipAdapters.find((id) => id === this.model.value) ?? ipAdapters[0] ?? null;
  }
}
