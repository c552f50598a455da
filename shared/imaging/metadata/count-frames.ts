import { pngChunks } from "./png-chunks.ts";

/**
 * How many frames a PNG, GIF or WebP shows one after the other; 1 for any other picture. Walks the file's blocks without
 * decoding them, as far as they go.
 */
export function countFrames(bytes: Uint8Array): number {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 16) return 1;
  if (file.getUint32(0) === 0x89504e47) return countPngFrames(bytes);
  if (file.getUint32(0) === 0x47494638) return countGifFrames(bytes);
  if (file.getUint32(0) === 0x52494646 && file.getUint32(8) === 0x57454250) return countWebpFrames(file);
  return 1;
}

/** Chunk acTL, before the pixels, begins with the number. https://www.w3.org/TR/png-3/#acTL-chunk */
function countPngFrames(bytes: Uint8Array): number {
  for (const { type, body } of pngChunks(bytes)) {
    if (type === "IDAT") break;
    if (type === "acTL" && body.length >= 4)
      return Math.max(1, new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(0));
  }
  return 1;
}

/** Bytes before the global colour table: "GIF89a" and the logical screen descriptor. */
const GIF_HEADER_BYTES = 13;
const GIF_EXTENSION = 0x21;
const GIF_IMAGE = 0x2c;

/** GIF89a specification, appendix B: descriptors of images, each with chains of blocks that begin with their length. */
function countGifFrames(bytes: Uint8Array): number {
  const tableBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const afterBlocks = (from: number): number => {
    let at = from;
    while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!;
    return at + 1;
  };
  let frames = 0;
  for (let at = GIF_HEADER_BYTES + tableBytes(bytes[10]!); at < bytes.length; ) {
    if (bytes[at] === GIF_EXTENSION) at = afterBlocks(at + 2);
    else if (bytes[at] === GIF_IMAGE) {
      frames += 1;
      // Descriptor, colour table, smallest code size, data.
      at = afterBlocks(at + 10 + tableBytes(bytes[at + 9] ?? 0) + 1);
    } else break;
  }
  return Math.max(1, frames);
}

/** Chunks ANMF, one a frame. RFC 9649, section 2.7.1.1. */
function countWebpFrames(file: DataView): number {
  let frames = 0;
  for (let at = 12; at + 8 <= file.byteLength; ) {
    if (file.getUint32(at) === 0x414e4d46) frames += 1;
    const length = file.getUint32(at + 4, true);
    at += 8 + length + (length % 2);
  }
  return Math.max(1, frames);
}
