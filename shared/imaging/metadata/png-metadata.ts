/** One uncompressed international text chunk (iTXt): a keyword of 1-79 Latin letters and any text. */
export interface PngText {
  readonly keyword: string;
  readonly text: string;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Signature, then the IHDR chunk (length 13 and 12 bytes around it): the first place where text chunks may stand. */
const AFTER_HEADER = 8 + 12 + 13;

/** Keyword under which PNG readers look for XMP (XMP specification part 3, section 1.1.5). */
export const XMP_KEYWORD = "XML:com.adobe.xmp";

/**
 * Gives an encoded PNG text chunks, right after its header, in place of those that stand there. The picture's own bytes are
 * untouched. Throws RangeError when `png` does not start like a PNG.
 */
export function withPngText(png: Uint8Array, entries: readonly PngText[]): Uint8Array<ArrayBuffer> {
  if (png.length < AFTER_HEADER || SIGNATURE.some((byte, i) => png[i] !== byte)) {
    throw new RangeError("not a PNG: its signature is missing");
  }
  let rest = AFTER_HEADER;
  for (const { type, end } of chunksOf(png, AFTER_HEADER)) {
    if (type !== "iTXt") break;
    rest = end;
  }
  return concat([png.subarray(0, AFTER_HEADER), ...entries.map(textChunk), png.subarray(rest)]);
}

/** Reads the uncompressed iTXt chunks of a PNG, in order. Stops at the first chunk that does not fit the file. */
export function readPngText(png: Uint8Array): readonly PngText[] {
  const found: PngText[] = [];
  for (const { type, body } of chunksOf(png, SIGNATURE.length)) {
    const entry = type === "iTXt" ? parseText(body) : undefined;
    if (entry !== undefined) found.push(entry);
  }
  return found;
}

/** The chunks from a place on, as far as they fit the file. `end` is where the next one begins. */
function* chunksOf(png: Uint8Array, from: number) {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = from; at + 12 <= png.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end > png.length) return;
    yield { type: latin(png.subarray(at + 4, at + 8)), body: png.subarray(at + 8, end - 4), end };
    at = end;
  }
}

function textChunk({ keyword, text }: PngText): Uint8Array {
  // keyword, 0, compression flag 0, method 0, language tag "", 0, translated keyword "", 0, text in UTF-8
  const body = concat([latinBytes("iTXt"), latinBytes(keyword), new Uint8Array(5), new TextEncoder().encode(text)]);
  const chunk = new Uint8Array(body.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  view.setUint32(4 + body.length, crc32(body));
  return chunk;
}

function parseText(body: Uint8Array): PngText | undefined {
  const keywordEnd = body.indexOf(0);
  if (keywordEnd < 1 || body[keywordEnd + 1] !== 0) return undefined; // compressed text is not ours
  const languageEnd = body.indexOf(0, keywordEnd + 3);
  const translatedEnd = body.indexOf(0, languageEnd + 1);
  if (languageEnd < 0 || translatedEnd < 0) return undefined;
  return {
    keyword: latin(body.subarray(0, keywordEnd)),
    text: new TextDecoder().decode(body.subarray(translatedEnd + 1)),
  };
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function latinBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
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
