import { readFile, writeFile } from "node:fs/promises";
import { provenanceText } from "../../shared/editing/layer/provenance.ts";
import { withPngText } from "../../shared/imaging/metadata/png-metadata.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";
import type { DrawnVariant } from "./draw-once.ts";

/** A picture's place in the request it was made for. */
export type PlaceInRequest = Pick<Recipe, "request" | "variant">;

/** Has a picture that was drawn alone say that it is a variant of `request`, as it said at first. Its pixels stay. */
export async function tellAsVariant(drawn: DrawnVariant, { request, variant }: PlaceInRequest): Promise<DrawnVariant> {
  const recipe = { ...drawn.recipe, request, variant };
  await writeFile(drawn.layerFile, withPngText(await readFile(drawn.layerFile), provenanceText(recipe)));
  return { ...drawn, variant, recipe };
}
