import { decodeImage } from "../../companion-server/images/decode-image.ts";
import type { PlaygroundShape } from "../../plugin/playground/playground-api.ts";
import type { RgbaImage } from "../../shared/imaging/rgba-image.ts";
import { RECIPE_KEY, RECIPE_NAMESPACE, type Recipe, recipeSchema } from "../../shared/protocol/recipe.ts";
import type { PlaygroundSession } from "./playground-session.ts";

export interface InsertedLayer {
  readonly shape: PlaygroundShape;
  readonly recipe: Recipe;
  readonly pixels: RgbaImage;
}

export async function readInserted(session: PlaygroundSession, shape: PlaygroundShape): Promise<InsertedLayer> {
  const recipe = recipeSchema.parse(JSON.parse(shape.pluginData[`shared/${RECIPE_NAMESPACE}`]?.[RECIPE_KEY] ?? "null"));
  const fill = shape.fills[0];
  if (fill?.type !== "image") throw new Error("The layer shows no picture.");
  return { shape, recipe, pixels: await decodeImage(await session.mediaBytes(fill.mediaId), "the layer") };
}
