import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../shared/protocol/geometry.ts";
import { MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** Throws `image-too-large` for an edit whose result Penpot would not take, before anything is drawn. */
export function requireResultSize(request: EditRequest, source: PixelSize | undefined): void {
  const size = resultSize(request, source);
  if (size === undefined) return;
  const { width, height } = size;
  if (width <= MAX_IMAGE_SIDE && height <= MAX_IMAGE_SIDE && width * height <= MAX_IMAGE_PIXELS) return;
  throw new OverpaintError(
    "image-too-large",
    `The result would have ${width} × ${height} pixels; ${MAX_IMAGE_SIDE} a side and ${MAX_IMAGE_PIXELS} in all are allowed.`,
    "Ask for a smaller one.",
  );
}

/** The size of the whole picture after the edit. Undefined without the source it depends on. */
function resultSize(request: EditRequest, source: PixelSize | undefined): PixelSize | undefined {
  switch (request.task) {
    case "inpaint":
    case "edit":
    case "restyle":
      return source;
    case "outpaint":
      return (
        source && {
          width: request.left + source.width + request.right,
          height: request.top + source.height + request.bottom,
        }
      );
    case "upscale":
    case "create":
      return { width: request.width, height: request.height };
  }
}
