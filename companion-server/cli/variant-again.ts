import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import type { Plan } from "../../shared/protocol/plan.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";

export interface VariantAgain {
  readonly request: EditRequest;
  /** Undefined where the recipe holds none that can be run. */
  readonly plan: Plan | undefined;
  /** Which of the variants that are drawn is the wanted one. */
  readonly index: number;
}

/**
 * The run that draws one variant of several, and of the others only those it was drawn together with: variant k of seed s is
 * the first variant of seed s + k.
 */
export function variantAgain(recipe: Recipe): VariantAgain {
  const { request, variant } = recipe;
  const batch = recipe.version === 2 ? recipe.plan.batch : 1;
  const index = variant % batch;
  const first = variant - index;
  const run = { seed: (request.seed + first) >>> 0, count: Math.min(batch, request.count - first) };
  return {
    request: { ...request, ...run },
    plan: recipe.version === 2 ? { ...recipe.plan, ...run } : undefined,
    index,
  };
}
