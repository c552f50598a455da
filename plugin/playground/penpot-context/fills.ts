import type { Fill, Gradient, ImageData } from "@penpot/plugin-types";
import type { Media, MediaId, MediaStore } from "../document/media-store.ts";
import type { FillData } from "../document/shape.ts";

/** Penpot's own limit on the fills of a shape. */
const MAX_FILLS = 8;

/** A picture as plugins see it: `data` reads the original bytes and, unlike the rest, does not enumerate. */
export function toImageData(media: Media, keepAspectRatio?: boolean): ImageData {
  const image = {
    id: media.id as string,
    name: media.name,
    width: media.width,
    height: media.height,
    mtype: media.mime as string,
    ...(keepAspectRatio !== undefined && { keepAspectRatio }),
  };
  return Object.defineProperty(image, "data", { value: async () => new Uint8Array(media.bytes) }) as ImageData;
}

export function toPluginFill(fill: FillData, media: MediaStore): Fill {
  const fillOpacity = fill.opacity;
  switch (fill.type) {
    case "color":
      return { fillColor: fill.color, fillOpacity };
    case "gradient":
      return { fillColorGradient: toPluginGradient(fill), fillOpacity };
    case "image": {
      const picture = media.get(fill.mediaId);
      return picture ? { fillImage: toImageData(picture, fill.keepAspectRatio), fillOpacity } : { fillOpacity };
    }
    default:
      return fill satisfies never;
  }
}

/** Throws for what Penpot's schema refuses: no or several paints in one fill, unknown pictures, too many fills. */
export function fromPluginFills(value: unknown, media: MediaStore): FillData[] {
  if (!Array.isArray(value)) throw new Error("fills must be an array");
  if (value.length > MAX_FILLS) throw new Error(`${value.length} fills are more than ${MAX_FILLS}`);
  return value.map((fill: Fill) => fromPluginFill(fill, media));
}

function fromPluginFill(fill: Fill, media: MediaStore): FillData {
  const paints = [fill.fillColor, fill.fillColorGradient, fill.fillImage].filter((paint) => paint !== undefined);
  if (paints.length !== 1) throw new Error("a fill has exactly one of fillColor, fillColorGradient and fillImage");
  const opacity = fill.fillOpacity ?? 1;
  if (!(opacity >= 0 && opacity <= 1)) throw new Error(`fillOpacity ${opacity} is not between 0 and 1`);
  if (fill.fillImage) return { ...fromPluginImage(fill.fillImage, media), opacity };
  if (fill.fillColorGradient) return { ...fromPluginGradient(fill.fillColorGradient), opacity };
  const color = fill.fillColor ?? "";
  if (!/^#[0-9a-f]{6}$/i.test(color)) throw new Error(`fillColor ${color} is not a colour like #a1b2c3`);
  return { type: "color", color, opacity };
}

function fromPluginImage(image: ImageData, media: MediaStore): Omit<FillData & { type: "image" }, "opacity"> {
  const mediaId = image.id as MediaId;
  if (!media.get(mediaId)) throw new Error(`there is no picture ${image.id} in this file`);
  if (!Number.isInteger(image.width) || !Number.isInteger(image.height) || typeof image.mtype !== "string")
    throw new Error("fillImage needs a whole width and height and a media type");
  return { type: "image", mediaId, keepAspectRatio: image.keepAspectRatio === true };
}

function toPluginGradient(fill: FillData & { type: "gradient" }): Gradient {
  return {
    type: fill.kind,
    startX: fill.start.x,
    startY: fill.start.y,
    endX: fill.end.x,
    endY: fill.end.y,
    width: 1,
    stops: fill.stops.map((stop) => ({ ...stop })),
  };
}

function fromPluginGradient(gradient: Gradient): Omit<FillData & { type: "gradient" }, "opacity"> {
  return {
    type: "gradient",
    kind: gradient.type,
    start: { x: gradient.startX, y: gradient.startY },
    end: { x: gradient.endX, y: gradient.endY },
    stops: gradient.stops.map(({ color, opacity, offset }) => ({ color, opacity: opacity ?? 1, offset })),
  };
}
