import type { FloatImage } from "../float-image.ts";

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
