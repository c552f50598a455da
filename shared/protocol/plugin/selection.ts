import { z } from "zod";
import { errorDataSchema } from "../error-data.ts";
import { pixelRectSchema, pixelSizeSchema } from "../geometry.ts";
import { outlineSchema } from "./outline.ts";

/** A shape by its id and what the layer list calls it. */
export const namedShapeSchema = z.object({ shapeId: z.string(), name: z.string() });
export type NamedShape = z.output<typeof namedShapeSchema>;

/** A selected shape that is no picture to edit. `type` is Penpot's. */
export const selectedShapeSchema = namedShapeSchema.extend({ type: z.string() });
export type SelectedShape = z.output<typeof selectedShapeSchema>;

/**
 * How a result has to come into the document to look as its source does. "layer": laid over it. "group": laid over it, and
 * both put into a group that takes over the source's opacity and blend mode. "picture": only a new picture in its place can.
 */
const insertions = ["layer", "group", "picture"] as const;

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
  /** What the shape cuts its picture to; absent where that is the whole box. */
  outline: outlineSchema.optional(),
  /** How far strokes cover the picture from its outline inward, in image pixels. */
  rim: z.number().nonnegative(),
  /** Overpaint's visible layers over it, from bottom to top: with them it is what one sees. */
  layers: z.array(namedShapeSchema),
  /** Changes with the picture and with everything that decides how these layers lie over it. */
  version: z.string(),
  /** Whether Overpaint made it; the source is named while it is on the page. `read-recipe` tells how. */
  made: z.object({ source: namedShapeSchema.optional() }).optional(),
  insertion: z.enum(insertions),
  /**
   * The board it stands in, in pixels of the image and along its axes: the fewest whole pixels that cover the board.
   * Absent where there is no board, or one that is turned against the picture.
   */
  board: z
    .object({
      shapeId: z.string(),
      name: z.string(),
      area: pixelRectSchema,
      /** Whether it hides what lies beyond it. */
      clips: z.boolean(),
    })
    .optional(),
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

const shapes = z.array(selectedShapeSchema);

/**
 * `target`: the one selected shape, where a new picture could go. A pair: either may be edited, in the style of the other.
 * `shapes`: the selected shapes besides the pictures, which can serve as a mask (`read-mask`).
 */
export const selectionSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("image"),
    image: selectedImageSchema,
    target: pictureTargetSchema.optional(),
    shapes,
  }),
  z.object({ type: z.literal("pair"), images: z.tuple([selectedImageSchema, selectedImageSchema]) }),
  z.object({
    type: z.literal("none"),
    error: errorDataSchema,
    target: pictureTargetSchema.optional(),
    shapes,
    /** Pictures inside or beneath what is selected, which the designer may have meant; from top to bottom. */
    pictures: z.array(selectedImageSchema),
  }),
]);
export type Selection = z.output<typeof selectionSchema>;
