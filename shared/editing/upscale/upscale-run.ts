import type { DenoisingStep } from "../../diffusion/pipelines/denoise.ts";

/** What drawing one variant is given besides pixels and plan. */
export interface UpscaleRun {
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  /** Told after each denoising step, and without one after each tile. */
  readonly onStep: (denoising?: DenoisingStep) => void | Promise<void>;
}
