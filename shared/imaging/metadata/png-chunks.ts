/** A chunk of a PNG: four letters and what it holds. */
export interface PngChunk {
  readonly type: string;
  /** Shorter than it says where the file ends inside it. */
  readonly body: Uint8Array;
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
    yield { type, body: png.subarray(at + 8, end - 4), end };
    at = end;
  }
}
