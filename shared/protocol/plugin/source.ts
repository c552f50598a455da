import { z } from "zod";
import { pixelSizeSchema } from "../geometry.ts";
import { bytesSchema } from "./bytes.ts";
import { matrixSchema, outlineSchema } from "./outline.ts";
import { namedShapeSchema } from "./selection.ts";

/** CSS blend modes, as Penpot names them. */
export const blendModes = [
  "normal",
  "darken",
  "multiply",
  "color-burn",
  "lighten",
  "screen",
  "color-dodge",
  "overlay",
  "soft-light",
  "hard-light",
  "difference",
  "exclusion",
  "hue",
  "saturation",
  "color",
  "luminosity",
] as const;
export type BlendMode = (typeof blendModes)[number];

/**
 * Which picture an edit began from; it is compared with what is there when the result is placed. Penpot never changes a media
 * file, so its id stands for the file's every byte.
 */
export const sourceIdentitySchema = z.object({
  fileId: z.string().max(100).optional(),
  pageId: z.string().max(100),
  shapeId: z.string().max(100),
  mediaId: z.string().max(100),
  image: pixelSizeSchema,
});
export type SourceIdentity = z.output<typeof sourceIdentitySchema>;

/** A layer that Overpaint laid over the source, with its pixels. */
export const sourceLayerSchema = namedShapeSchema.extend({
  bytes: bytesSchema,
  mime: z.string(),
  /** Lays the unit square, which its upright picture fills, over pixels of the source. */
  matrix: matrixSchema,
  /** What its shape cuts it to; absent where all its pixels show. */
  outline: outlineSchema.optional(),
  /** Of shape and fill together, 0 to 1. */
  opacity: z.number().min(0).max(1),
  blendMode: z.enum(blendModes),
});
export type SourceLayer = z.output<typeof sourceLayerSchema>;
