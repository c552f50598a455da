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
});
export type SelectedImage = z.output<typeof selectedImageSchema>;

export const selectionSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("image"), image: selectedImageSchema }),
  z.object({ type: z.literal("none"), error: errorDataSchema }),
]);
export type Selection = z.output<typeof selectionSchema>;

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
  /** Answers `place-layer`. */
  z.object({ source, type: z.literal("placed"), requestId, shapeId: z.string() }),
  /** Answers any request that failed. */
  z.object({ source, type: z.literal("failed"), requestId, error: errorDataSchema }),
]);
export type SandboxMessage = z.output<typeof sandboxMessageSchema>;

/** What the panel tells the sandbox. */
export const panelMessageSchema = z.discriminatedUnion("type", [
  /** Sent first: messages posted before the panel listens are lost. Answered with `theme` and `selection`. */
  z.object({ source, type: z.literal("ready") }),
  z.object({ source, type: z.literal("read-image"), requestId, shapeId: z.string() }),
  z.object({
    source,
    type: z.literal("place-layer"),
    requestId,
    pageId: z.string(),
    shapeId: z.string(),
    name: z.string(),
    png: bytesSchema,
    /** Where the layer lies, in pixels of the source image. */
    layer: pixelRectSchema,
    /** Pixel size of the source image the layer was made from. */
    image: pixelSizeSchema,
    recipe: recipeSchema,
  }),
  z.object({ source, type: z.literal("select-shape"), shapeId: z.string() }),
  z.object({ source, type: z.literal("resize"), width: z.number().positive(), height: z.number().positive() }),
]);
export type PanelMessage = z.output<typeof panelMessageSchema>;
