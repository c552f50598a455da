import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";

/** The request that draws one variant of several and no other: variant k of seed s is the first variant of seed s + k. */
export function variantAlone({ request, seed }: Pick<Recipe, "request" | "seed">): EditRequest {
  return { ...request, seed, count: 1 };
}
