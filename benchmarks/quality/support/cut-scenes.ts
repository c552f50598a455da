import type { GrayImage, RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { scenes } from "./scenes.ts";

/** A picture whose truth is known, and the part of it that is kept; the rest is to be drawn again around it. */
export interface CutScene {
  readonly name: string;
  readonly image: RgbaImage;
  readonly kept: PixelRect;
  /** White where nothing is kept. */
  readonly mask: GrayImage;
}

/** What of each picture is cut off, as shares of its sides: at the right, or all around. */
const cuts = [
  ["flat", "right"],
  ["gradient", "right"],
  ["grain", "right"],
  ["hills", "right"],
  ["waves", "right"],
  ["meadow, sky", "right"],
  ["waves", "around"],
  ["strawberry, corner", "around"],
  ["coffee, table", "right"],
] as const;

/** The pictures of the inpainting scenes, cut: a third at the right, or an eighth on all sides. */
export async function cutScenes(sample: (file: string) => Promise<RgbaImage>): Promise<readonly CutScene[]> {
  const pictures = new Map((await scenes(sample)).map(({ name, image }) => [name, image]));
  return cuts.map(([picture, where]) => {
    const image = pictures.get(picture)!;
    const kept = where === "right" ? leftPart(image) : middlePart(image);
    return { name: `${picture.split(",")[0]}, ${where}`, image, kept, mask: outside(image, kept) };
  });
}

function leftPart({ width, height }: RgbaImage): PixelRect {
  return { x: 0, y: 0, width: Math.round((width * 2) / 3), height };
}

function middlePart({ width, height }: RgbaImage): PixelRect {
  const [x, y] = [Math.round(width / 8), Math.round(height / 8)];
  return { x, y, width: width - 2 * x, height: height - 2 * y };
}

function outside({ width, height }: RgbaImage, kept: PixelRect): GrayImage {
  const data = new Uint8Array(width * height).fill(255);
  for (let row = 0; row < kept.height; row += 1) {
    const start = (kept.y + row) * width + kept.x;
    data.fill(0, start, start + kept.width);
  }
  return { width, height, data };
}
