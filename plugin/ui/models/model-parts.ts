import { signal } from "@preact/signals";
import { type EditRequest, MAX_TEXT_ENCODERS } from "../../../shared/protocol/edit-request.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { Settings } from "../app/settings.ts";
import type { FittingModels } from "./model-for.ts";

/** What models are opened with in the place of what is their own. Each part is used with the models that it fits. */
export class ModelParts {
  readonly vae = signal<ModelId | null>(null);
  readonly textEncoders = signal<readonly ModelId[]>([]);
  /** By model: what it predicts, where its files say it wrongly or not at all. */
  readonly predictions = signal<ReadonlyMap<ModelId, NonNullable<EditRequest["prediction"]>>>(new Map());

  setTextEncoder(id: ModelId, isOn: boolean): void {
    const others = this.textEncoders.peek().filter((each) => each !== id);
    this.textEncoders.value = isOn ? [...others, id] : others;
  }

  /** `null` leaves it to the model's files. */
  setPrediction(model: ModelId, prediction: EditRequest["prediction"]): void {
    const predictions = new Map(this.predictions.peek());
    if (prediction === null) predictions.delete(model);
    else predictions.set(model, prediction);
    this.predictions.value = predictions;
  }

  /** Takes over what a job asked for. */
  restore({ model, vae, textEncoders, prediction }: EditRequest): void {
    this.vae.value = vae;
    this.textEncoders.value = textEncoders;
    this.setPrediction(model, prediction);
  }
}

/** The parts that are on and can be used with a model: those that fit it, and another model's own where it was drawn with them before. */
export function usedParts(
  { parts, usedTogether }: Settings,
  model: ModelId,
  fitting: FittingModels,
): Pick<EditRequest, "vae" | "textEncoders"> {
  const isUsed = (id: ModelId, offered: readonly ModelId[]) =>
    offered.includes(id) || (fitting.models.includes(id) && usedTogether.has(model, id));
  const vae = parts.vae.value;
  return {
    vae: vae !== null && isUsed(vae, fitting.vaes) ? vae : null,
    textEncoders: parts.textEncoders.value.filter((id) => isUsed(id, fitting.textEncoders)),
  };
}

/** A request's fields for what a model is opened with. Throws OverpaintError `invalid-request` for more text encoders than can be. */
export function requestedParts(
  settings: Settings,
  model: ModelId,
  fitting: FittingModels,
): Pick<EditRequest, "vae" | "textEncoders" | "prediction"> {
  const used = usedParts(settings, model, fitting);
  if (used.textEncoders.length > MAX_TEXT_ENCODERS)
    throw new OverpaintError(
      "invalid-request",
      `${used.textEncoders.length} text encoders are on; ${MAX_TEXT_ENCODERS} can be.`,
      "Turn some off.",
    );
  return { ...used, prediction: settings.parts.predictions.peek().get(model) ?? null };
}
