import type { Penpot, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { SandboxMessage } from "../../../shared/protocol/plugin/messages.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import type { SourceLayer } from "../../../shared/protocol/plugin/source.ts";
import { pageToPixels } from "../geometry/picture-matrix.ts";
import { describeImage } from "./describe-image.ts";
import { exportPng } from "./export-png.ts";
import { findShape } from "./find-shape.ts";
import { visibleImageFill } from "./image-fill.ts";
import { readPngSize } from "./media-type.ts";
import { type PictureFile, readOriginal } from "./read-original.ts";
import { othersOver, type UnreadLayer, unreadLayers } from "./source-layers.ts";

export type ReadSource = Pick<
  Extract<SandboxMessage, { type: "source" }>,
  "image" | "bytes" | "mime" | "layers" | "others"
>;

/**
 * The original bytes of the shape's picture, or a PNG export of the shape where Penpot cannot give them (versions before
 * plugin API 1.4, or a failed download), with the originals of the layers over it.
 * Throws `source-changed`, `no-image-in-selection`, `image-too-large`, `unsupported-shape`, `unreadable-image`.
 */
export async function readSource(penpot: Penpot, shapeId: string): Promise<ReadSource> {
  const shape = findShape(penpot, shapeId);
  const described = describeImage(penpot, shape);
  const media = visibleImageFill(shape);
  const { image, ...file } = await readOriginal(media)
    .then((file) => ({ image: described, ...file }))
    .catch((reason: unknown) => exportSource(shape, described, reason));
  const keepsAspectRatio = media?.keepAspectRatio === true && image === described;
  const toPixels = pageToPixels(penpot, shape, { image: image.image, keepsAspectRatio });
  const layers = await Promise.all(unreadLayers(penpot, shape, toPixels).map(readLayer));
  return { image, ...file, layers, others: othersOver(shape) };
}

/** Layers are Overpaint's own files: without an original, leaving one out would edit what nobody sees. */
async function readLayer({ shape, media, ...layer }: UnreadLayer): Promise<SourceLayer> {
  try {
    return { ...layer, ...(await readOriginal(media)) };
  } catch (cause) {
    throw new OverpaintError(
      "unreadable-image",
      `Penpot could not hand out the layer “${shape.name}” over the picture: ${describe(cause)}.`,
      "Try again in a moment, or hide that layer to edit the picture without it.",
      { cause },
    );
  }
}

async function exportSource(
  shape: Shape,
  image: SelectedImage,
  reason: unknown,
): Promise<PictureFile & { readonly image: SelectedImage }> {
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
    const bytes = await exportPng(shape, scale);
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
  const isPlain = (shape.opacity ?? 1) === 1 && Array.isArray(shape.fills) && shape.fills.length === 1;
  return (
    isPlain && !isTurned && !hasChildren && shape.strokes.length === 0 && shape.shadows.length === 0 && !shape.blur
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
