/** The graphs a pack may hold. A tiny decoder draws previews (and fast results) where the full one is slow. */
export const components = [
  "text_encoder",
  "text_encoder_2",
  "unet",
  "vae_encoder",
  "vae_decoder",
  "tiny_vae_decoder",
] as const;
export type Component = (typeof components)[number];
