import type { PictureTensor } from "../../diffusion/picture-tensor.ts";
import type { FloatImage } from "../../imaging/float-image.ts";

/** Interleaved 0..255 (alpha ignored) to planar -1..1, the range in which models see pictures. */
export function toPictureTensor(image: FloatImage): PictureTensor {
  const { width, height, channels } = image;
  const plane = width * height;
  const data = new Float32Array(3 * plane); // [3, height, width]
  for (let c = 0; c < 3; c += 1)
    for (let from = c, to = c * plane; from < image.data.length; from += channels, to += 1)
      data[to] = Math.min(Math.max(image.data[from]!, 0), 255) / 127.5 - 1;
  return { width, height, data };
}

/** Planar -1..1 to interleaved 0..255 with three channels, clamped. */
export function fromPictureTensor(picture: PictureTensor): FloatImage {
  const { width, height } = picture;
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c += 1)
    for (let from = c * plane, to = c; to < data.length; from += 1, to += 3)
      data[to] = Math.min(Math.max((picture.data[from]! + 1) * 127.5, 0), 255);
  return { width, height, channels: 3, data };
}
