/** The distance where nothing is inside at all, in pixels: more than any in a picture (16,384 · √2). */
const FAR = 1e6;

/**
 * Exact Euclidean distance of every pixel to the nearest one inside, in pixels (0 on those). Where nothing is inside, every
 * distance is 1e6.
 *
 * First the distance along each column, then, row by row, the lower envelope of the parabolas that the columns'
 * distances span. O(width * height).
 *
 * P. Felzenszwalb, D. Huttenlocher, "Distance Transforms of Sampled Functions", 2012.
 *
 * @param values one a pixel, never negative
 * @param from pixels of this value and more are inside. Default: all but 0
 */
export function distanceToMask(
  values: ArrayLike<number>,
  width: number,
  height: number,
  from = Number.MIN_VALUE,
): Float32Array {
  const along = distanceAlongColumns(values, width, height, from);
  const distance = new Float32Array(along.length);
  const columns = new Int32Array(width); // where the parabolas that are lowest somewhere are rooted, from left to right
  const squares = new Float64Array(width); // their height there
  const begins = new Int32Array(width); // the first pixel at which each is the lowest
  for (let start = 0; start < distance.length; start += width) {
    let count = 0;
    for (let x = 0; x < width; x += 1) {
      const away = along[start + x]!;
      if (away >= FAR) continue;
      const square = away * away;
      let begin = 0;
      for (; count > 0; count -= 1) {
        const column = columns[count - 1]!;
        // Right of here this parabola lies below the one before it.
        const crossing = (square - squares[count - 1]! + x * x - column * column) / (2 * (x - column));
        begin = Math.floor(crossing) + 1;
        if (begin > begins[count - 1]!) break;
        begin = 0; // The one before it is the lowest nowhere.
      }
      if (begin >= width) continue;
      columns[count] = x;
      squares[count] = square;
      begins[count] = begin;
      count += 1;
    }
    if (count === 0) distance.fill(FAR, start, start + width);
    let end = width;
    for (let k = count - 1; k >= 0; k -= 1) {
      const column = columns[k]!;
      const square = squares[k]!;
      const begin = begins[k]!;
      for (let x = begin; x < end; x += 1) {
        const across = x - column;
        distance[start + x] = Math.sqrt(across * across + square);
      }
      end = begin;
    }
  }
  return distance;
}

/** Of every pixel to the nearest one inside in its own column; FAR where that has none. */
function distanceAlongColumns(values: ArrayLike<number>, width: number, height: number, from: number): Int32Array {
  const distance = new Int32Array(width * height);
  for (let i = 0; i < distance.length; i += 1) {
    if (values[i]! >= from) continue;
    distance[i] = i < width ? FAR : Math.min(distance[i - width]! + 1, FAR);
  }
  for (let i = distance.length - width - 1; i >= 0; i -= 1) {
    const below = distance[i + width]! + 1;
    if (below < distance[i]!) distance[i] = below;
  }
  return distance;
}
