import { readFile } from "node:fs/promises";
import { RECIPE_KEYWORD } from "../../shared/editing/layer/provenance.ts";
import { readPngText } from "../../shared/imaging/metadata/png-metadata.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { type Recipe, recipeSchema } from "../../shared/protocol/recipe.ts";

/** The recipe in a picture's metadata. Throws `unreadable-image`, or `invalid-request` for a picture without one. */
export async function readRecipe(path: string): Promise<Recipe> {
  const file = await readFile(path).catch((cause) => {
    throw new OverpaintError("unreadable-image", `${path} cannot be opened.`, "Check the file's name.", { cause });
  });
  const text = readPngText(file).find(({ keyword }) => keyword === RECIPE_KEYWORD)?.text;
  if (text === undefined)
    throw new OverpaintError("invalid-request", `${path} carries no recipe.`, "Only pictures made by Overpaint do.");
  return recipeSchema.parse(JSON.parse(text));
}
