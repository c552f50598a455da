import type { FloatImage } from "../../../imaging/float-image.ts";
import type { NetworkSettings } from "../../pack/recommendation.ts";

const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225] as const;

/**
 * A picture of 0..255 as networks of the vision libraries see it: planes of (value / 255 − mean) / deviation, ImageNet's unless
 * said. @returns [3, height, width]
 */
export function normalisedPlanes(
  { width, height, channels, data }: FloatImage,
  settings: NetworkSettings,
): Float32Array {
  const { mean = IMAGENET_MEAN, std = IMAGENET_DEVIATION } = settings;
  const plane = width * height;
  const planes = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c += 1)
    for (let i = 0; i < plane; i += 1) planes[c * plane + i] = (data[i * channels + c]! / 255 - mean[c]!) / std[c]!; // c is below 3
  return planes;
}
