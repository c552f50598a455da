import type { PixelSize } from "../../protocol/geometry.ts";
import type { SampleRect } from "./resample.ts";

/** The largest part of a picture, in its middle, that has the wanted shape exactly; its edges may lie inside pixels. */
export function centredPart(picture: PixelSize, wanted: PixelSize): SampleRect {
  const scale = Math.min(picture.width / wanted.width, picture.height / wanted.height);
  const width = Math.min(picture.width, wanted.width * scale);
  const height = Math.min(picture.height, wanted.height * scale);
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}
