/** What drawing one variant is given besides pixels and plan. */
export interface UpscaleRun {
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  /** Told after each part of the denoising of how many there are, and without an argument after each tile that is painted. */
  readonly onStep: (denoising?: { readonly steps: number }) => void | Promise<void>;
}
