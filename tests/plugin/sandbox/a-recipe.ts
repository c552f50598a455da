import { type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";

/** A valid recipe; what is in it does not matter to the sandbox. */
export const aRecipe: Recipe = recipeSchema.parse({
  version: 1,
  request: { task: "create", prompt: "a cat face", seed: 7, width: 128, height: 128 },
  variant: 0,
  seed: 7,
  plan: {
    task: "create",
    working: { width: 128, height: 128 },
    scheduler: "dpmpp-2m",
    steps: 20,
    guidanceScale: 2.5,
    plain: false,
  },
  inputs: { image: "0".repeat(64) },
  model: { id: "starter", files: {} },
  engine: { place: "companion", device: "cpu", provider: "cpu", version: "0.1.0" },
});
