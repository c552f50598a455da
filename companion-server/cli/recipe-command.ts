import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { RECIPE_KEYWORD } from "../../shared/editing/provenance.ts";
import { readPngText } from "../../shared/imaging/png-metadata.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { recipeSchema } from "../../shared/protocol/recipe.ts";

export function recipeCommand(): Command {
  return new Command("recipe")
    .description("how a picture was made")
    .addCommand(new Command("show").description("print a picture's recipe").argument("<file.png>").action(show));
}

async function show(path: string): Promise<void> {
  const file = await readFile(path).catch((cause) => {
    throw new OverpaintError("unreadable-image", `${path} cannot be opened.`, "Check the file's name.", { cause });
  });
  const entry = readPngText(file).find(({ keyword }) => keyword === RECIPE_KEYWORD);
  if (entry === undefined)
    throw new OverpaintError("invalid-request", `${path} carries no recipe.`, "Only pictures made by Overpaint do.");
  console.log(JSON.stringify(recipeSchema.parse(JSON.parse(entry.text)), undefined, 2));
}
