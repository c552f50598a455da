import type { PixelSize } from "../../protocol/geometry.ts";

/** What the first bytes of a picture say, without decoding any pixel. */
export interface ImageHeader {
  readonly format: "png" | "jpeg" | "webp" | "gif";
  /** Upright, as it is to be shown. */
  readonly size: PixelSize;
  /** EXIF orientation, 1 (upright as stored) to 8. */
  readonly orientation: number;
}

/** Reads a picture's header, or answers undefined when the bytes are none of the four formats or end too early. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const stored = storedHeader(file);
    if (stored === undefined || stored.width === 0 || stored.height === 0) return undefined;
    const { format, width, height, orientation } = stored;
    const isTurned = orientation >= 5;
    return { format, orientation, size: isTurned ? { width: height, height: width } : { width, height } };
  } catch (error) {
    if (error instanceof RangeError) return undefined; // read beyond the end
    throw error;
  }
}

interface StoredHeader extends PixelSize {
  readonly format: ImageHeader["format"];
  readonly orientation: number;
}

function storedHeader(file: DataView): StoredHeader | undefined {
  if (file.getUint32(0) === 0x89504e47 && file.getUint32(4) === 0x0d0a1a0a) return readPng(file);
  if (file.getUint16(0) === 0xffd8) return readJpeg(file);
  if (letters(file, 0) === "RIFF" && letters(file, 8) === "WEBP") return readWebp(file);
  if (/^GIF8$/.test(letters(file, 0)))
    return { format: "gif", orientation: 1, width: file.getUint16(6, true), height: file.getUint16(8, true) };
  return undefined;
}

/** https://www.w3.org/TR/png-3/#5Chunk-layout */
function readPng(file: DataView): StoredHeader | undefined {
  if (letters(file, 12) !== "IHDR") return undefined;
  let orientation = 1;
  for (let at = 8; at + 8 <= file.byteLength; at += 12 + file.getUint32(at)) {
    const type = letters(file, at + 4);
    if (type === "eXIf") orientation = exifOrientation(part(file, at + 8, file.getUint32(at)));
    if (type === "eXIf" || type === "IDAT") break;
  }
  return { format: "png", orientation, width: file.getUint32(16), height: file.getUint32(20) };
}

/** ITU-T T.81, annex B: marker segments up to the frame header. */
function readJpeg(file: DataView): StoredHeader | undefined {
  let orientation = 1;
  let at = 2;
  for (;;) {
    if (file.getUint8(at) !== 0xff) return undefined;
    const marker = file.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    const hasNoLength = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (hasNoLength) {
      at += 2;
      continue;
    }
    const length = file.getUint16(at + 2);
    if (marker === 0xe1 && length > 8 && letters(file, at + 4) === "Exif")
      orientation = exifOrientation(part(file, at + 10, length - 8));
    const isFrameHeader = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrameHeader)
      return { format: "jpeg", orientation, height: file.getUint16(at + 5), width: file.getUint16(at + 7) };
    if (marker === 0xd9 || marker === 0xda) return undefined; // the picture's end or data, and no frame yet
    at += 2 + length;
  }
}

/** RFC 9649, sections 2.5 to 2.7. Browsers show a WebP as it is stored, whatever its EXIF block says. */
function readWebp(file: DataView): StoredHeader | undefined {
  const first = letters(file, 12);
  if (first === "VP8 ")
    return {
      format: "webp",
      orientation: 1,
      width: file.getUint16(26, true) & 0x3fff,
      height: file.getUint16(28, true) & 0x3fff,
    };
  if (first === "VP8L") {
    const bits = file.getUint32(21, true);
    return { format: "webp", orientation: 1, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (first !== "VP8X") return undefined;
  const width = (file.getUint32(24, true) & 0xff_ffff) + 1;
  const height = (file.getUint32(26, true) >>> 8) + 1;
  return { format: "webp", orientation: 1, width, height };
}

function letters(file: DataView, at: number): string {
  return String.fromCharCode(file.getUint8(at), file.getUint8(at + 1), file.getUint8(at + 2), file.getUint8(at + 3));
}

function part(file: DataView, at: number, length: number): DataView {
  return new DataView(file.buffer, file.byteOffset + at, length);
}

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;

/**
 * The orientation in an EXIF block (TIFF header first; "Exif\0\0" before it is skipped): 1 upright to 8, and 1 where it
 * says nothing sensible. Exif 2.32, section 4.6.2.
 */
function exifOrientation(exif: DataView): number {
  try {
    const hasPrefix = exif.getUint32(0) === 0x45786966;
    const start = hasPrefix ? 6 : 0;
    const order = exif.getUint16(start);
    if (order !== 0x4949 && order !== 0x4d4d) return 1;
    const little = order === 0x4949;
    const directory = start + exif.getUint32(start + 4, little);
    const count = exif.getUint16(directory, little);
    for (let index = 0; index < count; index += 1) {
      const entry = directory + 2 + index * 12;
      if (exif.getUint16(entry, little) !== ORIENTATION_TAG) continue;
      const value = exif.getUint16(entry + 2, little) === SHORT ? exif.getUint16(entry + 8, little) : 1;
      return value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
  } catch (error) {
    if (error instanceof RangeError) return 1; // cut short
    throw error;
  }
}
