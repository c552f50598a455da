import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelSize } from "../../protocol/geometry.ts";

/** A picture's opacity at a smaller size, each pixel that of the source's nearest one; its colours are black. */
export function shrinkOpacity(image: RgbaImage, { width, height }: PixelSize): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(((y + 0.5) * image.height) / height) * image.width;
    for (let x = 0; x < width; x += 1) {
      const column = Math.floor(((x + 0.5) * image.width) / width);
      data[(y * width + x) * 4 + 3] = image.data[(row + column) * 4 + 3] as number;
    }
  }
  return { width, height, data };
}
