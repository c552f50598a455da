import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelPackOptions } from "../model-pack.ts";
import { type ModelIndex, modelIndexSchema } from "../pack/model-index.ts";
import { parseJson } from "../pack/parse-json.ts";
import type { PackFiles } from "../pack-files.ts";
import { flux2Klein } from "./flux2-klein/flux2-klein.ts";
import type { Model, ModelFamily } from "./model-family.ts";
import { openNetwork } from "./networks/open-network.ts";
import { stableDiffusion } from "./stable-diffusion/stable-diffusion.ts";
import { stableDiffusionXl } from "./stable-diffusion-xl/stable-diffusion-xl.ts";
import { superResolution } from "./super-resolution/super-resolution.ts";
import { x4Upscaler } from "./x4-upscaler/x4-upscaler.ts";
import { zImage } from "./z-image/z-image.ts";

/** Every family there is. Another one is a folder beside these and a line here. */
export const families: readonly ModelFamily[] = [
  stableDiffusion,
  stableDiffusionXl,
  flux2Klein,
  zImage,
  x4Upscaler,
  superResolution,
];

export interface OpenModelOptions extends ModelPackOptions {
  /** Default: all there are. */
  readonly families?: readonly ModelFamily[] | undefined;
}

/**
 * Opens a model pack: of the family that its model_index.json names, or of the kind that bare graphs tell. Its graphs are loaded
 * when they are first needed.
 *
 * ```ts
 * const model = await openModel(files);
 * if (model.type === "diffusion") await textToImage(model, { prompt: "a cat", width: 512, height: 512, … });
 * await model.release();
 * ```
 *
 * Throws OverpaintError `damaged-model` or `unsupported-model`, saying what is missing and what to do.
 */
export async function openModel(files: PackFiles, options: OpenModelOptions = {}): Promise<Model> {
  const { families: known = families, ...packOptions } = options;
  const text = await files.readText("model_index.json");
  if (text === undefined) return await openNetwork(files, packOptions);
  const index = parseJson("model_index.json", text, modelIndexSchema);
  return await familyOf(index, known).open(files, index, packOptions);
}

function familyOf({ _class_name: pipeline }: ModelIndex, known: readonly ModelFamily[]): ModelFamily {
  const family = known.find(({ pipelines }) => pipelines.includes(pipeline.replace(/^(Onnx|ORT)/, "")));
  if (family) return family;
  throw new OverpaintError(
    "unsupported-model",
    `The model is a ${pipeline}, which is not supported.`,
    `Supported pipelines: ${known.flatMap(({ pipelines }) => pipelines).join(", ")}.`,
  );
}
