import { Readable } from "node:stream";
import { constants, createInflate, deflateSync } from "node:zlib";
import sharp, { type Metadata } from "sharp";
import { pngChunk, pngChunks } from "../../shared/imaging/metadata/png-chunks.ts";
import { MAX_IMAGE_PIXELS } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

const JPEG_END = Uint8Array.of(0xff, 0xd9);
/** An empty block ends a picture's data, the trailer the file. */
const GIF_END = Uint8Array.of(0x00, 0x3b);
/** Rows of a JPEG are stored in blocks; the last known row's colours may be mixed with what follows. */
const BLOCK = 8;
/** What libjpeg says where data runs out before the picture is complete, by its own end marker or by the file's end. */
const RUN_OUT = /premature end/i;
/** Stands in for lost data: any bytes without a marker, enough to change what is decoded from them. */
const OTHER_DATA = Uint8Array.from({ length: 64 }, (_, i) => (i * 73 + 29) % 251);

/**
 * Tells a picture that lacks only the end of its file from one that lacks rows.
 *
 * @returns a file with an end, undefined for one that is damaged in another way
 * Throws OverpaintError `unreadable-image` that names the missing rows.
 */
export async function mendEnd(
  bytes: Uint8Array,
  { format, height, isProgressive }: Metadata,
  name: string,
): Promise<Uint8Array | undefined> {
  switch (format) {
    case "jpeg": {
      const closed = joined(bytes, JPEG_END);
      if (!RUN_OUT.test((await complaint(closed, "warning")) ?? "")) return closed;
      const rows = isProgressive ? undefined : await rowsOfJpeg(bytes);
      throw rows === undefined || rows >= height ? endsEarly(name) : rowsMissing(name, height - rows, height);
    }
    case "png": {
      // An interlaced picture has its rows in seven rounds, of which the last is missing somewhere.
      if (isProgressive) throw endsEarly(name);
      const { rowBytes, pixels } = await unpackPng(bytes, height);
      const rows = Math.min(height, Math.floor(pixels.length / rowBytes));
      if (rows === 0) return undefined;
      if (rows < height) throw rowsMissing(name, height - rows, height);
      // libpng gives up rows that it could still unpack, so they are packed anew.
      return withPixels(bytes, pixels.subarray(0, height * rowBytes));
    }
    case "gif": {
      const closed = joined(bytes, GIF_END);
      return (await complaint(closed, "truncated")) === undefined ? closed : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether libjpeg met the end of its data before the end of the picture. */
export function hasRunOut(cause: unknown): boolean {
  return cause instanceof Error && RUN_OUT.test(cause.message);
}

/** What the decoder objects to, undefined where it takes the file. */
async function complaint(bytes: Uint8Array, failOn: "warning" | "truncated"): Promise<string | undefined> {
  return sharp(bytes, { failOn, limitInputPixels: MAX_IMAGE_PIXELS })
    .stats()
    .then(() => undefined)
    .catch((error: Error) => error.message);
}

/** The rows that the data decides: those before the first that other data in place of the lost would change. */
async function rowsOfJpeg(bytes: Uint8Array): Promise<number | undefined> {
  let end = bytes.length;
  if (bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9) end -= 2;
  if (bytes[end - 1] === 0xff) end -= 1; // half of a marker or of an escaped 255
  const kept = bytes.subarray(0, end);
  try {
    const [one, other] = [await greys(joined(kept, JPEG_END)), await greys(joined(kept, OTHER_DATA, JPEG_END))];
    const first = one.data.findIndex((value, i) => value !== other.data[i]);
    return first < 0 ? undefined : Math.round(first / one.info.width / BLOCK) * BLOCK;
  } catch {
    return undefined;
  }
}

function greys(jpeg: Uint8Array) {
  const picture = sharp(jpeg, { failOn: "none", limitInputPixels: MAX_IMAGE_PIXELS });
  return picture.toColourspace("b-w").raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
}

/** What can be unpacked of a PNG's rows, each a byte for its filter and its pixels. */
async function unpackPng(
  bytes: Uint8Array,
  height: number,
): Promise<{ readonly rowBytes: number; readonly pixels: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, depth, colourType] = [view.getUint32(16), view.getUint8(24), view.getUint8(25)];
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType] ?? 1;
  const rowBytes = 1 + Math.ceil((width * channels * depth) / 8);
  const packed = [...pngChunks(bytes)].filter(({ type }) => type === "IDAT").map(({ body }) => body);
  const inflated = Readable.from(packed).pipe(createInflate({ finishFlush: constants.Z_SYNC_FLUSH }));
  const pieces: Buffer[] = [];
  let missing = height * rowBytes;
  try {
    for await (const piece of inflated as AsyncIterable<Buffer>) {
      pieces.push(piece);
      missing -= piece.length;
      if (missing <= 0) break;
    }
  } catch {
    // What came before the damage counts.
  }
  return { rowBytes, pixels: Buffer.concat(pieces) };
}

/** The PNG with its rows packed anew, and an end. */
function withPixels(png: Uint8Array, pixels: Uint8Array): Uint8Array {
  const head = [...pngChunks(png)].find(({ type }) => type === "IDAT")?.start;
  return joined(
    png.subarray(0, head),
    pngChunk("IDAT", deflateSync(pixels, { level: 1 })),
    pngChunk("IEND", new Uint8Array(0)),
  );
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

function rowsMissing(name: string, missing: number, rows: number): OverpaintError {
  const which = missing === 1 ? "last row is" : `last ${missing} of ${rows} rows are`;
  return new OverpaintError(
    "unreadable-image",
    `${name} ends too early: its ${which} missing.`,
    "Export or download it again.",
  );
}

function endsEarly(name: string): OverpaintError {
  return new OverpaintError(
    "unreadable-image",
    `${name} ends too early: a part of its pixels is missing.`,
    "Export or download it again.",
  );
}
