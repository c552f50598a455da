import { expect, test } from "vitest";
import { variantAgain } from "../../../companion-server/cli/run-recipe.ts";
import { editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";
import { aRecipe } from "../../plugin/sandbox/a-recipe.ts";

const request = editRequestSchema.parse({ task: "restyle", prompt: "a boat", style: "riso", seed: 7, count: 10 });

function recipeWith(batch: number, variant: number): Recipe {
  if (aRecipe.version !== 2) throw new Error("Recipes are of version 2.");
  return { ...aRecipe, request, variant, plan: { ...aRecipe.plan, seed: 7, count: 10, batch } };
}

test.each([
  ["one that was drawn alone, by its own seed", 1, 5, { seed: 12, count: 1 }, 0],
  ["the batch it was drawn in", 4, 5, { seed: 11, count: 4 }, 1],
  ["the rest that its batch was", 4, 9, { seed: 15, count: 2 }, 1],
])("draws %s, and changes nothing else", (_, batch, variant, changed, index) => {
  const recipe = recipeWith(batch, variant);
  expect(variantAgain(recipe)).toEqual({
    request: { ...request, ...changed },
    plan: { ...(recipe.plan as object), ...changed },
    index,
  });
});

test("plans a recipe anew whose plan has the form of the first version", () => {
  const old = recipeSchema.parse({ ...aRecipe, version: 1, request, variant: 5, plan: { task: "create", steps: 2 } });
  expect(variantAgain(old)).toEqual({ request: { ...request, seed: 12, count: 1 }, plan: undefined, index: 0 });
});
