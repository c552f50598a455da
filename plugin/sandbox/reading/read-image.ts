import type { ImageData, Penpot, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin-messages.ts";
import { withTimeout } from "../panel/with-timeout.ts";
import { describeImage } from "./describe-selection.ts";
import { findShape } from "./find-shape.ts";
import { visibleImageFill } from "./image-fill.ts";
import { readPngSize, sniffMediaType } from "./media-type.ts";

/** The original of a 128 MP picture comes from the same server as the page; a minute means it will not come. */
const DATA_TIMEOUT_MS = 60_000;
/** Penpot renders exports on its server and gives up after 30 s itself. */
const EXPORT_TIMEOUT_MS = 45_000;

export interface ReadImage {
  readonly image: SelectedImage;
  readonly bytes: Uint8Array;
  readonly mime: string;
}

/**
 * The original bytes of the shape's picture, or a PNG export of the shape where Penpot cannot give them (versions before
 * plugin API 1.4, or a failed download). Throws `source-changed`, `no-image-in-selection`, `unreadable-image`.
 */
export async function readImage(penpot: Penpot, shapeId: string): Promise<ReadImage> {
  const shape = findShape(penpot, shapeId);
  const image = describeImage(penpot, shape);
  const fill = visibleImageFill(shape);
  try {
    return { image, ...(await readOriginal(fill)) };
  } catch (error) {
    return await exportShape(shape, image, error);
  }
}

async function readOriginal(fill: ImageData | undefined): Promise<Pick<ReadImage, "bytes" | "mime">> {
  if (typeof fill?.data !== "function") throw new Error("this Penpot does not hand out originals");
  const bytes = await withTimeout(fill.data(), DATA_TIMEOUT_MS, "reading the original");
  const mime = sniffMediaType(bytes);
  if (!mime) throw new Error(`the stored file (${fill.mtype ?? "unknown type"}) is not a PNG, JPEG, WebP or GIF`);
  return { bytes, mime };
}

async function exportShape(shape: Shape, image: SelectedImage, reason: unknown): Promise<ReadImage> {
  const fail = (why: unknown) =>
    new OverpaintError(
      "unreadable-image",
      `Penpot could not hand out the picture of “${shape.name}”: ${describe(reason)}; ${describe(why)}.`,
      "Try again in a moment, or replace the picture by a fresh upload.",
      { cause: why },
    );
  // An export is a picture of what shows: it has the fill's own pixels only when nothing else is drawn into its box.
  if (!showsNothingButItsFill(shape)) throw fail("an export would contain its rotation, strokes, effects or children");
  try {
    // The export is cut to what shows, at the picture's own resolution.
    const scale = Math.max(image.visible.width / image.width, image.visible.height / image.height);
    const bytes = await withTimeout(shape.export({ type: "png", scale }), EXPORT_TIMEOUT_MS, "the export");
    const size = readPngSize(bytes);
    if (!size) throw new Error("the export is not a PNG");
    return { image: { ...image, image: size, visible: { x: 0, y: 0, ...size } }, bytes, mime: "image/png" };
  } catch (error) {
    throw fail(error);
  }
}

function showsNothingButItsFill(shape: Shape): boolean {
  const hasChildren = "children" in shape && shape.children.length > 0;
  const isTurned = shape.rotation !== 0 || shape.flipX || shape.flipY;
  return !isTurned && !hasChildren && shape.strokes.length === 0 && shape.shadows.length === 0 && !shape.blur;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
