/** For one output sample: the source samples it is made of, `weights.length` of them from `first` on, summing to 1. */
export interface SampleWeights {
  readonly first: number;
  readonly weights: Float32Array;
}

/** Lobes of the kernel on each side. */
const LOBES = 3;
/** Weights below this are rounding noise: at whole scales most of them are zero. */
const LEAST_WEIGHT = 1e-7;

/**
 * Weights that resample the part [start, start + extent) of a line of `sourceLength` samples to `length`, with the windowed
 * sinc of three lobes. When shrinking, the kernel widens by the scale, so that every source sample counts. Equal to PIL's
 * LANCZOS.
 */
export function lanczosWeights(
  sourceLength: number,
  start: number,
  extent: number,
  length: number,
): readonly SampleWeights[] {
  const scale = extent / length;
  const widening = Math.max(scale, 1);
  const support = LOBES * widening;
  return Array.from({ length }, (_, i) => {
    const centre = start + (i + 0.5) * scale;
    let first = Math.max(0, Math.floor(centre - support + 0.5));
    let end = Math.min(sourceLength, Math.floor(centre + support + 0.5));
    const weight = (sample: number): number => lanczos((sample + 0.5 - centre) / widening);
    while (first < end - 1 && Math.abs(weight(first)) < LEAST_WEIGHT) first += 1;
    while (first < end - 1 && Math.abs(weight(end - 1)) < LEAST_WEIGHT) end -= 1;
    const weights = Float64Array.from({ length: end - first }, (_, k) => weight(first + k));
    const sum = weights.reduce((total, value) => total + value, 0);
    return { first, weights: Float32Array.from(weights, (value) => value / sum) };
  });
}

/** sinc(x)·sinc(x/3) within three lobes. */
function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}
