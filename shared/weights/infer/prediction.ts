import type { PredictionType } from "../checkpoint/checkpoint.ts";
import type { TensorTable } from "../tensor-table.ts";
import type { Family, Found, Variant } from "./family.ts";

/** A norm in the finest level of Stable Diffusion 2's U-Net whose biases spread wider in the model trained to predict v. */
const TELLING_BIAS = "up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias";
/** Values of that norm in the published model. The rule was found on it, and says nothing of narrower ones. */
const TELLING_VALUES = 320;
/** Standard deviation above which ComfyUI takes the model for one that predicts v. */
const TELLING_SPREAD = 0.09;

export interface Prediction extends Found<PredictionType> {
  /** Its noise schedule ends in pure noise. */
  readonly hasZeroTerminalSnr: boolean;
}

export interface PredictionClues {
  readonly family: Family;
  readonly variant: Variant;
  readonly markers: ReadonlySet<string>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly unet: TensorTable;
  /** What the user says. */
  readonly stated: PredictionType | undefined;
  /** The values of a tensor, for the one rule that needs some. */
  readonly readValues: (name: string) => Promise<Float32Array | undefined>;
}

/**
 * What a model predicts: said by the user, marked in the file, stated in its metadata, or usual for its family. Only for
 * Stable Diffusion 2 are both usual; there the spread of a bias tells as far as it is known to
 * (ComfyUI, `comfy/supported_models.py`), and v is the default.
 */
export async function inferPrediction(clues: PredictionClues): Promise<Prediction> {
  const hasZeroTerminalSnr = clues.markers.has("ztsnr");
  return { ...(await findPrediction(clues)), hasZeroTerminalSnr };
}

async function findPrediction(clues: PredictionClues): Promise<Found<PredictionType>> {
  const { family, variant, markers, metadata, stated } = clues;
  if (stated) return { value: stated, foundBy: "said by the user" };
  if (markers.has("v_pred")) return { value: "v_prediction", foundBy: "key v_pred in the file" };
  for (const field of ["modelspec.prediction_type", "modelspec.predict_key"]) {
    const value = metadata.get(field)?.toLowerCase();
    if (value === "v" || value === "v_prediction") return { value: "v_prediction", foundBy: `metadata ${field}` };
    if (value === "epsilon" || value === "eps") return { value: "epsilon", foundBy: `metadata ${field}` };
  }
  const architecture = metadata.get("modelspec.architecture") ?? "";
  if (/stable-diffusion-v2-768-v/.test(architecture))
    return { value: "v_prediction", foundBy: "metadata modelspec.architecture" };
  if (/stable-diffusion-v2-(512|inpainting)/.test(architecture))
    return { value: "epsilon", foundBy: "metadata modelspec.architecture" };
  if (family === "stable-diffusion-x4-upscaler") return { value: "v_prediction", foundBy: "usual for x4 upscalers" };
  if (family !== "stable-diffusion-2") return { value: "epsilon", foundBy: "usual for the family; no file says" };
  if (variant === "inpainting") return { value: "epsilon", foundBy: "usual for Stable Diffusion 2's inpainting model" };
  return await predictionOfSd2(clues);
}

async function predictionOfSd2({ unet, readValues }: PredictionClues): Promise<Found<PredictionType>> {
  if (unet.dims(TELLING_BIAS)?.[0] === TELLING_VALUES) {
    const values = await readValues(TELLING_BIAS);
    const spread = values && standardDeviation(values);
    // A bias of zeros has not been trained.
    if (spread !== undefined && spread > 0)
      return {
        value: spread > TELLING_SPREAD ? "v_prediction" : "epsilon",
        foundBy: `spread ${spread.toFixed(3)} of a bias, a rule of thumb`,
      };
  }
  return { value: "v_prediction", foundBy: "usual for Stable Diffusion 2; no file says" };
}

function standardDeviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
