// numpy's conventions where they differ from JavaScript's, so that schedules agree to the last timestep.

/** `numpy.round`: halves go to the even neighbour, where Math.round takes them up. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** `numpy.linspace`: `count` values from start to stop, both included. */
export function linspace(start: number, stop: number, count: number): number[] {
  if (count === 1) return [start];
  const step = (stop - start) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? stop : i * step + start));
}

/** `numpy.interp(x, arange(len(values)), values)`: the value at a fractional index, held at the ends. */
export function interpolate(values: ArrayLike<number>, x: number): number {
  if (x <= 0) return values[0]!;
  if (x >= values.length - 1) return values[values.length - 1]!;
  const below = Math.floor(x);
  return values[below]! + (values[below + 1]! - values[below]!) * (x - below);
}
