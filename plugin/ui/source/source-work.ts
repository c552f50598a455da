import { decode, encode } from "fast-png";
import { readPngText, withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import type { MaskRegion } from "../../../shared/protocol/plugin/mask.ts";
import type { SourceLayer } from "../../../shared/protocol/plugin/source.ts";
import { maskUnder } from "../masks/mask-under.ts";
import { drawRegion } from "../masks/shapes/draw-region.ts";
import type { MaskSnapshot } from "../pixels/pixel-tools.ts";
import { composeLayers } from "./compose-layers.ts";
import { extendedPicture, mergeResult } from "./merge-result.ts";
import { padLayer } from "./pad-layer.ts";
import type { PictureFile, SourceTools } from "./source-tools.ts";

/** Decodes upright, in sRGB, without loss where the file's own pixels are that. What it answers is the caller's to change. */
export type DecodePixels = (bytes: Uint8Array<ArrayBuffer>, mime: string) => Promise<RgbaImage>;

/** What `SourceTools` promises, on the thread that it is called on. */
export function sourceWork(decodePixels: DecodePixels): SourceTools {
  return {
    async composeSource(file: PictureFile, layers: readonly SourceLayer[]) {
      if (layers.length === 0) return file;
      const source = await decodePixels(file.bytes, file.mime);
      const decoded = await Promise.all(
        layers.map(async ({ bytes, mime, ...layer }) => ({
          ...layer,
          pixels: await decodePixels(new Uint8Array(bytes), mime),
        })),
      );
      composeLayers(source, decoded);
      return { bytes: encodeRgba(source), mime: "image/png" };
    },
    async drawMask(region: MaskRegion, image: PixelSize) {
      return await drawRegion(region, image, async (bytes, mime) => {
        const { width, height, data } = await decodePixels(new Uint8Array(bytes), mime);
        return {
          width,
          height,
          data: Uint8Array.from({ length: width * height }, (_, i) => data[i * 4 + 3] as number),
        };
      });
    },
    async padLayer(png: Uint8Array<ArrayBuffer>, layer: PixelRect, image: PixelSize) {
      return withPngText(encodeRgba(padLayer(layerPixels(png), layer, image)), readPngText(png));
    },
    async mergeResult(source: PictureFile, png: Uint8Array<ArrayBuffer>, layer: PixelRect, mask: MaskSnapshot) {
      const picture = await decodePixels(source.bytes, source.mime);
      mergeResult(picture, layerPixels(png), layer, maskUnder(mask, layer));
      return withPngText(encodeRgba(picture), readPngText(png));
    },
    async extendPicture(source: PictureFile, png: Uint8Array<ArrayBuffer>, layer: PixelRect, frame: PixelRect) {
      const picture = await decodePixels(source.bytes, source.mime);
      return withPngText(encodeRgba(extendedPicture(picture, layerPixels(png), layer, frame)), readPngText(png));
    },
  };
}

/** An engine's layer, which is an RGBA PNG of 8 bits, pixel for pixel. */
function layerPixels(png: Uint8Array): RgbaImage {
  const { width, height, data, channels, depth } = decode(png);
  if (channels !== 4 || depth !== 8) throw new Error(`A layer has ${channels} channels of ${depth} bits.`);
  return { width, height, data: Uint8Array.from(data) };
}

function encodeRgba({ width, height, data }: RgbaImage): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode({ width, height, data, channels: 4, depth: 8 }));
}
