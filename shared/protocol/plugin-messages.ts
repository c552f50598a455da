import { z } from "zod";
import { errorDataSchema } from "./error-data.ts";
import { pixelRectSchema, pixelSizeSchema } from "./geometry.ts";
import { recipeSchema } from "./recipe.ts";

/** Penpot hands every message of a page to every plugin, so ours carry a mark. */
export const MESSAGE_SOURCE = "overpaint";
const source = z.literal(MESSAGE_SOURCE);
const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "expected bytes");
/** Pairs a request with its answer. */
const requestId = z.int().nonnegative();

/** The chosen shape, without its pixels. Lengths in page units. */
export const selectedImageSchema = z.object({
  shapeId: z.string(),
  pageId: z.string(),
  fileId: z.string().optional(),
  name: z.string(),
  width: z.number().positive(),
  height: z.number().positive(),
  /** Clockwise, in degrees. */
  rotation: z.number(),
  /** Pixel size of the image fill. */
  image: pixelSizeSchema,
  /** The part of the image that shows in the shape (a fill that keeps its aspect ratio is cropped), in image pixels. */
  visible: pixelRectSchema,
  /** Identity of the fill's media; it changes when the picture does. */
  mediaId: z.string(),
  /**
   * The board it stands in, in pixels of the image and along its axes: the fewest whole pixels that cover the board.
   * Absent where there is no board, or one that is turned against the picture.
   */
  board: z.object({ name: z.string(), area: pixelRectSchema }).optional(),
});
export type SelectedImage = z.output<typeof selectedImageSchema>;

/** A selected shape that can take a new picture as its fill. Lengths in page units. */
export const pictureTargetSchema = z.object({
  shapeId: z.string(),
  pageId: z.string(),
  fileId: z.string().optional(),
  name: z.string(),
  kind: z.enum(["board", "shape"]),
  width: z.number().positive(),
  height: z.number().positive(),
});
export type PictureTarget = z.output<typeof pictureTargetSchema>;

/** `target`: the one selected shape, where a new picture could go. A pair: either may be edited, in the style of the other. */
export const selectionSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("image"), image: selectedImageSchema, target: pictureTargetSchema.optional() }),
  z.object({ type: z.literal("pair"), images: z.tuple([selectedImageSchema, selectedImageSchema]) }),
  z.object({ type: z.literal("none"), error: errorDataSchema, target: pictureTargetSchema.optional() }),
]);
export type Selection = z.output<typeof selectionSchema>;

/** The kinds of file that Penpot stores and a result may come in. */
export const resultMimes = ["image/png", "image/webp", "image/jpeg"] as const;
export type ResultMime = (typeof resultMimes)[number];

/**
 * How a layer lies to its source. "part": above it, inside what shows of it. "whole": above it, the whole picture anew in
 * the same box with the same crop. "around": beneath it, reaching beyond its borders.
 */
const layerPlaces = ["part", "whole", "around"] as const;

/**
 * Where a layer was put among the shapes around it. "results": above the source and what was made from it before.
 * "others": behind the source and, in order not to cover them, other shapes that lay behind it.
 */
const layerStackings = ["above-source", "above-results", "behind-source", "behind-others"] as const;
export type LayerStacking = (typeof layerStackings)[number];

/** What the sandbox tells the panel. */
export const sandboxMessageSchema = z.discriminatedUnion("type", [
  z.object({ source, type: z.literal("theme"), theme: z.enum(["light", "dark"]) }),
  z.object({ source, type: z.literal("selection"), selection: selectionSchema }),
  /** Answers `read-image`: the fill's original bytes (or a PNG export). */
  z.object({
    source,
    type: z.literal("image"),
    requestId,
    image: selectedImageSchema,
    bytes: bytesSchema,
    mime: z.string(),
  }),
  /** Answers `place-layer`, `replace-fill` and `place-picture`: the shape that shows the picture now. */
  z.object({
    source,
    type: z.literal("placed"),
    requestId,
    shapeId: z.string(),
    /** Of a layer. */
    stacking: z.enum(layerStackings).optional(),
  }),
  /** Answers any request that failed. */
  z.object({ source, type: z.literal("failed"), requestId, error: errorDataSchema }),
]);
export type SandboxMessage = z.output<typeof sandboxMessageSchema>;

/** A result on its way into the document. */
const placement = {
  source,
  requestId,
  name: z.string(),
  bytes: bytesSchema,
  mime: z.enum(resultMimes),
  recipe: recipeSchema,
};

/** What the panel tells the sandbox. */
export const panelMessageSchema = z.discriminatedUnion("type", [
  /** Sent first: messages posted before the panel listens are lost. Answered with `theme` and `selection`. */
  z.object({ source, type: z.literal("ready") }),
  z.object({ source, type: z.literal("read-image"), requestId, shapeId: z.string() }),
  z.object({
    ...placement,
    type: z.literal("place-layer"),
    pageId: z.string(),
    shapeId: z.string(),
    place: z.enum(layerPlaces),
    /** Where the layer lies, in pixels of the source image. */
    layer: pixelRectSchema,
    /** Pixel size of the source image the layer was made from. */
    image: pixelSizeSchema,
  }),
  /** Puts the picture in the place of the one that shows in the shape; nothing else of the shape changes. */
  z.object({
    ...placement,
    type: z.literal("replace-fill"),
    pageId: z.string(),
    shapeId: z.string(),
    /** The picture it was made from. */
    mediaId: z.string(),
  }),
  /** Puts a picture from nothing over the shape's other fills or, without a shape, onto the page. */
  z.object({
    ...placement,
    type: z.literal("place-picture"),
    shapeId: z.string().optional(),
    size: pixelSizeSchema,
  }),
  z.object({ source, type: z.literal("select-shape"), shapeId: z.string() }),
  z.object({ source, type: z.literal("resize"), width: z.number().positive(), height: z.number().positive() }),
]);
export type PanelMessage = z.output<typeof panelMessageSchema>;
