import type { Model } from "../../../shared/diffusion/models/model-family.ts";
import type { EditedLayer } from "../../../shared/editing/passes/run-passes.ts";
import { type EditInputs, runEdit } from "../../../shared/editing/run-edit.ts";
import { type EditRequestInput, editRequestSchema } from "../../../shared/protocol/edit-request.ts";

/** Runs a request for one variant, its defaults filled in as at every other edge, and answers the layer. */
export async function runRequest(model: Model, request: EditRequestInput, inputs: EditInputs): Promise<EditedLayer> {
  const [layer] = await runEdit(editRequestSchema.parse({ ...request, count: 1 }), inputs, {
    model,
    now: () => performance.now(),
  });
  if (layer === undefined) throw new Error("The edit made no layer.");
  return layer;
}
