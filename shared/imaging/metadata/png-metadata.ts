import { pngChunk, pngChunks } from "./png-chunks.ts";

/** One uncompressed international text chunk (iTXt): a keyword of 1-79 Latin letters and any text. */
export interface PngText {
  readonly keyword: string;
  readonly text: string;
}

/** Longer keywords are no keywords (PNG specification, section 11.3.3.2). */
const MAX_KEYWORD = 79;

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
  for (const { type, end } of pngChunks(png, AFTER_HEADER)) {
    if (type !== "iTXt" || end > png.length) break;
    rest = end;
  }
  return concat([png.subarray(0, AFTER_HEADER), ...entries.map(textChunk), png.subarray(rest)]);
}

/** Reads the uncompressed iTXt chunks of a PNG, in order. Stops at the first chunk that does not fit the file. */
export function readPngText(png: Uint8Array): readonly PngText[] {
  const found: PngText[] = [];
  for (const { type, body, end } of pngChunks(png)) {
    if (end > png.length) break;
    const entry = type === "iTXt" ? parseText(body) : undefined;
    if (entry !== undefined) found.push(entry);
  }
  return found;
}

function textChunk({ keyword, text }: PngText): Uint8Array {
  // keyword, 0, compression flag 0, method 0, language tag "", 0, translated keyword "", 0, text in UTF-8
  return pngChunk("iTXt", concat([latinBytes(keyword), new Uint8Array(5), new TextEncoder().encode(text)]));
}

function parseText(body: Uint8Array): PngText | undefined {
  const keywordEnd = body.subarray(0, MAX_KEYWORD + 1).indexOf(0);
  if (keywordEnd < 1 || body[keywordEnd + 1] !== 0) return undefined; // compressed text is not ours
  const languageEnd = body.indexOf(0, keywordEnd + 3);
  const translatedEnd = body.indexOf(0, languageEnd + 1);
  if (languageEnd < 0 || translatedEnd < 0) return undefined;
  return {
    keyword: latin(body.subarray(0, keywordEnd)),
    text: new TextDecoder().decode(body.subarray(translatedEnd + 1)),
  };
}

/** Of a keyword: each byte becomes an argument. */
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
