import type { FloatImage } from "../../../../shared/imaging/float-image.ts";

/** Smooth waves of several lengths around mid-grey, so that a picture can be sampled anywhere. */
export function wavyLevel(x: number, y: number, channel: number): number {
  const waves =
    30 * Math.sin(x / 9 + channel) * Math.cos(y / 11) +
    25 * Math.sin((x + 2 * y) / 23 + 2 * channel) +
    15 * Math.cos((2 * x - y) / 7);
  return 128 + waves;
}

export function wavy(width: number, height: number, at = (x: number, y: number) => ({ x, y })): FloatImage {
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const place = at(x, y);
      for (let c = 0; c < 3; c += 1) data[(y * width + x) * 3 + c] = wavyLevel(place.x, place.y, c);
    }
  return { width, height, channels: 3, data };
}

/** Paints a rectangle over. */
export function withPatch(
  picture: FloatImage,
  patch: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  colour: readonly [number, number, number],
): FloatImage {
  const data = picture.data.slice();
  for (let y = patch.y; y < patch.y + patch.height; y += 1)
    for (let x = patch.x; x < patch.x + patch.width; x += 1) data.set(colour, (y * picture.width + x) * 3);
  return { ...picture, data };
}
