import { isTurnedSideways } from "./exif-orientation.ts";

export type ImageMime = "image/png" | "image/jpeg" | "image/webp" | "image/gif";

export interface ImageHeader {
  readonly mime: ImageMime;
  /** As it is shown, that is after an EXIF orientation was applied. */
  readonly width: number;
  readonly height: number;
}

/** Reads format and size of a picture from its first bytes; undefined when it is none of the four formats. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (text: string, offset = 0) =>
    [...text].every((character, index) => bytes[offset + index] === character.charCodeAt(0));
  if (has("\x89PNG\r\n\x1a\n") && bytes.length >= 24)
    return { mime: "image/png", width: view.getUint32(16), height: view.getUint32(20) };
  if (has("GIF8") && bytes.length >= 10)
    return { mime: "image/gif", width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (has("\xff\xd8\xff")) return readJpegHeader(view);
  if (has("RIFF") && has("WEBP", 8) && bytes.length >= 30) return readWebpHeader(view, has);
  return undefined;
}

function readJpegHeader(view: DataView): ImageHeader | undefined {
  let sideways = false;
  // Segments: a marker (ff xx), then the length of what follows, itself included.
  for (let offset = 2; offset + 9 <= view.byteLength; ) {
    const marker = view.getUint16(offset);
    if (marker >> 8 !== 0xff) return undefined;
    if (marker === 0xffe1) sideways ||= isTurnedSideways(view, offset + 4);
    if (isFrameHeader(marker)) {
      const height = view.getUint16(offset + 5);
      const width = view.getUint16(offset + 7);
      return { mime: "image/jpeg", width: sideways ? height : width, height: sideways ? width : height };
    }
    offset += 2 + view.getUint16(offset + 2);
  }
  return undefined;
}

/** SOF0 to SOF15, without the tables (DHT, DAC) and the extension that share their range. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xffc0 && marker <= 0xffcf && marker !== 0xffc4 && marker !== 0xffc8 && marker !== 0xffcc;
}

function readWebpHeader(view: DataView, has: (text: string, offset: number) => boolean): ImageHeader | undefined {
  const mime = "image/webp";
  const uint24 = (offset: number) => view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
  if (has("VP8X", 12)) return { mime, width: uint24(24) + 1, height: uint24(27) + 1 };
  if (has("VP8 ", 12))
    return { mime, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (has("VP8L", 12)) {
    // After a signature byte: 14 bits of width - 1, then 14 bits of height - 1.
    const bits = view.getUint32(21, true);
    return { mime, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  return undefined;
}
