import { type EditPart, type EditRequestInput, editParts } from "../../../shared/protocol/edit-request.ts";
import { pngOf } from "./pictures.ts";

export interface SubmissionParts extends Readonly<Partial<Record<EditPart, Uint8Array<ArrayBuffer>>>> {
  readonly request?: Partial<EditRequestInput> | undefined;
  /** What the scripted engine does. */
  readonly script?: object;
}

/** A complete `POST jobs`, by default of an inpainting; any part can be replaced, and parts of no use can be added. */
export async function submission({ request, script, ...pictures }: SubmissionParts = {}): Promise<RequestInit> {
  const body = new FormData();
  const edit = { task: "inpaint" as const, prompt: script ? JSON.stringify(script) : "", ...request };
  body.append("request", new Blob([JSON.stringify({ request: edit })], { type: "application/json" }));
  const parts: SubmissionParts = {
    ...Object.fromEntries(editParts[edit.task].needed.map((part) => [part, undefined])),
    ...pictures,
  };
  for (const [part, bytes] of Object.entries(parts))
    body.append(part, new Blob([bytes ?? (await pngOf({ width: 8, height: 8, channels: 4 }))]), `${part}.png`);
  return { method: "POST", body };
}
