import type { NoiseSource } from "./noise-source.ts";
import { TorchGenerator } from "./torch-generator.ts";

/**
 * Noise for a batch: image k draws from a generator of its own, seeded with seed + k, so that it comes out as it would
 * alone. `torch.Generator` lists in diffusers work the same way.
 */
export class BatchNoise implements NoiseSource {
  readonly #generators: readonly TorchGenerator[];

  constructor(seed: number, batch: number) {
    this.#generators = Array.from({ length: batch }, (_, k) => new TorchGenerator(seed + k));
  }

  /** `length` is a multiple of the batch size: the images' draws follow each other. */
  normal(length: number): Float32Array {
    const size = length / this.#generators.length;
    const [only, ...others] = this.#generators;
    if (only && others.length === 0) return only.normal(size);
    const values = new Float32Array(length);
    for (const [k, generator] of this.#generators.entries()) values.set(generator.normal(size), k * size);
    return values;
  }
}
