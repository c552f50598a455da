const END = Uint8Array.of(0xff, 0xd9);
/** Stands in for lost data: any bytes without a marker, enough to change what is decoded from them. */
const OTHER_DATA = Uint8Array.from({ length: 64 }, (_, i) => (i * 73 + 29) % 251);
/** Rows are stored in blocks; the last known row's colours may be mixed with what follows. */
const BLOCK = 8;

/** A JPEG with an end marker after what is there of it. */
export function withJpegEnd(jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  return joined(jpeg, END);
}

/**
 * Two ways in which a JPEG that ends too early could go on. Rows that decode alike from both are known: the data decides
 * them.
 */
export function jpegEndings(jpeg: Uint8Array): readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] {
  let end = jpeg.length;
  if (jpeg[end - 2] === 0xff && jpeg[end - 1] === 0xd9) end -= 2;
  if (jpeg[end - 1] === 0xff) end -= 1; // half of a marker or of an escaped 255
  const kept = jpeg.subarray(0, end);
  return [joined(kept, END), joined(kept, OTHER_DATA, END)];
}

/** How many rows two decodings have in common from the top, undefined where they are the same throughout. */
export function knownRows(
  one: Uint8Array | Uint8ClampedArray,
  other: Uint8Array | Uint8ClampedArray,
  rowBytes: number,
): number | undefined {
  const first = one.findIndex((value, i) => value !== other[i]);
  return first < 0 ? undefined : Math.round(first / rowBytes / BLOCK) * BLOCK;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
