import type { ModelFacts, RunDefaults } from "../../protocol/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** How a model is run where the request does not say. Throws OverpaintError `unsupported-model` for networks. */
export function runDefaults({ family, defaults }: ModelFacts): RunDefaults {
  if (defaults !== undefined) return defaults;
  throw new OverpaintError(
    "unsupported-model",
    `The model is a ${family} network, which does not draw in steps.`,
    "Choose a diffusion model.",
  );
}
