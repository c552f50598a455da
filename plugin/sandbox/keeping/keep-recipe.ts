import type { Shape } from "@penpot/plugin-types";
import {
  RECIPE_KEY,
  RECIPE_NAMESPACE,
  type Recipe,
  recipeSchema,
  SOURCE_KEY,
} from "../../../shared/protocol/recipe.ts";

/** Writes into the shape how its picture came to be, where every plugin can read it. */
export function keepRecipe(shape: Shape, recipe: Recipe): void {
  shape.setSharedPluginData(RECIPE_NAMESPACE, RECIPE_KEY, JSON.stringify(recipe));
}

/** Writes into a layer from which shape's picture it was made. */
export function keepSource(layer: Shape, source: Shape): void {
  layer.setSharedPluginData(RECIPE_NAMESPACE, SOURCE_KEY, source.id);
}

/** The id of the shape that a layer was made from, as it was then: copies of a page have other ids. */
export function keptSource(layer: Shape): string | undefined {
  return layer.getSharedPluginData(RECIPE_NAMESPACE, SOURCE_KEY) || undefined;
}

/** How the shape's picture came to be; undefined where nothing says so that this version can read. */
export function keptRecipe(shape: Shape): Recipe | undefined {
  const text = shape.getSharedPluginData(RECIPE_NAMESPACE, RECIPE_KEY);
  if (!text) return undefined;
  try {
    return recipeSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
