import { type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";

/** A valid recipe; what is in it does not matter to the sandbox. */
export const aRecipe: Recipe = recipeSchema.parse({
  version: 2,
  request: { task: "create", prompt: "a cat face", seed: 7, width: 128, height: 128 },
  variant: 0,
  seed: 7,
  plan: {
    task: "create",
    prompt: "a cat face",
    negativePrompt: null,
    guidanceScale: 2.5,
    guidanceRescale: 0,
    clipSkip: 0,
    eta: 0,
    seed: 7,
    count: 1,
    batch: 1,
    plain: false,
    target: { width: 128, height: 128 },
    passes: [
      {
        method: "prompt",
        working: { width: 128, height: 128 },
        seedOffset: 0,
        execution: { guidance: "together", isVaeTiled: false },
        schedule: { scheduler: "dpmpp-2m", steps: 20 },
      },
    ],
  },
  inputs: { image: "0".repeat(64) },
  model: { id: "starter", files: {} },
  engine: { place: "companion", device: "cpu", provider: "cpu", version: "0.1.0" },
});
