import { Readable } from "node:stream";
import { constants, createInflate, deflateSync } from "node:zlib";
import sharp, { type Metadata } from "sharp";
import { endsEarly } from "../../shared/imaging/metadata/ends-early.ts";
import { jpegEndings, knownRows, withJpegEnd } from "../../shared/imaging/metadata/jpeg-end.ts";
import { pngChunk, pngChunks } from "../../shared/imaging/metadata/png-chunks.ts";
import { MAX_IMAGE_PIXELS } from "../../shared/protocol/limits.ts";
import type { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { statedLength } from "./stated-length.ts";

/** An empty block ends a picture's data, the trailer the file. */
const GIF_END = Uint8Array.of(0x00, 0x3b);
/** What libjpeg says where data runs out before the picture is complete, by its own end marker or by the file's end. */
const RUN_OUT = /premature end/i;
/**
 * Tells a picture that lacks only the end of its file from one that lacks rows.
 *
 * @returns a file with an end, undefined for one that is damaged in another way
 * Throws OverpaintError `unreadable-image` that says what is missing.
 */
export async function mendEnd(
  bytes: Uint8Array,
  { format, height, isProgressive }: Metadata,
  name: string,
): Promise<Uint8Array | undefined> {
  switch (format) {
    case "jpeg": {
      const closed = withJpegEnd(bytes);
      if (!RUN_OUT.test((await complaint(closed, "warning")) ?? "")) return closed;
      if (isProgressive) throw endsEarly(name, { type: "rounds" });
      const rows = await rowsOfJpeg(bytes);
      if (rows === undefined || rows >= height) throw endsEarly(name, { type: "pixels" });
      throw endsEarly(name, { type: "rows", missing: height - rows, of: height });
    }
    case "png": {
      if (isProgressive) throw endsEarly(name, { type: "rounds" }); // interlaced: in seven of them
      const { rowBytes, pixels } = await unpackPng(bytes, height);
      const rows = Math.min(height, Math.floor(pixels.length / rowBytes));
      if (rows === 0) return undefined;
      if (rows < height) throw endsEarly(name, { type: "rows", missing: height - rows, of: height });
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

/**
 * What to say of a file that is shorter than it says it is; undefined for any other.
 *
 * @param start its first bytes: the more there are, the more it says
 */
export function cutShort(start: Uint8Array, size: number, name: string): OverpaintError | undefined {
  const stated = statedLength(start);
  return stated !== undefined && stated > size ? endsEarly(name, { type: "bytes", missing: stated - size }) : undefined;
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

async function rowsOfJpeg(bytes: Uint8Array): Promise<number | undefined> {
  try {
    const [first, second] = jpegEndings(bytes);
    const one = await greys(first);
    return knownRows(one.data, (await greys(second)).data, one.info.width);
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
