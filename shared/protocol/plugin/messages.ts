import { z } from "zod";
import { errorDataSchema } from "../error-data.ts";
import { pixelRectSchema, pixelSizeSchema } from "../geometry.ts";
import { MAX_MASK_CHARACTERS, recipeSchema } from "../recipe.ts";
import { boardToFillSchema } from "./board.ts";
import { bytesSchema } from "./bytes.ts";
import { historyEntrySchema, MAX_THUMBNAIL_CHARACTERS } from "./history.ts";
import { maskRegionSchema } from "./mask.ts";
import { namedShapeSchema, selectedImageSchema, selectionSchema } from "./selection.ts";
import { sourceIdentitySchema, sourceLayerSchema } from "./source.ts";

/** Penpot hands every message of a page to every plugin, so ours carry a mark. */
export const MESSAGE_SOURCE = "overpaint";
/** Under this name the panel's address holds the secret that marks the messages between it and its sandbox. */
export const SECRET_PARAMETER = "panel";

/** On every message, both ways. Messages with another secret are not ours, whatever else they say. */
const envelope = { source: z.literal(MESSAGE_SOURCE), secret: z.string().min(16) };
/** A message of either side without its marks. */
export type Unmarked<Message> = Message extends unknown ? Omit<Message, keyof typeof envelope> : never;

/** Pairs a request with its answer. */
const requestId = z.int().nonnegative();
const request = { ...envelope, requestId };

/** The kinds of file that Penpot stores and a result may come in. */
export const resultMimes = ["image/png", "image/webp", "image/jpeg"] as const;
export type ResultMime = (typeof resultMimes)[number];

/**
 * How a layer lies to its source. "part": above it, inside what shows of it. "whole": above it, the whole picture anew in
 * the same box with the same crop and outline. "around": beneath it, reaching beyond its borders.
 */
const layerPlaces = ["part", "whole", "around"] as const;

/**
 * Where a layer was put among the shapes around it. "results": above the source and what was made from it before.
 * "others": behind the source and, in order not to cover them, other shapes that lay behind it.
 */
const layerStackings = ["above-source", "above-results", "behind-source", "behind-others"] as const;
export type LayerStacking = (typeof layerStackings)[number];

/** What there is of something that the panel asked to be told of (`watch`). */
export const watchedSchema = z.object({
  key: z.string(),
  /** False once the shape is deleted, its insertion undone or its page left. */
  exists: z.boolean(),
  /** The picture that it shows now. */
  mediaId: z.string().optional(),
  /** As `SelectedImage.version`. */
  version: z.string().optional(),
  /** Version of the shapes whose outlines are a mask, as `read-mask` answers it; absent when one of them is gone. */
  maskVersion: z.string().optional(),
});
export type Watched = z.output<typeof watchedSchema>;

/** What the sandbox tells the panel. */
export const sandboxMessageSchema = z.discriminatedUnion("type", [
  z.object({ ...envelope, type: z.literal("theme"), theme: z.enum(["light", "dark"]) }),
  z.object({ ...envelope, type: z.literal("selection"), selection: selectionSchema }),
  /** Everything watched whose state has changed; all of it right after `watch`. */
  z.object({ ...envelope, type: z.literal("watched"), watched: z.array(watchedSchema) }),
  /** Answers `read-source`: the fill's original bytes (or a PNG export), and the layers over it from bottom to top. */
  z.object({
    ...request,
    type: z.literal("source"),
    image: selectedImageSchema,
    bytes: bytesSchema,
    mime: z.string(),
    layers: z.array(sourceLayerSchema),
    /** Other visible shapes over the picture, from bottom to top: references on request (`read-picture`), never part of it. */
    others: z.array(namedShapeSchema),
  }),
  /** Answers `read-mask`. `version` changes when one of the shapes does, or its place on the picture. */
  z.object({ ...request, type: z.literal("mask"), region: maskRegionSchema, version: z.string() }),
  /** Answers `read-picture`. */
  z.object({ ...request, type: z.literal("picture"), name: z.string(), bytes: bytesSchema, mime: z.string() }),
  /** Answers everything that puts a result into the document: the shape that shows it now. */
  z.object({
    ...request,
    type: z.literal("placed"),
    shapeId: z.string(),
    /** The picture by which it shows the result. */
    mediaId: z.string(),
    /** As the layer list shows it. */
    name: z.string(),
    /** Of a layer. */
    stacking: z.enum(layerStackings).optional(),
    /** Whether it took the place of an earlier variant of the same job. */
    hasReplaced: z.boolean(),
  }),
  /** Answers requests that only change something. */
  z.object({ ...request, type: z.literal("done") }),
  /** Answers `read-recipe`; without a recipe where Overpaint did not make the shape's picture. */
  z.object({
    ...request,
    type: z.literal("recipe"),
    recipe: recipeSchema.optional(),
    /** The shape whose picture it was made from, while that is on the page. */
    madeFrom: namedShapeSchema.optional(),
    /** What was painted for it, where that is kept (`MASK_KEY`). */
    mask: z.string().optional(),
    /** The layers that were part of the picture it was made from, where that is kept. */
    drawnOn: z.array(z.string()).optional(),
  }),
  /** Answers `read-history`, newest first. */
  z.object({ ...request, type: z.literal("history"), entries: z.array(historyEntrySchema) }),
  /** Answers `list-boards`: those of the open page, from top to bottom. Sizes in page units. */
  z.object({
    ...request,
    type: z.literal("boards"),
    boards: z.array(namedShapeSchema.extend({ width: z.number().positive(), height: z.number().positive() })),
  }),
  /** Answers any request that failed. */
  z.object({ ...request, type: z.literal("failed"), error: errorDataSchema }),
]);
export type SandboxMessage = z.output<typeof sandboxMessageSchema>;

