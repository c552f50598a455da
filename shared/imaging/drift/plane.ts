/** One value a pixel. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Binomial, 1 4 6 4 1 both ways; borders repeat. */
export function smooth({ width, height, data }: Plane): Plane {
  const across = new Float32Array(data.length);
  const out = new Float32Array(data.length);
  const clamp = (at: number, length: number) => Math.min(Math.max(at, 0), length - 1);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = (step: number) => data[y * width + clamp(x + step, width)]!;
      across[y * width + x] = (at(-2) + at(2) + 4 * (at(-1) + at(1)) + 6 * at(0)) / 16;
    }
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = (step: number) => across[clamp(y + step, height) * width + x]!;
      out[y * width + x] = (at(-2) + at(2) + 4 * (at(-1) + at(1)) + 6 * at(0)) / 16;
    }
  return { width, height, data: out };
}

/** Means of 2×2; an odd last row or column is left out. */
export function halved(plane: Plane): Plane {
  const { width: from, data } = plane;
  const [width, height] = [Math.floor(plane.width / 2), Math.floor(plane.height / 2)];
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = 2 * y * from + 2 * x;
      out[y * width + x] = (data[at]! + data[at + 1]! + data[at + from]! + data[at + from + 1]!) / 4;
    }
  return { width, height, data: out };
}

/** Central differences, 0 along the border. */
export function gradients({ width, height, data }: Plane): readonly [across: Float32Array, down: Float32Array] {
  const across = new Float32Array(data.length);
  const down = new Float32Array(data.length);
  for (let y = 1; y < height - 1; y += 1)
    for (let x = 1; x < width - 1; x += 1) {
      const pixel = y * width + x;
      across[pixel] = (data[pixel + 1]! - data[pixel - 1]!) / 2;
      down[pixel] = (data[pixel + width]! - data[pixel - width]!) / 2;
    }
  return [across, down];
}

/** 0 of nothing. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
