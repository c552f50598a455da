/** Interleaved samples as floats in 0..255: the form in which pixels are resampled and mixed. */
export interface FloatImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** length = width * height * channels */
  readonly data: Float32Array;
}

/** The picture without `margin` pixels on every side. */
export function cutMargin(image: FloatImage, margin: number): FloatImage {
  if (margin === 0) return image;
  const width = image.width - 2 * margin;
  const height = image.height - 2 * margin;
  const length = width * image.channels;
  const data = new Float32Array(height * length);
  for (let row = 0; row < height; row += 1) {
    const start = ((row + margin) * image.width + margin) * image.channels;
    data.set(image.data.subarray(start, start + length), row * length);
  }
  return { width, height, channels: image.channels, data };
}
