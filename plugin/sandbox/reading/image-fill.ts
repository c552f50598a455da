import type { Fill, ImageData, Shape } from "@penpot/plugin-types";

/** The picture one sees in a shape, and which of its fills it is. */
export interface VisibleImageFill {
  readonly index: number;
  readonly image: ImageData;
  /** Of the fill, above 0 to 1. */
  readonly opacity: number;
}

/**
 * The picture one sees in a shape: its topmost image fill, unless an opaque fill covers it. `fills[0]` is the top.
 * Text with several styles answers "mixed" instead of fills.
 */
export function findVisibleImage(shape: Shape): VisibleImageFill | undefined {
  if (!Array.isArray(shape.fills)) return undefined;
  for (const [index, fill] of shape.fills.entries()) {
    const opacity = fill.fillOpacity ?? 1;
    if (fill.fillImage && opacity > 0) return { index, image: fill.fillImage, opacity };
    if (isOpaqueColor(fill)) return undefined;
  }
  return undefined;
}

export function visibleImageFill(shape: Shape): ImageData | undefined {
  return findVisibleImage(shape)?.image;
}

/** A fill of the picture, with the crop of the one whose place it takes. */
export function imageFill(media: ImageData, keepsAspectRatio: boolean, opacity = 1): Fill {
  // `data` is no enumerable member, and a fill is not read from it.
  const image = keepsAspectRatio ? { ...media, data: media.data, keepAspectRatio: true } : media;
  return { fillOpacity: opacity, fillImage: image };
}

/** A shape's fills as they are now. Those that Penpot hands out change with the shape. */
export function copyFills(shape: Shape): Fill[] {
  return (shape.fills as Fill[]).map(({ fillImage, ...fill }) => {
    const set = Object.fromEntries(Object.entries(fill).filter(([, value]) => value != null)) as Fill;
    return fillImage ? { ...set, fillImage: { ...fillImage, data: fillImage.data } } : set;
  });
}

/**
 * Whether the fill shows a part of its picture that was chosen by hand. Penpot stores such crops as a transform of the fill
 * (`image-transform`); the plugin API neither tells where it lies nor keeps it when fills are written.
 */
export function isCroppedByHand(image: ImageData): boolean {
  return Object.entries(image).some(([key, value]) => /transform/i.test(key) && value != null);
}

function isOpaqueColor(fill: Fill): boolean {
  return fill.fillColor !== undefined && (fill.fillOpacity ?? 1) === 1;
}
