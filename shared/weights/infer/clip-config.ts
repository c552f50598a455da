import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorTable } from "../tensor-table.ts";
import { Structure } from "./structure.ts";

/** Width of an attention head in every published text encoder of the family. */
const HEAD_WIDTH = 64;
/**
 * Not a token: transformers' mark for encoders whose pooled embedding is read at the first position of the highest id, as all
 * published ones have it.
 */
const LEGACY_END_TOKEN = 2;
/** CLIP's start token, as configs state it. Nothing reads it. */
const START_TOKEN = 0;
const PAD_TOKEN = 1;

/** How many layers a text encoder uses of those it has. */
export type UsedLayers = "all" | "all but the last";

export interface ClipConfig {
  readonly architectures: readonly string[];
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly max_position_embeddings: number;
  /** Of encoders whose pooled embedding is used. */
  readonly projection_dim?: number;
  readonly hidden_act: "quick_gelu" | "gelu";
  readonly layer_norm_eps: number;
  readonly bos_token_id: number;
  readonly eos_token_id: number;
  readonly pad_token_id: number;
}

/**
 * transformers' config of a CLIP text encoder from its weights' names and shapes.
 * Throws OverpaintError `damaged-model` naming the first weight that is missing.
 */
export function inferClipConfig(
  weights: TensorTable,
  {
    isOpenClip,
    layers,
    projects,
  }: { readonly isOpenClip: boolean; readonly layers: UsedLayers; readonly projects: boolean },
): ClipConfig {
  const clip = new Structure(weights);
  const required = (name: string, axis: number): number => {
    const found = clip.dim(name, axis);
    if (found !== undefined) return found;
    throw new OverpaintError(
      "damaged-model",
      `The text encoder lacks the weights "${name}".`,
      "Choose the file of a whole model.",
    );
  };
  const width = required("text_model.embeddings.token_embedding.weight", 1);
  const stored = clip.count("text_model.encoder.layers.");
  // Files that were made from diffusers' have 23 layers of SD 2's encoder already, and no projection, which they do not use.
  const isCut = stored === SD2_USED_LAYERS && !clip.has("text_projection.weight");
  return {
    architectures: [projects ? "CLIPTextModelWithProjection" : "CLIPTextModel"],
    vocab_size: required("text_model.embeddings.token_embedding.weight", 0),
    hidden_size: width,
    intermediate_size: required("text_model.encoder.layers.0.mlp.fc1.weight", 0),
    num_hidden_layers: layers === "all but the last" && !isCut ? stored - 1 : stored,
    num_attention_heads: Math.max(1, Math.floor(width / HEAD_WIDTH)),
    max_position_embeddings: required("text_model.embeddings.position_embedding.weight", 0),
    // OpenCLIP stores it [in, out].
    ...(projects && { projection_dim: required("text_projection.weight", isOpenClip ? 1 : 0) }),
    hidden_act: isOpenClip ? "gelu" : "quick_gelu",
    layer_norm_eps: 1e-5,
    bos_token_id: START_TOKEN,
    eos_token_id: LEGACY_END_TOKEN,
    pad_token_id: PAD_TOKEN,
  };
}

/** Stable Diffusion 2's text encoder has 24 layers and uses 23. */
const SD2_USED_LAYERS = 23;
