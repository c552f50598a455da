import type { ModelSummary } from "../../../shared/protocol/api.ts";
import { editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { StylePreset } from "../../../shared/protocol/text/style-presets.ts";
import type { Settings } from "../app/settings.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import { modelFor, stylesOf } from "../models/model-for.ts";
import type { WantedThumbnail } from "./drawn-thumbnails.ts";

/** How far a thumbnail goes from the standard picture: as far as restyled pictures usually do. */
const STRENGTH = 0.6;
/** Height of the standard picture where the model does not say what it was trained on, and at most. */
const USUAL_SIDE = 256;
const LARGEST_SIDE = 512;

/** What the tab's model makes of each style, while the tab Restyle is open. */
export function styleThumbnails(
  { models }: Pick<EngineChoice, "models">,
  settings: Settings,
): readonly WantedThumbnail[] {
  const id = modelFor("restyle", settings);
  const model = models.value.find((each) => each.id === id);
  if (model === undefined || settings.task.value !== "restyle") return [];
  const height = Math.min(LARGEST_SIDE, model.facts?.largestSize ?? model.facts?.nativeSize ?? USUAL_SIDE);
  return stylesOf(model).flatMap((preset) => {
    const key = styleKey(model, preset);
    if (key === undefined) return [];
    const fields = { task: "restyle", model: model.id, style: preset.id, strength: STRENGTH, seed: 1 };
    return [{ key, request: editRequestSchema.parse(fields), on: { width: height * 1.5, height } }];
  });
}

/** Another one for other files of the model and another wording of the preset; undefined where the files cannot be told. */
export function styleKey(model: ModelSummary | undefined, preset: StylePreset): string | undefined {
  if (model?.fingerprint === undefined) return undefined;
  return ["style", model.id, model.fingerprint, preset.id, preset.template, preset.negativePrompt].join("\n");
}
