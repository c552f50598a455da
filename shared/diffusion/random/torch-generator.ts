import { Mt19937 } from "./mt19937.ts";
import type { NoiseSource } from "./noise-source.ts";

/** torch's `normal_fill` works on blocks of 16 values: 8 radii and 8 angles. */
const BLOCK = 16;
const TWO_PI = Math.fround(2 * Math.PI);

/**
 * `torch.Generator("cpu").manual_seed(seed)`: the same seed and the same sequence of calls give the same numbers.
 *
 * Source: ATen/core/DistributionsHelper.h and ATen/native/cpu/DistributionTemplates.h.
 */
export class TorchGenerator implements NoiseSource {
  readonly #engine: Mt19937;
  /** The sine half of a Box-Muller pair drawn for a small tensor waits here for the next small tensor. */
  #spareNormal: number | undefined;

  constructor(seed: number) {
    this.#engine = new Mt19937(seed);
  }

  /** `torch.rand(length)`: uniform in [0, 1), 24 random bits each. */
  uniform(length: number): Float32Array {
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = (this.#engine.nextUint32() & 0xff_ffff) / 2 ** 24;
    return values;
  }

  /** `torch.randn(length)`: standard normal. */
  normal(length: number): Float32Array {
    if (length < BLOCK) return this.#normalOneByOne(length);
    const values = this.uniform(length);
    for (let start = 0; start + BLOCK <= length; start += BLOCK) boxMuller(values, start);
    if (length % BLOCK !== 0) {
      // The last, incomplete block is made again from fresh draws and overlaps the one before it.
      const tail = length - BLOCK;
      values.set(this.uniform(BLOCK), tail);
      boxMuller(values, tail);
    }
    return values;
  }

  #normalOneByOne(length: number): Float32Array {
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) {
      if (this.#spareNormal !== undefined) {
        values[i] = this.#spareNormal;
        this.#spareNormal = undefined;
        continue;
      }
      const angle = 2 * Math.PI * this.#uniformDouble();
      const radius = Math.sqrt(-2 * Math.log1p(-this.#uniformDouble()));
      values[i] = radius * Math.cos(angle);
      this.#spareNormal = radius * Math.sin(angle);
    }
    return values;
  }

  /** Uniform in [0, 1) with 53 random bits: the low 53 of a 64-bit word whose high half is drawn first. */
  #uniformDouble(): number {
    const high = this.#engine.nextUint32() & 0x1f_ffff;
    const low = this.#engine.nextUint32();
    return (high * 2 ** 32 + low) / 2 ** 53;
  }
}

/** Turns 16 uniform values into normal ones in place; float32 where torch rounds to float32. */
function boxMuller(values: Float32Array, start: number): void {
  for (let i = start; i < start + BLOCK / 2; i++) {
    const radius = Math.fround(Math.sqrt(-2 * Math.fround(Math.log(1 - values[i]!))));
    const angle = Math.fround(TWO_PI * values[i + BLOCK / 2]!);
    values[i] = radius * Math.cos(angle);
    values[i + BLOCK / 2] = radius * Math.sin(angle);
  }
}

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
