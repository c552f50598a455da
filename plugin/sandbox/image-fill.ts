import type { Fill, ImageData, Shape } from "@penpot/plugin-types";

/**
 * The picture one sees in a shape: its topmost image fill, unless an opaque fill covers it. `fills[0]` is the top.
 * Text with several styles answers "mixed" instead of fills.
 */
export function visibleImageFill(shape: Shape): ImageData | undefined {
  if (!Array.isArray(shape.fills)) return undefined;
  for (const fill of shape.fills) {
    const isVisible = (fill.fillOpacity ?? 1) > 0;
    if (fill.fillImage && isVisible) return fill.fillImage;
    if (isOpaqueColor(fill)) return undefined;
  }
  return undefined;
}

function isOpaqueColor(fill: Fill): boolean {
  return fill.fillColor !== undefined && (fill.fillOpacity ?? 1) === 1;
}
