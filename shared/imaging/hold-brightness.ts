import type { FloatImage } from "./float-image.ts";
import { resample } from "./resample.ts";

/**
 * Gives an enlarged picture the colours and brightness of what it was made from: both are reduced to cells of the source,
 * and the difference is added back smoothly. With `cell` 1 the result, reduced again, is the source; larger cells leave
 * what is finer than a cell to whoever drew it.
 *
 * M. Irani and S. Peleg, "Improving Resolution by Image Registration", 1991: one step of back-projection.
 *
 * @param cell in pixels of `source`
 */
export function holdBrightness(drawn: FloatImage, source: FloatImage, cell: number): FloatImage {
  const width = Math.max(1, Math.round(source.width / cell));
  const height = Math.max(1, Math.round(source.height / cell));
  const wanted = cell === 1 ? source : resample(source, wholeOf(source), width, height);
  const is = resample(drawn, wholeOf(drawn), width, height);
  const missing = { ...is, data: is.data.map((value, i) => wanted.data[i]! - value) };
  const correction = resample(missing, wholeOf(missing), drawn.width, drawn.height);
  return { ...drawn, data: drawn.data.map((value, i) => value + correction.data[i]!) };
}

function wholeOf({ width, height }: FloatImage) {
  return { x: 0, y: 0, width, height };
}
