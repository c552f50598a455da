import type { ModelSession } from "../model-session.ts";

/**
 * The graphs a pack may hold. A tiny decoder draws previews (and fast results) where the full one is slow. Packs that make no
 * pictures from noise are a network and nothing else, those that segment an image encoder and a mask decoder.
 */
export const components = [
  "text_encoder",
  "text_encoder_2",
  "unet",
  "transformer",
  "vae_encoder",
  "vae_decoder",
  "tiny_vae_decoder",
  "network",
  "control_net_0",
  "control_net_1",
  "control_net_2",
  "control_net_3",
  "image_encoder",
  "image_projection",
  "mask_decoder",
] as const;
export type Component = (typeof components)[number];

/** What reads prompts, first encoder first. */
export const textEncoderComponents = ["text_encoder", "text_encoder_2"] as const;
export type TextEncoder = (typeof textEncoderComponents)[number];

/** ControlNets that a model was opened with, in the order they were named. */
export const controlNetComponents = ["control_net_0", "control_net_1", "control_net_2", "control_net_3"] as const;

/** What makes a prompt of a picture, where a model was opened with an IP-Adapter. */
export const picturePromptComponents = ["image_encoder", "image_projection"] as const;

/** Where each graph of a pack lies, relative to the pack's folder; a component that is not listed is not part of it. */
export type GraphPaths = Readonly<Partial<Record<Component, string>>>;

/** Where the parts of a model take their graphs from. */
export interface GraphSource {
  /** Whether graphs take turns in memory. */
  readonly isLean: boolean;
  has(component: Component): boolean;
  /** A component's graph, opened on first use. Throws OverpaintError `unsupported-model` when there is none. */
  session(component: Component): Promise<ModelSession>;
  /** What is drawn has only to be decoded: where graphs take turns, what denoised may make room. */
  finishDenoising(): Promise<void>;
}
