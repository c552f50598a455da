import type { Fact } from "../checkpoint/checkpoint.ts";
import type { SplitCheckpoint } from "../single-file/split-checkpoint.ts";
import { Structure } from "./structure.ts";

export type Family =
  | "stable-diffusion-1"
  | "stable-diffusion-2"
  | "stable-diffusion-xl"
  | "stable-diffusion-xl-refiner"
  | "stable-diffusion-x4-upscaler";

/** What a family's U-Net sees beside the noisy latents. */
export type Variant = "base" | "inpainting" | "instruct-pix2pix" | "depth" | "low-resolution" | "unknown";

/** A value and what it was told by. */
export interface Found<Value> {
  readonly value: Value;
  readonly foundBy: string;
}

/** What follows from being of a family, and no weight tells. */
export interface FamilyConvention {
  readonly words: string;
  /** Side of the pictures the published checkpoint was trained on, in latent cells. */
  readonly sampleSize: number;
  readonly vae: { readonly scalingFactor: number; readonly sampleSize: number };
}

export const familyConventions: Readonly<Record<Family, FamilyConvention>> = {
  "stable-diffusion-1": {
    words: "Stable Diffusion 1",
    sampleSize: 64,
    vae: { scalingFactor: 0.18215, sampleSize: 512 },
  },
  "stable-diffusion-2": {
    words: "Stable Diffusion 2",
    sampleSize: 96,
    vae: { scalingFactor: 0.18215, sampleSize: 768 },
  },
  "stable-diffusion-xl": {
    words: "Stable Diffusion XL",
    sampleSize: 128,
    vae: { scalingFactor: 0.13025, sampleSize: 1024 },
  },
  "stable-diffusion-xl-refiner": {
    words: "Stable Diffusion XL's refiner",
    sampleSize: 128,
    vae: { scalingFactor: 0.13025, sampleSize: 1024 },
  },
  "stable-diffusion-x4-upscaler": {
    words: "Stable Diffusion's x4 upscaler",
    sampleSize: 128,
    vae: { scalingFactor: 0.08333, sampleSize: 256 },
  },
};

/** The family of a file's networks, told by which there are and how they are built, never by their widths. */
export function inferFamily({ unet, textEncoders, conditioner }: SplitCheckpoint): Found<Family> {
  const structure = unet && new Structure(unet);
  if (structure?.has("class_embedding.weight"))
    return { value: "stable-diffusion-x4-upscaler", foundBy: "noise levels in the U-Net (label_emb)" };
  const isXl = conditioner === "conditioner.embedders" || (!conditioner && structure?.hasBelow("add_embedding."));
  if (isXl) return baseOrRefiner(structure, textEncoders);
  const [encoder] = textEncoders;
  if (encoder) {
    return encoder.isOpenClip
      ? { value: "stable-diffusion-2", foundBy: "OpenCLIP's text encoder (cond_stage_model.model)" }
      : { value: "stable-diffusion-1", foundBy: "CLIP's text encoder (cond_stage_model.transformer)" };
  }
  const isLinear =
    unet && [...unet.names()].some((name) => /proj_in\.weight$/.test(name) && unet.dims(name)?.length === 2);
  return isLinear
    ? { value: "stable-diffusion-2", foundBy: "linear projections of the U-Net's attention" }
    : { value: "stable-diffusion-1", foundBy: "convolutions before the U-Net's attention" };
}

/** Base and refiner have the same conditioners; base reads CLIP and OpenCLIP side by side, the refiner OpenCLIP alone. */
function baseOrRefiner(unet: Structure | undefined, textEncoders: SplitCheckpoint["textEncoders"]): Found<Family> {
  const base = (foundBy: string) => ({ value: "stable-diffusion-xl", foundBy }) as const;
  const refiner = (foundBy: string) => ({ value: "stable-diffusion-xl-refiner", foundBy }) as const;
  const [only] = textEncoders;
  if (textEncoders.length > 1) return base("two text encoders");
  if (only && !only.isOpenClip) return base("CLIP's text encoder (conditioner.embedders)");
  if (only?.isSecond) return base("OpenCLIP as the second conditioner");
  if (!unet) return refiner("OpenCLIP as the only conditioner");
  if (only) {
    const width = only.weights.dims("text_model.embeddings.token_embedding.weight")?.[1];
    return unet.promptWidth === width
      ? refiner("a U-Net that reads OpenCLIP alone")
      : base("a U-Net that reads more than OpenCLIP");
  }
  // Attention in three levels of base, in the middle two of the refiner's four.
  const hasCoarseAttention = unet.hasBelow(`down_blocks.${unet.count("down_blocks.") - 1}.attentions.`);
  return (hasCoarseAttention ? base : refiner)("size and crop in the U-Net (add_embedding)");
}

/** What the U-Net sees beside the latents, from its channels: `latentChannels` of them are the noisy latents. */
export function inferVariant(inChannels: number, latentChannels: number): Found<Variant> {
  const extra = inChannels - latentChannels;
  const foundBy = `${inChannels} channels into the U-Net`;
  if (extra === 0) return { value: "base", foundBy };
  if (extra === latentChannels + 1) return { value: "inpainting", foundBy };
  if (extra === latentChannels) return { value: "instruct-pix2pix", foundBy };
  if (extra === 1) return { value: "depth", foundBy };
  return { value: extra === 3 ? "low-resolution" : "unknown", foundBy };
}

export function toFact(name: string, { value, foundBy }: Found<string>): Fact {
  return { name, value, foundBy };
}
