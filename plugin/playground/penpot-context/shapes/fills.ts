import type { Fill, Gradient, ImageData } from "@penpot/plugin-types";
import { gradientSchema } from "../../document/decoration.ts";
import type { Media, MediaId, MediaStore } from "../../document/media-store.ts";
import type { FillData } from "../../document/shape.ts";
import { liveObject, pluginObject } from "../plugin-object.ts";
import { parsed } from "./shape-handle.ts";

/** Penpot's own limit on the fills of a shape. */
const MAX_FILLS = 8;

const fillKeys = [
  "fillColor",
  "fillOpacity",
  "fillColorGradient",
  "fillImage",
  "fillColorRefId",
  "fillColorRefFile",
] as const;
const paintKeys = ["fillColor", "fillColorGradient", "fillImage"] as const;
export const gradientKeys = ["type", "startX", "startY", "endX", "endY", "width", "stops"] as const;

/** A picture as plugins see it: `data` reads the original bytes and, unlike the rest, does not enumerate. */
export function toImageData(media: Media, keepAspectRatio?: boolean): ImageData {
  return pluginObject({
    id: media.id as string,
    name: media.name,
    width: media.width,
    height: media.height,
    mtype: media.mime as string,
    ...(keepAspectRatio !== undefined && { keepAspectRatio }),
    data: async () => new Uint8Array(media.bytes),
  }) as ImageData;
}

/** Fills that follow the document; assigning to a member of one goes through `write` with all of them. */
export function liveFills(
  read: () => readonly FillData[],
  write: (fills: readonly FillData[]) => void,
  media: MediaStore,
): Fill[] {
  return read().map((_, index) => {
    const current = () => {
      const fill = read()[index];
      return fill ? toPluginFill(fill, media) : {};
    };
    const change = (values: Partial<Fill>) => {
      const paint = paintKeys.find((key) => values[key] !== undefined);
      // A new paint takes the place of the one there was.
      const kept = paint
        ? { ...current(), fillColor: undefined, fillColorGradient: undefined, fillImage: undefined }
        : current();
      const next = fromPluginFill({ ...kept, ...values } as Fill, media);
      write(read().map((fill, position) => (position === index ? next : fill)));
    };
    const withGradient = (): Fill => {
      const fill = current();
      if (!fill.fillColorGradient) return fill;
      const gradient = () => current().fillColorGradient as Gradient;
      const changeGradient = (values: Partial<Gradient>) => change({ fillColorGradient: { ...gradient(), ...values } });
      return { ...fill, fillColorGradient: liveObject(gradientKeys, gradient, changeGradient) };
    };
    return liveObject<Fill>(fillKeys, withGradient, change);
  });
}

function toPluginFill(fill: FillData, media: MediaStore): Fill {
  const common = {
    fillOpacity: fill.opacity,
    ...(fill.refId !== undefined && { fillColorRefId: fill.refId }),
    ...(fill.refFile !== undefined && { fillColorRefFile: fill.refFile }),
  };
  switch (fill.type) {
    case "color":
      return { fillColor: fill.color, ...common };
    case "gradient":
      return { fillColorGradient: toPluginGradient(fill), ...common };
    case "image": {
      const picture = media.get(fill.mediaId);
      return picture ? { fillImage: toImageData(picture, fill.keepAspectRatio), ...common } : common;
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
  const paints = paintKeys.filter((key) => fill[key] !== undefined && fill[key] !== null);
  if (paints.length !== 1) throw new Error("a fill has exactly one of fillColor, fillColorGradient and fillImage");
  const opacity = fill.fillOpacity ?? 1;
  if (!(opacity >= 0 && opacity <= 1)) throw new Error(`fillOpacity ${opacity} is not between 0 and 1`);
  const common = {
    opacity,
    ...(fill.fillColorRefId && { refId: fill.fillColorRefId }),
    ...(fill.fillColorRefFile && { refFile: fill.fillColorRefFile }),
  };
  if (fill.fillImage) return { ...fromPluginImage(fill.fillImage, media), ...common };
  if (fill.fillColorGradient) return { ...fromPluginGradient(fill.fillColorGradient), ...common };
  const color = fill.fillColor ?? "";
  if (!/^#[0-9a-f]{6}$/i.test(color)) throw new Error(`fillColor ${color} is not a colour like #a1b2c3`);
  return { type: "color", color, ...common };
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
    width: fill.width ?? 1,
    stops: fill.stops.map((stop) => ({ ...stop })),
  };
}

function fromPluginGradient(value: Gradient): Omit<FillData & { type: "gradient" }, "opacity"> {
  const gradient = parsed(gradientSchema, value);
  return {
    type: "gradient",
    kind: gradient.type,
    start: { x: gradient.startX, y: gradient.startY },
    end: { x: gradient.endX, y: gradient.endY },
    width: gradient.width,
    stops: gradient.stops,
  };
}
