/** The profile's header; the table of tags follows: their number, then signature, offset and size of each. */
const HEADER_BYTES = 128;
const TAG_BYTES = 12;

/**
 * The name an ICC profile gives itself, such as "Display P3", or undefined where it has none that can be read.
 * ICC.1:2022, sections 7.3, 9.2.41 and 10.15; version 2 profiles hold ASCII text (ICC.1:2001-04, 6.5.17).
 */
export function iccDescription(profile: Uint8Array): string | undefined {
  try {
    const file = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
    const tags = file.getUint32(HEADER_BYTES);
    for (let tag = 0; tag < tags; tag += 1) {
      const at = HEADER_BYTES + 4 + tag * TAG_BYTES;
      if (letters(file, at, 4) === "desc") return descriptionAt(file, file.getUint32(at + 4)).trim() || undefined;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // read beyond the end
  }
  return undefined;
}

/** Whether values under this profile are sRGB's already: its description, Latin or UTF-16, names it. */
export function isSrgbProfile(profile: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(profile).replaceAll("\0", "").includes("sRGB");
}

function descriptionAt(file: DataView, at: number): string {
  switch (letters(file, at, 4)) {
    case "desc":
      return letters(file, at + 12, file.getUint32(at + 8)).replaceAll("\0", "");
    case "mluc": {
      // The first language; profiles with several have English first.
      const [bytes, offset] = [file.getUint32(at + 20), file.getUint32(at + 24)];
      return Array.from({ length: bytes / 2 }, (_, i) => String.fromCharCode(file.getUint16(at + offset + i * 2))).join(
        "",
      );
    }
    default:
      return "";
  }
}

function letters(file: DataView, at: number, length: number): string {
  return Array.from({ length }, (_, i) => String.fromCharCode(file.getUint8(at + i))).join("");
}
