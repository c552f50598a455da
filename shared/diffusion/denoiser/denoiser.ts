/** What predicts the noise in latents, however it does so: in one piece, or in tiles. */
export interface Denoiser {
  /**
   * The guided model output, [batch, latent channels, height, width], for latents that the scheduler has scaled.
   *
   * @param where Which step this is, for messages.
   * @param share The stretch of the run that this evaluation covers. Without one, no ControlNet takes part.
   */
  predict(latents: Float32Array, timestep: number, where: string, share?: RunShare): Promise<Float32Array>;
}

/** Evaluation i of n runs from i/n to (i + 1)/n. */
export interface RunShare {
  readonly from: number;
  readonly to: number;
}
