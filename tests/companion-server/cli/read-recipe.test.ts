import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRecipe } from "../../../companion-server/cli/run-recipe.ts";
import { RECIPE_KEYWORD } from "../../../shared/editing/layer/provenance.ts";
import { withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import { aRecipe } from "../../plugin/sandbox/a-recipe.ts";
import { insertChunk } from "../../support/png-chunks.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { pngOf } from "../support/pictures.ts";

const png = await pngOf({ width: 1, height: 1, channels: 3 });

const carrying = (recipe: object) => withPngText(png, [{ keyword: RECIPE_KEYWORD, text: JSON.stringify(recipe) }]);

test.each([
  ["no text", png, /carries no recipe/],
  [
    "a keyword of 300,000 letters",
    insertChunk(png, "iTXt", new Uint8Array(300_005).fill(107, 0, 300_000)),
    /carries no/,
  ],
  ["a recipe that is no JSON", withPngText(png, [{ keyword: RECIPE_KEYWORD, text: "{" }]), /cannot be read/],
  [
    "a recipe of another version",
    withPngText(png, [{ keyword: RECIPE_KEYWORD, text: '{"version":2}' }]),
    /cannot be read/,
  ],
  ["a recipe of a variant that there was none of", carrying({ ...aRecipe, variant: 1 }), /cannot be read/],
  [
    "a recipe whose plan is another task's",
    carrying({ ...aRecipe, request: { ...aRecipe.request, task: "upscale" } }),
    /cannot be read/,
  ],
])("a picture with %s is bad input", async (_, bytes, message) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "picture.png");
  await writeFile(path, bytes);
  await expect(readRecipe(path)).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringMatching(message),
  });
});
