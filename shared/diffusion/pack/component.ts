/** The graphs a pack may hold. */
export const components = ["text_encoder", "text_encoder_2", "unet", "vae_encoder", "vae_decoder"] as const;
export type Component = (typeof components)[number];
