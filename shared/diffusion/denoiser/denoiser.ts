/** What predicts the noise in latents, however it does so: in one piece, or in tiles. */
export interface Denoiser {
  /**
   * The guided model output, [batch, latent channels, height, width], for latents that the scheduler has scaled.
   *
   * @param where Which step this is, for messages.
   */
  predict(latents: Float32Array, timestep: number, where: string): Promise<Float32Array>;
}
