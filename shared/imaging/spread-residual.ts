import type { FloatImage } from "./float-image.ts";
import { pushPullFill } from "./push-pull-fill.ts";

/** A residual beyond this many levels is a difference of content and must not bleed into the edit. */
const MAX_RESIDUAL = 24;

/**
 * Adds to `drawn` what it lacks of `source` around the mask, as a smooth field that continues into the mask and fades
 * there: the low-frequency part of gradient-domain blending, without its leaking of content.
 *
 * @param weight one value in 0..1 a pixel: how much the difference there is to be believed; 0 where the model repainted
 * @param fade one value in 0..1 a pixel: how much of the field is added
 */
export function spreadResidual(
  drawn: FloatImage,
  source: FloatImage,
  weight: Float32Array,
  fade: Float32Array,
  smoothing: number,
): FloatImage {
  const cells = averageResidual(drawn, source, weight, smoothing);
  const field = pushPullFill(cells.residual, cells.weight, 0);
  const data = new Float32Array(drawn.data);
  for (let y = 0; y < drawn.height; y += 1) {
    // Position between the centres of the averaged cells.
    const cy = Math.min(Math.max((y + 0.5) / smoothing - 0.5, 0), field.height - 1);
    const y0 = Math.floor(cy);
    const y1 = Math.min(y0 + 1, field.height - 1);
    for (let x = 0; x < drawn.width; x += 1) {
      const amount = fade[y * drawn.width + x] as number;
      if (amount === 0) continue;
      const cx = Math.min(Math.max((x + 0.5) / smoothing - 0.5, 0), field.width - 1);
      const x0 = Math.floor(cx);
      const x1 = Math.min(x0 + 1, field.width - 1);
      for (let c = 0; c < 3; c += 1) {
        const top = mix(field, x0, x1, y0, cx - x0, c);
        const bottom = mix(field, x0, x1, y1, cx - x0, c);
        const i = (y * drawn.width + x) * 3 + c;
        data[i] = (data[i] as number) + amount * (top + (bottom - top) * (cy - y0));
      }
    }
  }
  return { ...drawn, data };
}

/** Weighted mean of the difference over square cells: only what is smooth survives. */
function averageResidual(drawn: FloatImage, source: FloatImage, weight: Float32Array, cell: number) {
  const width = Math.ceil(drawn.width / cell);
  const height = Math.ceil(drawn.height / cell);
  const data = new Float32Array(width * height * 3);
  const weights = new Float32Array(width * height);
  for (let y = 0; y < drawn.height; y += 1) {
    for (let x = 0; x < drawn.width; x += 1) {
      const pixel = y * drawn.width + x;
      const w = weight[pixel] as number;
      if (w === 0) continue;
      const to = Math.floor(y / cell) * width + Math.floor(x / cell);
      weights[to] = (weights[to] as number) + w;
      for (let c = 0; c < 3; c += 1) {
        const difference = (source.data[pixel * 3 + c] as number) - (drawn.data[pixel * 3 + c] as number);
        data[to * 3 + c] =
          (data[to * 3 + c] as number) + w * Math.min(Math.max(difference, -MAX_RESIDUAL), MAX_RESIDUAL);
      }
    }
  }
  for (let i = 0; i < weights.length; i += 1) {
    const total = weights[i] as number;
    if (total === 0) continue;
    for (let c = 0; c < 3; c += 1) data[i * 3 + c] = (data[i * 3 + c] as number) / total;
    weights[i] = Math.min(1, total);
  }
  return { residual: { width, height, channels: 3, data }, weight: weights };
}

function mix(field: FloatImage, x0: number, x1: number, y: number, share: number, c: number): number {
  const left = field.data[(y * field.width + x0) * 3 + c] as number;
  const right = field.data[(y * field.width + x1) * 3 + c] as number;
  return left + (right - left) * share;
}
