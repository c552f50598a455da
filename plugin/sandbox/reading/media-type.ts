import type { PixelSize } from "../../../shared/protocol/geometry.ts";

const startsWith = (bytes: Uint8Array, text: string, offset = 0) =>
  [...text].every((character, index) => bytes[offset + index] === character.charCodeAt(0));

/** The media type that the bytes themselves show, or undefined when they are no picture Penpot stores. */
export function sniffMediaType(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (startsWith(bytes, "\xff\xd8\xff")) return "image/jpeg";
  if (startsWith(bytes, "RIFF") && startsWith(bytes, "WEBP", 8)) return "image/webp";
  if (startsWith(bytes, "GIF8")) return "image/gif";
  return undefined;
}

/** The size a PNG declares in its header, which is the first chunk of every PNG. */
export function readPngSize(bytes: Uint8Array): PixelSize | undefined {
  if (sniffMediaType(bytes) !== "image/png" || bytes.length < 24) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
