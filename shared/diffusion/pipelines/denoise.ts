import type { Denoiser } from "../denoiser/denoiser.ts";
import type { NoiseSource } from "../random/noise-source.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { throwIfCancelled } from "../throw-if-cancelled.ts";

/** One finished denoiser evaluation. */
export interface DenoisingStep {
  /** 1-based. */
  readonly step: number;
  readonly steps: number;
  readonly timestep: number;
  /** What the next step starts from, [batch, channels, height, width]. */
  readonly latents: Float32Array;
  /** The latents the model would end at if it stopped now, [batch, channels, height, width], as the scheduler sees them. */
  readonly predictedClean: Float32Array;
}

/** What callers may watch and stop a run with. */
export interface RunHooks {
  /** Looked at before each step. */
  readonly signal?: AbortSignal | undefined;
  /** Awaited after each step. */
  readonly onStep?: ((step: DenoisingStep) => void | Promise<void>) | undefined;
}

/** Where a step is made of tiles, of which a large picture has many. */
export interface TileHooks extends RunHooks {
  /** Awaited after each tile of each step; told how many steps there are. */
  readonly onTile?: ((steps: number) => void | Promise<void>) | undefined;
}

export interface DenoiseOptions extends RunHooks {
  readonly denoiser: Denoiser;
  readonly scheduler: Scheduler;
  readonly noise: NoiseSource;
  /** Index into the scheduler's timesteps at which to begin; above 0 when starting from a picture. */
  readonly begin: number;
  /**
   * Ties the latents to a given picture, after each step. `index` is that of the next evaluation, or the number of
   * timesteps after the last, when the latents are clean.
   */
  readonly constrain?: ((latents: Float32Array, index: number) => Float32Array) | undefined;
}

/** Takes latents from the scheduler's timestep `begin` to clean ones. Throws OverpaintError `cancelled`. */
export async function denoise(latents: Float32Array, options: DenoiseOptions): Promise<Float32Array> {
  const { denoiser, scheduler, noise, begin, constrain, signal, onStep } = options;
  const end = scheduler.timesteps.length;
  const steps = end - begin;
  let sample = latents;
  for (let index = begin; index < end; index++) {
    throwIfCancelled(signal);
    const step = index - begin + 1;
    const timestep = scheduler.timesteps[index]!;
    const input = scheduler.scaleModelInput(sample, index);
    const output = await denoiser.predict(input, timestep, `step ${step} of ${steps}`, {
      from: (step - 1) / steps,
      to: step / steps,
    });
    const next = scheduler.step(output, index, sample, noise);
    sample = constrain ? constrain(next.sample, index + 1) : next.sample;
    await onStep?.({ step, steps, timestep, latents: sample, predictedClean: next.predictedClean });
  }
  throwIfCancelled(signal);
  return sample;
}
