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
  const { width, height } = drawn;
  const data = new Float32Array(drawn.data);
  const across = betweenCells(width, field.width, smoothing);
  const down = betweenCells(height, field.height, smoothing);
  for (let y = 0; y < height; y += 1) {
    const top = down.first[y]! * field.width * 3;
    const bottom = down.second[y]! * field.width * 3;
    const shareY = down.share[y]!;
    for (let x = 0; x < width; x += 1) {
      const amount = fade[y * width + x]!;
      if (amount === 0) continue;
      const left = across.first[x]! * 3;
      const right = across.second[x]! * 3;
      const shareX = across.share[x]!;
      for (let c = 0; c < 3; c += 1) {
        const above = mix(field.data[top + left + c]!, field.data[top + right + c]!, shareX);
        const below = mix(field.data[bottom + left + c]!, field.data[bottom + right + c]!, shareX);
        const i = (y * width + x) * 3 + c;
        data[i] = data[i]! + amount * mix(above, below, shareY);
      }
    }
  }
  return { ...drawn, data };
}

/** For each pixel along an axis: the two cells between whose centres it lies, and how far it is from the first one's. */
function betweenCells(length: number, cells: number, cell: number) {
  const first = new Int32Array(length);
  const second = new Int32Array(length);
  const share = new Float64Array(length);
  for (let i = 0; i < length; i += 1) {
    const position = Math.min(Math.max((i + 0.5) / cell - 0.5, 0), cells - 1);
    first[i] = Math.floor(position);
    second[i] = Math.min(first[i]! + 1, cells - 1);
    share[i] = position - first[i]!;
  }
  return { first, second, share };
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** Weighted mean of the difference over square cells: only what is smooth survives. */
function averageResidual(drawn: FloatImage, source: FloatImage, weight: Float32Array, cell: number) {
  const width = Math.ceil(drawn.width / cell);
  const height = Math.ceil(drawn.height / cell);
  const data = new Float32Array(width * height * 3);
  const weights = new Float32Array(width * height);
  for (let y = 0; y < drawn.height; y += 1) {
    const cellRow = Math.floor(y / cell) * width;
    for (let x = 0; x < drawn.width; x += 1) {
      const pixel = y * drawn.width + x;
      const w = weight[pixel]!;
      if (w === 0) continue;
      const to = cellRow + Math.floor(x / cell);
      weights[to] = weights[to]! + w;
      for (let c = 0; c < 3; c += 1) {
        const difference = source.data[pixel * 3 + c]! - drawn.data[pixel * 3 + c]!;
        data[to * 3 + c] = data[to * 3 + c]! + w * Math.min(Math.max(difference, -MAX_RESIDUAL), MAX_RESIDUAL);
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
