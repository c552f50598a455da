import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { defaultShape } from "../document/document.ts";
import type { DocumentStore } from "../document/document-store.ts";
import type { Point } from "../document/geometry.ts";
import { readImageHeader } from "../document/image-header.ts";
import { MediaRejection } from "../document/media-rejection.ts";
import type { ShapeData, ShapeId } from "../document/shape.ts";
import { addShape } from "../document/tree-edits.ts";

/**
 * Puts a picture file on the page at its own size, its corner at `at`, and selects it. Throws `unreadable-image` or
 * `image-too-large`.
 */
export function openImage(store: DocumentStore, name: string, bytes: Uint8Array, at: Point): ShapeId {
  const { id, width, height } = addMedia(store, name, bytes);
  const shape: ShapeData = {
    ...defaultShape(name.replace(/\.[^.]*$/, "").replaceAll("/", "-") || "Image"),
    type: "rectangle",
    x: Math.round(at.x),
    y: Math.round(at.y),
    width,
    height,
    fills: [{ type: "image", mediaId: id, keepAspectRatio: true, opacity: 1 }],
  };
  store.edit((document) => addShape(document, shape));
  store.select([shape.id]);
  return shape.id;
}

function addMedia(store: DocumentStore, name: string, bytes: Uint8Array) {
  try {
    return store.media.add(name, bytes, readImageHeader(bytes)?.mime ?? "image/png");
  } catch (cause) {
    if (!(cause instanceof MediaRejection)) throw cause;
    const isTooLarge = cause.code === "media-max-file-size-reached" || cause.message.includes("exceed");
    throw new OverpaintError(
      isTooLarge ? "image-too-large" : "unreadable-image",
      `“${name}” could not be opened: ${cause.message}.`,
      isTooLarge ? "Use a smaller version of the picture." : "Open a PNG, JPEG, WebP or GIF file.",
    );
  }
}
