import { readFile } from "node:fs/promises";
import { RECIPE_KEYWORD } from "../../shared/editing/provenance.ts";
import { readPngText } from "../../shared/imaging/metadata/png-metadata.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { type Recipe, recipeSchema } from "../../shared/protocol/recipe.ts";

/** The recipe in a picture's metadata. Throws `unreadable-image`, or `invalid-request` for a picture without a whole one. */
export async function readRecipe(path: string): Promise<Recipe> {
  const file = await readFile(path).catch((cause) => {
    throw new OverpaintError("unreadable-image", `${path} cannot be opened.`, "Check the file's name.", { cause });
  });
  const text = readPngText(file).find(({ keyword }) => keyword === RECIPE_KEYWORD)?.text;
  if (text === undefined)
    throw new OverpaintError("invalid-request", `${path} carries no recipe.`, "Only pictures made by Overpaint do.");
  try {
    return recipeSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new OverpaintError(
      "invalid-request",
      `The recipe of ${path} cannot be read: it is damaged, or a newer version wrote it.`,
      "Use the picture as it was saved.",
      { cause },
    );
  }
}
