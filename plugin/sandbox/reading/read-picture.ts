import type { Penpot } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { exportPng } from "./export-png.ts";
import { findShape } from "./find-shape.ts";
import { visibleImageFill } from "./image-fill.ts";
import { type PictureFile, readOriginal } from "./read-original.ts";

/** Longest side of an export as a reference, in pixels: models look at less. */
const REFERENCE_SIDE = 2_048;

/**
 * A picture to look at: the original of the shape's image, or else what the shape looks like.
 * Throws `source-changed`, `unreadable-image`.
 */
export async function readPicture(penpot: Penpot, shapeId: string): Promise<PictureFile & { readonly name: string }> {
  const shape = findShape(penpot, shapeId);
  const media = visibleImageFill(shape);
  try {
    if (media !== undefined) return { name: shape.name, ...(await readOriginal(media)) };
  } catch {
    // An export shows it too.
  }
  try {
    const { width, height } = shape.bounds;
    const bytes = await exportPng(shape, Math.min(4, REFERENCE_SIDE / Math.max(width, height, 1)));
    return { name: shape.name, bytes, mime: "image/png" };
  } catch (cause) {
    throw new OverpaintError(
      "unreadable-image",
      `Penpot could not draw “${shape.name}”: ${cause instanceof Error ? cause.message : String(cause)}.`,
      "Try again in a moment.",
      { cause },
    );
  }
}
