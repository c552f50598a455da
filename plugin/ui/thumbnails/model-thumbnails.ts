import type { ModelSummary } from "../../../shared/protocol/api.ts";
import { editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { ModelShelf } from "../models/shelf/model-shelf.ts";
import type { WantedThumbnail } from "./drawn-thumbnails.ts";

/** What is drawn by a model that does not say what it draws well. */
const USUAL_PROMPT = "a ripe strawberry";
/** More shows nothing more in a thumbnail; less is not what large models are made for. */
const LARGEST_SIDE = 1024;

/** A picture by each installed model that draws some from words, while the list of models is open. */
export function modelThumbnails(
  { models }: Pick<EngineChoice, "models">,
  { isOpen }: Pick<ModelShelf, "isOpen">,
): readonly WantedThumbnail[] {
  return isOpen.value ? models.value.flatMap((model) => wantedOf(model) ?? []) : [];
}

/** Another one for other files of the model and another prompt; undefined where the files cannot be told. */
export function modelKey({ id, fingerprint, ...model }: ModelSummary): string | undefined {
  return fingerprint === undefined ? undefined : ["model", id, fingerprint, promptOf(model)].join("\n");
}

function promptOf({ examples }: Pick<ModelSummary, "examples">): string {
  return examples?.[0] ?? USUAL_PROMPT;
}

/** Undefined for a model that draws nothing from words alone, or on a picture. */
function wantedOf(model: ModelSummary): WantedThumbnail | undefined {
  const { id, facts } = model;
  const key = modelKey(model);
  if (key === undefined || facts?.kind !== "diffusion") return undefined;
  const side = Math.min(LARGEST_SIDE, facts.nativeSize);
  const fields = { model: id, prompt: promptOf(model), seed: 1 };
  if (facts.tasks.includes("create"))
    return { key, request: editRequestSchema.parse({ task: "create", ...fields, width: side, height: side }) };
  if (!facts.tasks.includes("inpaint")) return undefined;
  return { key, request: editRequestSchema.parse({ task: "inpaint", ...fields }), on: { width: side, height: side } };
}
