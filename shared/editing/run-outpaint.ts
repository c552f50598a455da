import type { OutpaintRequest } from "../protocol/edit-request.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { EditedLayer, EditInputs, RunEditOptions } from "./run-edit.ts";

export async function runOutpaint(
  request: OutpaintRequest,
  _inputs: EditInputs,
  _options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  throw new OverpaintError("unsupported-model", `"${request.model}" cannot outpaint yet.`);
}
