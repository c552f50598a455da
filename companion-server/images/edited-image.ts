import { provenanceText } from "../../shared/editing/layer/provenance.ts";
import { paintOver } from "../../shared/imaging/compose/composite.ts";
import { eraseUnder } from "../../shared/imaging/compose/erase-under.ts";
import { withPngText } from "../../shared/imaging/metadata/png-metadata.ts";
import type { GrayImage, RgbaImage } from "../../shared/imaging/rgba-image.ts";
import type { EditResult } from "../../shared/protocol/edit-event.ts";
import type { PixelRect } from "../../shared/protocol/geometry.ts";
import { decodeImage } from "./decode-image.ts";
import { encodePng } from "./encode-image.ts";

/** An encoded picture and where it lies. */
export interface PlacedPng {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Its top left corner in pixels of the source: negative where the picture was extended. */
  readonly offset: { readonly x: number; readonly y: number };
}

/** The result as the engine made it: for some edits the whole picture, for others a layer to lay over the source. */
export function layerImage(png: Uint8Array, { layer, pixels }: EditResult): PlacedPng {
  return { png, ...pixels, offset: { x: layer.x, y: layer.y } };
}

/**
 * The whole picture after an edit, with its recipe. Where the edit leaves the source's pixels alone they are untouched.
 * `readSource` is asked only by edits whose result is a layer; they paint on the pixels it answers. `readErase` is asked
 * where they take something away: how much, over the layer's place.
 */
export async function editedImage(
  layerPng: Uint8Array,
  result: EditResult,
  readSource: () => Promise<RgbaImage>,
  readErase: () => Promise<GrayImage>,
): Promise<PlacedPng> {
  const { request } = result.recipe;
  switch (request.task) {
    case "edit":
    case "inpaint": {
      // What the bare pipeline draws is all of the picture, and may have another size.
      if (request.plain) return layerImage(layerPng, result);
      const source = await readSource();
      if (result.erases) eraseUnder(source, await readErase(), result.layer);
      return layOver(source, { x: 0, y: 0, width: source.width, height: source.height }, layerPng, result);
    }
    case "outpaint":
      // Its layer covers the whole extended picture.
      return layOver(await readSource(), result.layer, layerPng, result);
    case "restyle":
    case "upscale":
    case "create":
    case "cutout":
      return layerImage(layerPng, result);
  }
}

/** @param canvas the whole picture's place, in pixels of the source */
async function layOver(
  source: RgbaImage,
  canvas: PixelRect,
  layerPng: Uint8Array,
  { layer, recipe }: EditResult,
): Promise<PlacedPng> {
  const { x, y, width, height } = canvas;
  const top = await decodeImage(layerPng, "The layer");
  const whole = onCanvas(source, canvas);
  paintOver(whole, top, { x: layer.x - x, y: layer.y - y });
  return { png: withPngText(await encodePng(whole), provenanceText(recipe)), width, height, offset: { x, y } };
}

/** The picture with transparent pixels around it, or itself where the canvas adds none. */
function onCanvas(picture: RgbaImage, canvas: PixelRect): RgbaImage {
  if (canvas.width === picture.width && canvas.height === picture.height) return picture;
  const data = new Uint8Array(canvas.width * canvas.height * 4);
  for (let y = 0; y < picture.height; y += 1) {
    const row = picture.data.subarray(y * picture.width * 4, (y + 1) * picture.width * 4);
    data.set(row, ((y - canvas.y) * canvas.width - canvas.x) * 4);
  }
  return { width: canvas.width, height: canvas.height, data };
}
