/** A chunk of a PNG: four letters and what it holds. */
export interface PngChunk {
  readonly type: string;
  /** Shorter than it says where the file ends inside it. */
  readonly body: Uint8Array;
  /** Where it begins in the file. */
  readonly start: number;
  /** Where the next chunk begins: beyond the file's end for one that is cut. */
  readonly end: number;
}

/** Signature of every PNG; the first chunk follows. */
const SIGNATURE_BYTES = 8;

/** The chunks of a PNG from a place on, in order, the last one cut where the file ends too early. */
export function* pngChunks(png: Uint8Array, from = SIGNATURE_BYTES): Generator<PngChunk> {
  const file = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = from; at + 8 <= png.length; ) {
    const length = file.getUint32(at);
    const type = String.fromCharCode(png[at + 4]!, png[at + 5]!, png[at + 6]!, png[at + 7]!); // inside, by the loop
    const end = at + 12 + length;
    yield { type, body: png.subarray(at + 8, end - 4), start: at, end };
    at = end;
  }
}

/** A chunk as it stands in a file: its length, four letters, what it holds, its checksum. */
export function pngChunk(type: string, body: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + body.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i += 1) chunk[4 + i] = type.charCodeAt(i);
  chunk.set(body, 8);
  view.setUint32(8 + body.length, crc32(chunk.subarray(4, 8 + body.length)));
  return chunk;
}

/** CRC-32 as PNG chunks carry it (ISO 3309, polynomial 0xEDB88320). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
