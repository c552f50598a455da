import type { EditResult } from "../../../shared/protocol/edit-event.ts";
import type { EditRequest } from "../../../shared/protocol/edit-request.ts";

/** A variant of a request as an engine would announce it. */
export function resultOf(request: EditRequest, variant: number): EditResult {
  return {
    variant,
    layer: { x: 3, y: 4, width: 8, height: 8 },
    pixels: { width: 8, height: 8 },
    recipe: {
      version: 1,
      request,
      variant,
      seed: request.seed + variant,
      plan: null,
      inputs: {},
      model: { id: request.model, files: {} },
      engine: { place: "companion", device: "cpu", provider: "script", version: "0.0.0" },
    },
  };
}
