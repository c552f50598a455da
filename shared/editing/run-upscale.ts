import type { UpscaleRequest } from "../protocol/edit-request.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { EditedLayer, EditInputs, RunEditOptions } from "./run-edit.ts";

export async function runUpscale(
  request: UpscaleRequest,
  _inputs: EditInputs,
  _options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  throw new OverpaintError("unsupported-model", `"${request.model}" cannot upscale yet.`);
}
