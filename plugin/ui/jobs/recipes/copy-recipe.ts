import type { Recipe } from "../../../../shared/protocol/recipe.ts";

/**
 * Puts a recipe on the clipboard as JSON; to be called in a click. By a selection, as documents always could: a page within another
 * one is refused the newer clipboard unless that one allows it, and on plain http from another machine there is none.
 */
export function copyRecipe(recipe: Recipe): void {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = JSON.stringify(recipe, null, 2);
  field.style.position = "fixed";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
}
