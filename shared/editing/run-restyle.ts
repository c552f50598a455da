import type { RestyleRequest } from "../protocol/edit-request.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { EditedLayer, EditInputs, RunEditOptions } from "./run-edit.ts";

export async function runRestyle(
  request: RestyleRequest,
  _inputs: EditInputs,
  _options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  throw new OverpaintError("unsupported-model", `"${request.model}" cannot restyle yet.`);
}