/** A result on its way into the document. */
const placement = {
  ...request,
  /** Chosen by the panel for each insertion. One that is sent again because no answer came is not done twice. */
  placementId: z.string().min(1).max(60),
  /** The job it is a variant of. */
  job: z.string().max(60).optional(),
  name: z.string(),
  bytes: bytesSchema,
  mime: z.enum(resultMimes),
  recipe: recipeSchema,
  /** What was painted, to be kept beside the recipe (`MASK_KEY`). */
  mask: z.string().max(MAX_MASK_CHARACTERS).optional(),
  /** For the file's history, which is written in the same undo step: a step of its own would stand before the insertion. */
  thumbnail: z.string().max(MAX_THUMBNAIL_CHARACTERS).optional(),
};

const fromSource = {
  from: sourceIdentitySchema,
  /** Go on although the shape shows another picture than `from` says. */
  anyway: z.boolean(),
};

/** What the panel tells the sandbox. */
export const panelMessageSchema = z.discriminatedUnion("type", [
  /** Sent first: messages posted before the panel listens are lost. Answered with `theme` and `selection`. */
  z.object({ ...envelope, type: z.literal("ready") }),
  z.object({ ...request, type: z.literal("read-source"), shapeId: z.string() }),
  z.object({
    ...request,
    type: z.literal("read-mask"),
    /** The picture, on the open page. */
    shapeId: z.string(),
    shapeIds: z.array(z.string()).min(1),
    /** "outline": what the shapes enclose. "alpha": how opaque they are. */
    by: z.enum(["outline", "alpha"]),
  }),
  /** The original of the shape's picture, or a PNG of what the shape looks like. */
  z.object({ ...request, type: z.literal("read-picture"), shapeId: z.string() }),
  z.object({
    ...placement,
    ...fromSource,
    type: z.literal("place-layer"),
    place: z.enum(layerPlaces),
    /** Where the layer lies, in pixels of the source image. */
    layer: pixelRectSchema,
    /** The layers that were part of what was edited (`source`): it goes above them. */
    drawnOn: z.array(z.string()),
    /** False: takes the place of an earlier variant of the same job. */
    stacks: z.boolean(),
    /** For a layer around its source: whether the board that would clip it grows with it. */
    growsBoard: z.boolean(),
  }),
  /** Puts the picture in the place of the one that shows in the shape. */
  z.object({
    ...placement,
    ...fromSource,
    type: z.literal("replace-picture"),
    /** Where the new picture lies, in pixels of the old one; the shape grows with it. Absent: over the whole of it. */
    frame: pixelRectSchema.optional(),
    /** Layers that are part of the new picture, which are hidden. */
    drawnOn: z.array(z.string()),
  }),
  /** Puts a picture from nothing over the shape's other fills or, without a shape, onto the page. */
  z.object({
    ...placement,
    type: z.literal("place-picture"),
    shapeId: z.string().optional(),
    size: pixelSizeSchema,
  }),
  /** Lays a picture beneath all that stands on a board, covering it; a new board is put to the right of `beside`. */
  z.object({
    ...placement,
    type: z.literal("fill-board"),
    board: boardToFillSchema,
  }),
  /** Takes an insertion back, or does it again, where Penpot's own undo is out of reach: the keyboard is the panel's. */
  z.object({ ...request, type: z.literal("undo-placement"), placementId: z.string() }),
  z.object({ ...request, type: z.literal("redo-placement"), placementId: z.string() }),
  z.object({ ...request, type: z.literal("read-recipe"), shapeId: z.string() }),
  z.object({ ...request, type: z.literal("read-history") }),
  z.object({ ...request, type: z.literal("forget-history"), ids: z.array(z.string()) }),
  z.object({ ...request, type: z.literal("list-boards") }),
  /** From now on tells of these, and of nothing that was watched before. */
  z.object({
    ...envelope,
    type: z.literal("watch"),
    watches: z.array(
      z.object({
        key: z.string(),
        shapeId: z.string(),
        /** Shapes that are a mask on its picture. */
        maskShapeIds: z.array(z.string()),
        /** As in `read-mask`; absent means "outline". */
        maskBy: z.enum(["outline", "alpha"]).optional(),
      }),
    ),
  }),
  z.object({ ...envelope, type: z.literal("select-shape"), shapeId: z.string() }),
  z.object({ ...envelope, type: z.literal("resize"), width: z.number().positive(), height: z.number().positive() }),
]);
export type PanelMessage = z.output<typeof panelMessageSchema>;
