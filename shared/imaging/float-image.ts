/** Interleaved samples as floats in 0..255: the form in which pixels are resampled and mixed. */
export interface FloatImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** length = width * height * channels */
  readonly data: Float32Array;
}
