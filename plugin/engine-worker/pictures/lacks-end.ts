import type { ImageHeader } from "../../../shared/imaging/metadata/image-header.ts";

const END = 0xd9;

/** Whether a JPEG ends before its end marker, as browsers allow. Among its pixels a 255 is followed by 0 or a restart marker. */
export function lacksEnd(bytes: Uint8Array, format: ImageHeader["format"]): boolean {
  if (format !== "jpeg") return false;
  for (let at = 2; at + 1 < bytes.length; ) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff || marker === 0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7)) {
      at += bytes[at] === 0xff && marker !== 0xff ? 2 : 1;
      continue;
    }
    if (marker === END) return false;
    // Every segment but a scan's pixels says how long it is.
    at += 2 + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
  }
  return true;
}
