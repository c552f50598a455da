import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { getShape } from "../document/document.ts";
import type { ShapeId } from "../document/shape.ts";
import type { Playground } from "../playground.ts";
import { savedText } from "./saved-document.ts";

export const DOCUMENT_EXTENSION = ".overpaint.json";

export function saveDocument({ store }: Playground): void {
  const { document } = store.snapshot;
  offer(`${document.name}${DOCUMENT_EXTENSION}`, savedText(document, store.media), "application/json");
}

/** Offers a picture of a shape with its strokes and shadows, `scale` pixels a page unit. */
export async function exportShape(playground: Playground, id: ShapeId, scale: number): Promise<void> {
  const { name } = getShape(playground.store.snapshot.document, id);
  offer(`${name}${scale === 1 ? "" : `@${scale}x`}.png`, await playground.exportPng(id, scale), "image/png");
}

/** Offers a picture of all there is on the page. */
export async function exportPage(playground: Playground): Promise<void> {
  const area = playground.pageBounds;
  if (!area) throw new OverpaintError("no-selection", "There is nothing on the page.", "Draw or open a picture first.");
  const { document } = playground.store.snapshot;
  const png = await playground.exportArea(area);
  offer(`${document.name} - ${document.pageName}.png`, png, "image/png");
}

function offer(name: string, content: string | Uint8Array, type: string): void {
  const part = typeof content === "string" ? content : new Uint8Array(content);
  const url = URL.createObjectURL(new Blob([part], { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The download has its own hold on the bytes by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
