import type { Shape } from "@penpot/plugin-types";
import { z } from "zod";
import {
  DRAWN_ON_KEY,
  JOB_KEY,
  MASK_KEY,
  PLACEMENT_KEY,
  RECIPE_KEY,
  RECIPE_NAMESPACE,
  type Recipe,
  recipeSchema,
  SOURCE_KEY,
  SOURCE_MEDIA_KEY,
} from "../../../shared/protocol/recipe.ts";
import { visibleImageFill } from "../reading/image-fill.ts";

/**
 * How a shape's picture came to be, in its shared plugin data: it goes with the shape through copy, paste, export and
 * import, and every plugin can read it.
 */
export interface Origin {
  readonly recipe: Recipe;
  readonly job: string | undefined;
  readonly placementId: string;
  /** The shape whose picture it was made from. */
  readonly source: Shape | undefined;
  /** What was painted, as text. */
  readonly mask?: string | undefined;
  /** Ids of the layers that were part of that picture. */
  readonly drawnOn?: readonly string[];
}

export function keepOrigin(shape: Shape, { recipe, job, placementId, source, mask, drawnOn = [] }: Origin): void {
  const keep = (key: string, value: string) => shape.setSharedPluginData(RECIPE_NAMESPACE, key, value);
  keep(RECIPE_KEY, JSON.stringify(recipe));
  keep(PLACEMENT_KEY, placementId);
  keep(JOB_KEY, job ?? "");
  keep(MASK_KEY, mask ?? "");
  keep(DRAWN_ON_KEY, JSON.stringify(drawnOn));
  if (source === undefined) return;
  keep(SOURCE_KEY, source.id);
  keep(SOURCE_MEDIA_KEY, visibleImageFill(source)?.id ?? "");
}

const originKeys = [RECIPE_KEY, PLACEMENT_KEY, JOB_KEY, SOURCE_KEY, SOURCE_MEDIA_KEY, MASK_KEY, DRAWN_ON_KEY] as const;

/** Takes the origin as it is now; calling the answer brings it back. */
export function rememberOrigin(shape: Shape): () => void {
  const kept = originKeys.map((key) => [key, read(shape, key)] as const);
  return () => {
    for (const [key, value] of kept) shape.setSharedPluginData(RECIPE_NAMESPACE, key, value ?? "");
  };
}

export function isMade(shape: Shape): boolean {
  return read(shape, RECIPE_KEY) !== undefined;
}

/** Undefined where nothing says so that this version can read. */
export function keptRecipe(shape: Shape): Recipe | undefined {
  const text = read(shape, RECIPE_KEY);
  if (text === undefined) return undefined;
  try {
    return recipeSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function keptMask(shape: Shape): string | undefined {
  return read(shape, MASK_KEY);
}

/** The layers that were part of the picture that a shape's was made from; undefined where that is not known. */
export function keptDrawnOn(shape: Shape): string[] | undefined {
  try {
    return drawnOnSchema.safeParse(JSON.parse(read(shape, DRAWN_ON_KEY) ?? "")).data;
  } catch {
    return undefined;
  }
}
const drawnOnSchema = z.array(z.string());

/** The id of the shape that a layer was made from, as it was then: copies of a page have other ids. */
export function keptSource(layer: Shape): string | undefined {
  return read(layer, SOURCE_KEY);
}

export function keptSourceMedia(layer: Shape): string | undefined {
  return read(layer, SOURCE_MEDIA_KEY);
}

export function keptJob(shape: Shape): string | undefined {
  return read(shape, JOB_KEY);
}

function read(shape: Shape, key: string): string | undefined {
  return shape.getSharedPluginData(RECIPE_NAMESPACE, key) || undefined;
}
