import { type Document, subtree } from "../document/document.ts";
import type { Rect } from "../document/geometry.ts";
import type { ShapeId } from "../document/shape.ts";
import { paintShape } from "./paint-document.ts";
import { cssFont } from "./paint-text.ts";
import type { PictureCache } from "./picture-cache.ts";

/** Draws a part of the page on nothing, `scale` pixels a page unit, with every picture decoded. */
export async function renderArea(
  document: Document,
  rootId: ShapeId,
  area: Rect,
  scale: number,
  pictures: PictureCache,
): Promise<OffscreenCanvas> {
  const shapes = subtree(document, rootId);
  const runs = shapes.flatMap((shape) => (shape.type === "text" ? shape.runs : []));
  const fills = [...shapes, ...runs.map((run) => run.style)].flatMap((each) => each.fills);
  await Promise.all([
    ...fills.map((fill) => (fill.type === "image" ? pictures.load(fill.mediaId) : undefined)),
    ...runs.map((run) => self.document.fonts.load(cssFont(run.style))),
  ]);
  const canvas = new OffscreenCanvas(Math.ceil(area.width * scale), Math.ceil(area.height * scale));
  // Read back soon, so the processor draws: the same pixels on every machine.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context)
    throw new Error(`A canvas of ${canvas.width} × ${canvas.height} pixels is more than this browser can draw.`);
  context.setTransform(scale, 0, 0, scale, -area.x * scale, -area.y * scale);
  paintShape(context, document, rootId, (id) => pictures.get(id));
  return canvas;
}

export async function toPng(canvas: OffscreenCanvas): Promise<Uint8Array> {
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await blob.arrayBuffer());
}
