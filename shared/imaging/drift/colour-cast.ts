import type { ColourFit } from "../colour/ring-colour.ts";
import type { FloatImage } from "../float-image.ts";

/** A cast moves no level by more than this: beyond it, the colours are what was wished for. */
const MOST_CAST = 24;
/** Scales of Tukey's biweight in levels, from one that sees most of a cast to one that sees it alone. */
const SCALES = [40, 24, 14, 8, 5, 5];
/** Levels on each side over which differences are counted as one. */
const ALIKE = 2;
/** Variance, in levels squared, added to both sides of the regression so that flat grounds fit a shift alone. */
const FLATNESS = 9;
/** Fewer pixels tell nothing. */
const LEAST_PIXELS = 16;

const none: ColourFit = { gain: [1, 1, 1], offset: [0, 0, 0] };

/**
 * The colour cast of `drawn` against `source`, as what takes it back: a line for each channel, fitted to what did not change.
 * It begins with the commonest difference, so that more than half of the picture may show something else, and narrows down
 * (graduated non-convexity: M. Black, A. Rangarajan, "On the Unification of Line Processes, Outlier Rejection, and Robust
 * Statistics", 1996).
 *
 * @param drawn three channels, lying over the source
 * @param known 0 where a pixel says nothing
 */
export function fitColourCast(drawn: FloatImage, source: FloatImage, known: Uint8Array): ColourFit {
  const fits = [0, 1, 2].map((channel) => fitChannel(drawn.data, source.data, known, channel));
  if (fits.some((fit) => fit === undefined)) return none;
  const lines = fits.map((fit) => fit!); // none is missing
  return { gain: lines.map(({ gain }) => gain), offset: lines.map(({ offset }) => offset) };
}

interface Line {
  readonly gain: number;
  readonly offset: number;
}

function fitChannel(drawn: Float32Array, source: Float32Array, known: Uint8Array, channel: number): Line | undefined {
  const begin = commonestDifference(drawn, source, known, channel);
  if (begin === undefined) return undefined;
  let line: Line = { gain: 1, offset: begin };
  for (const scale of SCALES) line = refit(drawn, source, known, channel, line, scale) ?? line;
  const moved = [line.offset, line.gain * 255 + line.offset - 255];
  return moved.every((levels) => Math.abs(levels) <= MOST_CAST) ? line : undefined;
}

function refit(
  drawn: Float32Array,
  source: Float32Array,
  known: Uint8Array,
  channel: number,
  { gain, offset }: Line,
  scale: number,
): Line | undefined {
  let [total, sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0, 0];
  for (let pixel = 0; pixel < known.length; pixel += 1) {
    if (known[pixel] === 0) continue;
    const x = drawn[pixel * 3 + channel]!;
    const y = source[pixel * 3 + channel]!;
    const off = (y - gain * x - offset) / scale;
    if (Math.abs(off) >= 1 || isClipped(x) || isClipped(y)) continue;
    const weight = (1 - off * off) ** 2;
    total += weight;
    sumX += weight * x;
    sumY += weight * y;
    sumXX += weight * x * x;
    sumXY += weight * x * y;
  }
  if (total < LEAST_PIXELS) return undefined;
  const [meanX, meanY] = [sumX / total, sumY / total];
  const slope = (sumXY / total - meanX * meanY + FLATNESS) / (sumXX / total - meanX * meanX + FLATNESS);
  return { gain: slope, offset: meanY - slope * meanX };
}

/** Black and white say that a level was at least as far out. */
function isClipped(level: number): boolean {
  return level <= 1 || level >= 254;
}

/** In whole levels, of what may be a cast. */
function commonestDifference(
  drawn: Float32Array,
  source: Float32Array,
  known: Uint8Array,
  channel: number,
): number | undefined {
  const counts = new Float64Array(2 * (MOST_CAST + ALIKE) + 1);
  for (let pixel = 0; pixel < known.length; pixel += 1) {
    if (known[pixel] === 0) continue;
    const difference = Math.round(source[pixel * 3 + channel]! - drawn[pixel * 3 + channel]!);
    if (Math.abs(difference) <= MOST_CAST + ALIKE) counts[difference + MOST_CAST + ALIKE]! += 1;
  }
  let best: { readonly difference: number; readonly count: number } | undefined;
  for (let difference = -MOST_CAST; difference <= MOST_CAST; difference += 1) {
    const middle = difference + MOST_CAST + ALIKE;
    const count = counts.subarray(middle - ALIKE, middle + ALIKE + 1).reduce((sum, each) => sum + each, 0);
    const isNearer = count === best?.count && Math.abs(difference) < Math.abs(best.difference);
    if (count >= LEAST_PIXELS && (best === undefined || count > best.count || isNearer)) best = { difference, count };
  }
  return best?.difference;
}
