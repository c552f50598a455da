import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { inferClipConfig } from "../infer/clip-config.ts";
import { inferUnetConfig } from "../infer/unet-config.ts";
import { inferVaeConfig } from "../infer/vae-config.ts";
import type { TensorTable } from "../tensor-table.ts";

/** What shapes tell of a component of each class: only fields that a config cannot have otherwise with these weights. */
const told: Readonly<Record<string, (weights: TensorTable) => object>> = {
  UNet2DConditionModel: unetShapes,
  ControlNetModel: unetShapes,
  AutoencoderKL(weights) {
    const { block_out_channels, latent_channels } = inferVaeConfig(weights, { scalingFactor: 1, sampleSize: 1 });
    return { block_out_channels, latent_channels };
  },
  CLIPTextModel: clipShapes,
  CLIPTextModelWithProjection: clipShapes,
};

/**
 * Throws OverpaintError `damaged-model` naming the first field of a config that says something else than the weights. Fields
 * that the config leaves to its class's defaults are not compared.
 */
export function requireConfigFits(
  path: string,
  className: string,
  config: Readonly<Record<string, unknown>>,
  weights: TensorTable,
): void {
  for (const [field, found] of Object.entries(told[className]?.(weights) ?? {})) {
    const stated = config[field];
    if (stated === undefined || stated === null || isSame(stated, found)) continue;
    throw new OverpaintError(
      "damaged-model",
      `The model's ${path} says ${field} = ${JSON.stringify(stated)}, and its weights have ${JSON.stringify(found)}.`,
      "The files belong to different models. Download the model again.",
    );
  }
}

function unetShapes(weights: TensorTable) {
  const { in_channels, out_channels, block_out_channels, cross_attention_dim } = inferUnetConfig(weights);
  return { in_channels, ...(out_channels && { out_channels }), block_out_channels, cross_attention_dim };
}

function clipShapes(weights: TensorTable) {
  const options = { isOpenClip: false, layers: "all", projects: false } as const;
  const { hidden_size, intermediate_size, vocab_size, max_position_embeddings } = inferClipConfig(weights, options);
  return { hidden_size, intermediate_size, vocab_size, max_position_embeddings };
}

/** A number stands for as many of the same. */
function isSame(stated: unknown, found: unknown): boolean {
  if (Array.isArray(stated) && typeof found === "number") return stated.every((value) => value === found);
  return JSON.stringify(stated) === JSON.stringify(found);
}
