import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorTable } from "../tensor-table.ts";

/** Layers that never have a bias: projections of attention, tables, and what joins pooled text or guidance. */
const WITHOUT_BIAS = /(\.to_[qkv]|_ip(\.\d+)?|embedding|text_projection|cond_proj)\.weight$/;
/** Networks whose other layers all have one. */
const HAVE_BIASES = /^(unet|controlnet|vae|text_encoder|UNet2DCondition|ControlNet|AutoencoderKL|CLIPText)/;

/**
 * Throws OverpaintError `damaged-model` when a bias is not as long as its weight has rows, which no module computes with, or is
 * missing, which would pass for a layer without one.
 */
export function requireMatchingShapes(place: string, component: string, weights: TensorTable): void {
  for (const name of weights.names()) {
    const bias = name.replace(/\.weight$/, ".bias");
    if (bias === name || !HAVE_BIASES.test(component) || WITHOUT_BIAS.test(name)) continue;
    if (weights.dims(bias) === undefined)
      throw new OverpaintError(
        "damaged-model",
        `${place} has a ${component} that lacks the weights "${bias}".`,
        "Download the model again.",
      );
  }
  for (const name of weights.names()) {
    if (!name.endsWith(".bias")) continue;
    const weight = weights.dims(name.replace(/bias$/, "weight"));
    const bias = weights.dims(name);
    if (weight === undefined || bias === undefined || (bias.length === 1 && bias[0] === weight[0])) continue;
    throw new OverpaintError(
      "damaged-model",
      `${place} has a ${component} whose "${name}" is [${bias.join(", ")}] beside weights of [${weight.join(", ")}].`,
      "Download the model again.",
    );
  }
}
