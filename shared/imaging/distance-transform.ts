/** Larger than any squared distance inside a picture (16,384² · 2), small enough to add to one without losing the sum. */
const FAR = 1e12;

/**
 * Exact Euclidean distance of every pixel to the nearest pixel where `inside` is non-zero, in pixels (0 on those pixels).
 * Where nothing is inside, every distance is at least 1e6.
 *
 * P. Felzenszwalb, D. Huttenlocher, "Distance Transforms of Sampled Functions", 2012: the lower envelope of parabolas,
 * first along columns, then along rows. O(width * height).
 */
export function distanceToMask(inside: ArrayLike<number>, width: number, height: number): Float32Array {
  const squared = new Float64Array(width * height);
  for (let i = 0; i < squared.length; i += 1) squared[i] = inside[i] ? 0 : FAR;

  const longest = Math.max(width, height);
  const line = new Float64Array(longest);
  const vertices = new Int32Array(longest); // the parabola that is lowest in each stretch
  const borders = new Float64Array(longest + 1); // where each stretch begins

  const transformLine = (offset: number, stride: number, length: number): void => {
    for (let i = 0; i < length; i += 1) line[i] = squared[offset + i * stride] as number;
    let last = 0;
    vertices[0] = 0;
    borders[0] = Number.NEGATIVE_INFINITY;
    borders[1] = Number.POSITIVE_INFINITY;
    for (let q = 1; q < length; q += 1) {
      let crossing = intersection(line, vertices[last] as number, q);
      while (crossing <= (borders[last] as number)) {
        last -= 1;
        crossing = intersection(line, vertices[last] as number, q);
      }
      last += 1;
      vertices[last] = q;
      borders[last] = crossing;
      borders[last + 1] = Number.POSITIVE_INFINITY;
    }
    let stretch = 0;
    for (let q = 0; q < length; q += 1) {
      while ((borders[stretch + 1] as number) < q) stretch += 1;
      const vertex = vertices[stretch] as number;
      squared[offset + q * stride] = (q - vertex) * (q - vertex) + (line[vertex] as number);
    }
  };

  for (let x = 0; x < width; x += 1) transformLine(x, width, height);
  for (let y = 0; y < height; y += 1) transformLine(y * width, 1, width);

  const distance = new Float32Array(width * height);
  for (let i = 0; i < distance.length; i += 1) distance[i] = Math.sqrt(squared[i] as number);
  return distance;
}

/** Where the parabola rooted at q begins to lie below the one rooted at p (p < q). */
function intersection(line: Float64Array, p: number, q: number): number {
  return ((line[q] as number) + q * q - (line[p] as number) - p * p) / (2 * (q - p));
}
