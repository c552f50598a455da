import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorTable } from "../tensor-table.ts";

/** Throws OverpaintError `damaged-model` when a bias is not as long as its weight has rows: no module computes with both. */
export function requireMatchingShapes(place: string, component: string, weights: TensorTable): void {
  for (const name of weights.names()) {
    if (!name.endsWith(".bias")) continue;
    const weight = weights.dims(name.replace(/bias$/, "weight"));
    const bias = weights.dims(name);
    if (weight === undefined || bias === undefined || (bias.length === 1 && bias[0] === weight[0])) continue;
    throw new OverpaintError(
      "damaged-model",
      `${place} has a ${component} whose "${name}" is [${bias.join(", ")}] beside weights of [${weight.join(", ")}].`,
      "Download the model again.",
    );
  }
}
