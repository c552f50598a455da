import { wholeOf } from "../../protocol/geometry.ts";
import type { FloatImage } from "../float-image.ts";
import { resample } from "../resample/resample.ts";

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
  const missing = resample(drawn, wholeOf(drawn), width, height);
  for (let i = 0; i < missing.data.length; i += 1) missing.data[i] = wanted.data[i]! - missing.data[i]!;
  const held = resample(missing, wholeOf(missing), drawn.width, drawn.height);
  for (let i = 0; i < held.data.length; i += 1) held.data[i] = drawn.data[i]! + held.data[i]!;
  return held;
}
