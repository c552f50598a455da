import { crc32 } from "./crc32.ts";

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
 * Adds text chunks to an encoded PNG, right after its header. The picture's own bytes are untouched.
 * Throws RangeError when `png` does not start like a PNG.
 */
export function withPngText(png: Uint8Array, entries: readonly PngText[]): Uint8Array<ArrayBuffer> {
  if (png.length < AFTER_HEADER || SIGNATURE.some((byte, i) => png[i] !== byte)) {
    throw new RangeError("not a PNG: its signature is missing");
  }
  const chunks = entries.map(textChunk);
  const added = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const out = new Uint8Array(png.length + added);
  out.set(png.subarray(0, AFTER_HEADER));
  let at = AFTER_HEADER;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  out.set(png.subarray(AFTER_HEADER), at);
  return out;
}

/** Reads the uncompressed iTXt chunks of a PNG, in order. Stops at the first chunk that does not fit the file. */
export function readPngText(png: Uint8Array): readonly PngText[] {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const found: PngText[] = [];
  let at = SIGNATURE.length;
  while (at + 12 <= png.length) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > png.length) break;
    if (latin(png.subarray(at + 4, at + 8)) === "iTXt") {
      const entry = parseText(png.subarray(at + 8, at + 8 + length));
      if (entry !== undefined) found.push(entry);
    }
    at = end;
  }
  return found;
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

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
