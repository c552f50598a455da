import { brightness } from "../../../shared/imaging/colour/brightness.ts";
import { endsEarly } from "../../../shared/imaging/metadata/ends-early.ts";
import { type ImageHeader, readImageHeader } from "../../../shared/imaging/metadata/image-header.ts";
import { jpegEndings, knownRows } from "../../../shared/imaging/metadata/jpeg-end.ts";
import type { GrayImage, RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from "../../../shared/protocol/limits.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { decodeGreyPng, decodePng, type StoredAs } from "./decode-png.ts";
import { lacksEnd } from "./lacks-end.ts";

/**
 * Decodes an encoded picture upright, as 8-bit sRGB with straight alpha, to the companion's values. Its size is read
 * from the header first. `name` is how messages call the file. Throws `unreadable-image`, `image-too-large`.
 */
export function decodeImage(bytes: Uint8Array, name: string): Promise<RgbaImage> {
  return decodeWith(decodePicture, bytes, name);
}

/**
 * Decodes a mask: luma times alpha, so that what does not show is not painted. Its values count as they are stored, without
 * profile and gamma: a mask is no picture. Throws as `decodeImage`.
 */
export function decodeMask(bytes: Uint8Array, name: string): Promise<GrayImage> {
  const decode = async (mask: Uint8Array, header: ImageHeader, name: string): Promise<GrayImage> =>
    (isUprightPng(header) ? decodeGreyPng(mask) : undefined) ??
    brightness(await decodePicture(mask, header, name, "stored"));
  return decodeWith(decode, bytes, name);
}

/** Checks a file's header before anything of it is decoded, and says in words what failed. */
async function decodeWith<Picture>(
  decode: (bytes: Uint8Array, header: ImageHeader, name: string) => Promise<Picture>,
  bytes: Uint8Array,
  name: string,
): Promise<Picture> {
  const header = readImageHeader(bytes);
  if (header === undefined)
    throw new OverpaintError(
      "unreadable-image",
      `${name} cannot be read as a picture.`,
      "Use a PNG, JPEG, WebP or GIF picture.",
    );
  requireAllowedSize(header, name);
  try {
    return await decode(bytes, header, name);
  } catch (cause) {
    if (cause instanceof OverpaintError) throw cause;
    throw new OverpaintError("unreadable-image", `${name} is damaged or incomplete.`, "Export or download it again.", {
      cause,
    });
  }
}

async function decodePicture(
  bytes: Uint8Array,
  header: ImageHeader,
  name: string,
  values: StoredAs = "sRGB",
): Promise<RgbaImage> {
  if (lacksEnd(bytes, header.format)) return decodeWithoutEnd(bytes, header, name, values);
  const png = isUprightPng(header) ? decodePng(bytes, values) : undefined;
  return png ?? (await decodeInBrowser(bytes, header, values));
}

function isUprightPng({ format, orientation }: ImageHeader): boolean {
  return format === "png" && orientation === 1;
}

function requireAllowedSize({ size: { width, height } }: ImageHeader, name: string): void {
  if (width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE)
    throw new OverpaintError(
      "image-too-large",
      `${name} is ${width} × ${height} pixels; the longest side may have ${MAX_IMAGE_SIDE}.`,
      "Use a smaller picture.",
    );
  if (width * height > MAX_IMAGE_PIXELS)
    throw new OverpaintError(
      "image-too-large",
      `${name} is ${width} × ${height} = ${width * height} pixels; ${MAX_IMAGE_PIXELS} are allowed.`,
      "Use a smaller picture.",
    );
}

/** A JPEG of which every row is there; browsers show it, but refuse to decode it as it is. */
async function decodeWithoutEnd(
  bytes: Uint8Array,
  header: ImageHeader,
  name: string,
  values: StoredAs,
): Promise<RgbaImage> {
  const [first, second] = jpegEndings(bytes);
  const picture = await decodeInBrowser(first, header, values);
  const { data } = await decodeInBrowser(second, header, values);
  const known = knownRows(picture.data, data, picture.width * 4);
  if (known === undefined) return picture;
  const rows = picture.height;
  const isUpright = header.orientation === 1;
  throw endsEarly(
    name,
    isUpright && known < rows ? { type: "rows", missing: rows - known, of: rows } : { type: "pixels" },
  );
}

async function decodeInBrowser(bytes: Uint8Array, { format, size }: ImageHeader, values: StoredAs): Promise<RgbaImage> {
  const file = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: `image/${format}` });
  const bitmap = await createImageBitmap(file, {
    imageOrientation: "from-image",
    premultiplyAlpha: "none",
    colorSpaceConversion: values === "stored" ? "none" : "default",
  });
  try {
    const { width, height } = bitmap;
    if (width !== size.width || height !== size.height)
      throw new RangeError(`decoded to ${width} × ${height}, not ${size.width} × ${size.height}`);
    // A canvas keeps colours multiplied with alpha; in half floats nothing visible is lost by that.
    const settings = format === "jpeg" ? {} : { colorType: "float16" };
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true, ...settings });
    if (context === null) throw new Error("no canvas of that size");
    context.drawImage(bitmap, 0, 0);
    return { width, height, data: context.getImageData(0, 0, width, height).data };
  } finally {
    bitmap.close();
  }
}
