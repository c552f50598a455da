/** Where pipelines and schedulers draw their noise. The order of the calls is part of what a seed means. */
export interface NoiseSource {
  /** The next `length` standard normal values. */
  normal(length: number): Float32Array;
}
