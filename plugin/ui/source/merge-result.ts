import { paintOver } from "../../../shared/imaging/compose/composite.ts";
import { eraseUnder } from "../../../shared/imaging/compose/erase-under.ts";
import type { GrayImage, RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";

/**
 * Lays a result over the picture, into its pixels, and takes away what the result is more transparent than: what a layer on
 * top cannot do, which only adds. Where the mask is white, the result is all that stays.
 *
 * @param layer the result's pixels over `place`
 * @param mask what was painted over `place`; around it the layer only adds
 */
export function mergeResult(picture: RgbaImage, layer: RgbaImage, place: PixelRect, mask: GrayImage): void {
  const { width, height } = mask;
  const erase = new Uint8Array(width * height);
  for (let pixel = 0; pixel < erase.length; pixel += 1) {
    const [covered, opacity] = [mask.data[pixel] as number, layer.data[pixel * 4 + 3] as number]; // of `place`'s size
    // "Source over" keeps 1 - opacity of what is below, and 1 - covered of it is to stay.
    if (covered > opacity) erase[pixel] = Math.round(255 * (1 - (255 - covered) / (255 - opacity)));
  }
  eraseUnder(picture, { width, height, data: erase }, place);
  paintOver(picture, layer, place);
}

/**
 * An extended picture as one: the extension beneath, the picture over it, cut to `frame`. For a shape that grows with its
 * picture (`replacePicture` with a frame) and for other boards (`fillBoard`).
 *
 * @param place where the extension lies, in pixels of the picture
 * @param frame what is to show, in pixels of the picture
 */
export function extendedPicture(
  picture: RgbaImage,
  extension: RgbaImage,
  place: Pick<PixelRect, "x" | "y">,
  frame: PixelRect,
): RgbaImage {
  const { width, height } = frame;
  const extended = { width, height, data: new Uint8Array(width * height * 4) };
  paintOver(extended, extension, { x: place.x - frame.x, y: place.y - frame.y });
  paintOver(extended, picture, { x: -frame.x, y: -frame.y });
  return extended;
}
