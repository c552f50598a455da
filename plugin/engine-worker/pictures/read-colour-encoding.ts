import type { ColourEncoding } from "../../../shared/imaging/metadata/conversion-notes.ts";
import type { ImageHeader } from "../../../shared/imaging/metadata/image-header.ts";
import { readPngGamma } from "../../../shared/imaging/metadata/png-gamma.ts";

/** Offset of the bits a channel in a PNG's IHDR chunk, which always comes first. */
const PNG_DEPTH_AT = 24;
/** A segment of a JPEG's profile: "ICC_PROFILE", a zero, its number and how many there are. ICC.1:2022, annex B.4. */
const ICC_MARKER = 0xe2;
const ICC_SEGMENT_BYTES = 14;

/** How an encoded picture stores its colours, from its header alone. */
export async function readColourEncoding(bytes: Uint8Array, format: ImageHeader["format"]): Promise<ColourEncoding> {
  const plain = { isCmyk: false, isDeep: false };
  switch (format) {
    case "png":
      return {
        ...plain,
        isDeep: bytes[PNG_DEPTH_AT] === 16,
        profile: await pngProfile(bytes),
        gamma: readPngGamma(bytes),
      };
    case "jpeg":
      return { ...plain, ...readJpeg(bytes) };
    case "webp":
      return { ...plain, profile: webpProfile(bytes) };
    case "gif":
      return plain;
  }
}

/** Chunk iCCP: a name, a zero, the method of compression (always deflate), the profile. */
async function pngProfile(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const file = view(bytes);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + file.getUint32(at)) {
    const type = letters(bytes, at + 4, 4);
    if (type === "IDAT") return undefined;
    if (type !== "iCCP") continue;
    const chunk = bytes.subarray(at + 8, at + 8 + file.getUint32(at));
    const packed = chunk.slice(chunk.indexOf(0) + 2);
    const unpacked = new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")));
    // A profile that cannot be unpacked is none to the decoder either.
    return await unpacked.arrayBuffer().then(
      (profile) => new Uint8Array(profile),
      () => undefined,
    );
  }
  return undefined;
}

/** Segments up to the frame header, which says how many inks or colours there are. */
function readJpeg(bytes: Uint8Array): Partial<ColourEncoding> {
  const file = view(bytes);
  const parts: Uint8Array[] = [];
  for (let at = 2; at + 10 <= bytes.length; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    const length = file.getUint16(at + 2);
    if (marker === ICC_MARKER && letters(bytes, at + 4, 12) === "ICC_PROFILE\0")
      parts.push(bytes.subarray(at + 4 + ICC_SEGMENT_BYTES, at + 2 + length));
    const isFrameHeader = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrameHeader) return { profile: parts.length > 0 ? joined(parts) : undefined, isCmyk: bytes[at + 9] === 4 };
    at += 2 + length;
  }
  return {};
}

/** Chunk ICCP, before the picture's own. */
function webpProfile(bytes: Uint8Array): Uint8Array | undefined {
  const file = view(bytes);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = file.getUint32(at + 4, true);
    if (letters(bytes, at, 4) === "ICCP") return bytes.subarray(at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
  }
  return undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function letters(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
