import type { CreateRequest } from "../protocol/edit-request.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { EditedLayer, RunEditOptions } from "./run-edit.ts";

export async function runCreate(request: CreateRequest, _options: RunEditOptions): Promise<readonly EditedLayer[]> {
  throw new OverpaintError("unsupported-model", `"${request.model}" cannot create yet.`);
}
