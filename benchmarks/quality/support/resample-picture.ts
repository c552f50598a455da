import { lanczos } from "../../../shared/imaging/resample/lanczos.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** An opaque picture at another size, by Lanczos. */
export function resamplePicture(image: RgbaImage, width: number, height: number): RgbaImage {
  const floats = { ...image, channels: 4, data: Float32Array.from(image.data) };
  const { data } = lanczos(floats, { x: 0, y: 0, width: image.width, height: image.height }, width, height);
  return { width, height, data: Uint8ClampedArray.from(data) };
}
