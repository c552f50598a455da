/**
 * The graphs a pack may hold. A tiny decoder draws previews (and fast results) where the full one is slow. A
 * super-resolution pack is its network and nothing else.
 */
export const components = [
  "text_encoder",
  "text_encoder_2",
  "unet",
  "vae_encoder",
  "vae_decoder",
  "tiny_vae_decoder",
  "network",
] as const;
export type Component = (typeof components)[number];
