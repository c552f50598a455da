import type { Shape } from "@penpot/plugin-types";
import { RECIPE_KEY, RECIPE_NAMESPACE, type Recipe } from "../../shared/protocol/recipe.ts";

/** Writes into the shape how its picture came to be, where every plugin can read it. */
export function keepRecipe(shape: Shape, recipe: Recipe): void {
  shape.setSharedPluginData(RECIPE_NAMESPACE, RECIPE_KEY, JSON.stringify(recipe));
}
