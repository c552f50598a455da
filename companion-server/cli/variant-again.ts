import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";

export interface VariantAgain {
  readonly request: EditRequest;
  /** Which of the request's variants is the wanted one. */
  readonly index: number;
}

/**
 * The request that draws one variant of several, and of the others only those it was drawn together with: variant k of
 * seed s is the first variant of seed s + k.
 */
export function variantAgain({ request, variant, plan }: Pick<Recipe, "request" | "variant" | "plan">): VariantAgain {
  const batch = plan.execution?.batch ?? 1;
  const index = variant % batch;
  const first = variant - index;
  const count = Math.min(batch, request.count - first);
  return { request: { ...request, seed: (request.seed + first) >>> 0, count }, index };
}
