import type { Penpot, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { MaskRegion } from "../../../shared/protocol/plugin/mask.ts";
import { multiply } from "../../../shared/protocol/plugin/matrix.ts";
import type { PanelMessage } from "../../../shared/protocol/plugin/messages.ts";
import type { Matrix } from "../../../shared/protocol/plugin/outline.ts";
import { outlineOf } from "../geometry/outline-of.ts";
import { pageToPixels, pixelsToPage } from "../geometry/picture-matrix.ts";
import { describeImage } from "./describe-image.ts";
import { exportPng } from "./export-png.ts";
import { findShape } from "./find-shape.ts";
import { fingerprint } from "./fingerprint.ts";
import { findVisibleImage } from "./image-fill.ts";
import { readPngSize } from "./media-type.ts";
import { readOriginal } from "./read-original.ts";

type MaskRequest = Pick<Extract<PanelMessage, { type: "read-mask" }>, "shapeId" | "shapeIds" | "by">;

/** Longest side of a rendered shape, in pixels: what Penpot's exporter draws in reasonable time. */
const MAX_EXPORT_SIDE = 4_096;

/** A region whose pictures are still to be read, with the facts that decide what they show. */
type UnreadRegion =
  | Extract<MaskRegion, { type: "outline" }>
  | {
      readonly type: "picture";
      readonly facts: unknown;
      readonly opacity: number;
      readonly read: () => Promise<Pick<Extract<MaskRegion, { type: "picture" }>, "bytes" | "mime" | "matrix">>;
    }
  | {
      readonly type: "union";
      readonly regions: readonly UnreadRegion[];
      readonly within?: UnreadRegion | undefined;
    };

export interface ReadMask {
  readonly region: MaskRegion;
  /** Changes when one of the shapes changes, or its place on the picture. */
  readonly version: string;
}

/**
 * The shapes as a region of the picture. Throws `source-changed`, `no-image-in-selection`, `image-too-large`,
 * `unsupported-shape`, `empty-mask` when none of the shapes encloses anything, `unreadable-image` when a text cannot be drawn.
 */
export async function readMask(penpot: Penpot, request: MaskRequest): Promise<ReadMask> {
  const unread = maskRegion(penpot, request);
  return { region: await readRegion(unread), version: versionOf(unread) };
}

/** The version that `readMask` would answer now. Throws as it does, but for what is only read. */
export function maskVersion(penpot: Penpot, request: MaskRequest): string {
  return versionOf(maskRegion(penpot, request));
}

function maskRegion(penpot: Penpot, { shapeId, shapeIds, by }: MaskRequest): UnreadRegion {
  const source = findShape(penpot, shapeId);
  const { image } = describeImage(penpot, source);
  const keepsAspectRatio = findVisibleImage(source)?.image.keepAspectRatio === true;
  const toPixels = pageToPixels(penpot, source, { image, keepsAspectRatio });
  const regionOf = by === "alpha" ? alphaOf : regionOfShape;
  const regions = shapeIds.flatMap((id) => regionOf(penpot, findShape(penpot, id), toPixels) ?? []);
  if (regions.length > 0) return { type: "union", regions };
  throw new OverpaintError(
    "empty-mask",
    "None of the selected layers encloses an area.",
    "Select shapes over the picture: rectangles, ellipses, paths, texts, groups or boards.",
  );
}

/** What the shape encloses; undefined for hidden and empty ones. */
function regionOfShape(penpot: Penpot, shape: Shape, toPixels: Matrix): UnreadRegion | undefined {
  if (shape.hidden) return undefined;
  if (shape.type === "group") {
    const children = shape.children.map((child) => regionOfShape(penpot, child, toPixels));
    // A mask group's lowest child is its mask, which shows nothing by itself.
    const [mask, ...shown] = shape.isMask() ? children : [undefined, ...children];
    const regions = shown.flatMap((region) => region ?? []);
    if (shape.isMask() && mask === undefined) return undefined;
    return regions.length === 0 ? undefined : { type: "union", regions, within: mask };
  }
  const outline = outlineOf(penpot, shape);
  if (outline === undefined) return drawnRegion(shape, toPixels);
  const { d, fillRule, toPage } = outline;
  return { type: "outline", outline: { d, fillRule, matrix: multiply(toPixels, toPage) } };
}

/** How opaque the shape is: its picture's own alpha, cut to the shape, or else that of its rendering. */
function alphaOf(penpot: Penpot, shape: Shape, toPixels: Matrix): UnreadRegion | undefined {
  const fill = findVisibleImage(shape);
  if (fill === undefined) return drawnRegion(shape, toPixels);
  const { image } = fill;
  const picture = { image, keepsAspectRatio: image.keepAspectRatio === true };
  const matrix = multiply(multiply(toPixels, pixelsToPage(penpot, shape, picture)), unitOf(image));
  const outline = outlineOf(penpot, shape);
  const region: UnreadRegion = {
    type: "picture",
    facts: [image.id, matrix],
    opacity: 1,
    read: async () => ({ ...(await readOriginal(image)), matrix }),
  };
  const within: UnreadRegion | undefined = outline && {
    type: "outline",
    outline: { d: outline.d, fillRule: outline.fillRule, matrix: multiply(toPixels, outline.toPage) },
  };
  return { type: "union", regions: [region], within };
}

/** The members that decide what a rendering shows, in the types that have no outline. */
const drawnMembers = [
  "characters",
  "fontFamily",
  "fontId",
  "fontVariantId",
  "fontSize",
  "fontWeight",
  "fontStyle",
  "lineHeight",
  "letterSpacing",
  "textTransform",
  "textDecoration",
  "align",
  "verticalAlign",
  "direction",
  "growType",
] as const;

/** A shape without an outline, rendered by Penpot about as fine as the picture. */
function drawnRegion(shape: Shape, toPixels: Matrix): UnreadRegion {
  const { bounds, rotation, flipX, flipY } = shape;
  const pixelsPerUnit = Math.hypot(toPixels[0], toPixels[1]);
  const scale = Math.min(pixelsPerUnit, MAX_EXPORT_SIDE / Math.max(bounds.width, bounds.height, 1));
  const text = drawnMembers.map((member) => (shape as unknown as Record<string, unknown>)[member] ?? null);
  const place = multiply(toPixels, [bounds.width, 0, 0, bounds.height, bounds.x, bounds.y]);
  return {
    type: "picture",
    facts: [shape.type, text, place, rotation, flipX, flipY],
    opacity: Math.max(0.01, shape.opacity ?? 1),
    read: async () => {
      const bytes = await exportPng(shape, scale);
      const size = readPngSize(bytes);
      if (!size) throw new Error("the export is not a PNG");
      return { bytes, mime: "image/png", matrix: multiply(toPixels, exportPlace(bounds, size, scale)) };
    },
  };
}

/**
 * Where an export lies on the page, as the unit square. It covers the shape's bounds from their corner in whole pixels, and is
 * larger about the middle where strokes or effects reach beyond them.
 */
function exportPlace(
  { x, y, width, height }: Shape["bounds"],
  size: { readonly width: number; readonly height: number },
  scale: number,
): Matrix {
  const [across, down] = [size.width / scale, size.height / scale];
  const reaches = (length: number, bound: number) => (length - bound) * scale > 1.5;
  return [
    across,
    0,
    0,
    down,
    reaches(across, width) ? x + (width - across) / 2 : x,
    reaches(down, height) ? y + (height - down) / 2 : y,
  ];
}

function unitOf({ width, height }: { readonly width: number; readonly height: number }): Matrix {
  return [width, 0, 0, height, 0, 0];
}

async function readRegion(region: UnreadRegion): Promise<MaskRegion> {
  switch (region.type) {
    case "outline":
      return region;
    case "picture":
      try {
        return { type: "picture", opacity: region.opacity, ...(await region.read()) };
      } catch (cause) {
        throw new OverpaintError(
          "unreadable-image",
          `Penpot could not draw a layer of the mask: ${cause instanceof Error ? cause.message : String(cause)}.`,
          "Try again in a moment, or use a shape instead: a text can be made a path.",
          { cause },
        );
      }
    case "union": {
      const regions = await Promise.all(region.regions.map(readRegion));
      const within = region.within && (await readRegion(region.within));
      return { type: "union", regions, ...(within && { within }) };
    }
    default:
      return region satisfies never;
  }
}

function versionOf(region: UnreadRegion): string {
  // Functions are left out of JSON, so what counts is outlines and facts.
  return fingerprint(region);
}
