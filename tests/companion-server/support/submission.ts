import type { EditRequestInput } from "../../../shared/protocol/edit-request.ts";
import { pngOf } from "./pictures.ts";

export interface SubmissionParts {
  readonly request?: Partial<EditRequestInput> | undefined;
  /** What the scripted engine does. */
  readonly script?: object;
  readonly image?: Uint8Array<ArrayBuffer>;
  readonly mask?: Uint8Array<ArrayBuffer>;
}

/** A complete `POST jobs`, any part of which can be replaced. */
export async function submission({ request, script, image, mask }: SubmissionParts = {}): Promise<RequestInit> {
  const body = new FormData();
  const edit = { task: "inpaint", prompt: script ? JSON.stringify(script) : "", ...request };
  body.append("request", new Blob([JSON.stringify({ request: edit })], { type: "application/json" }));
  body.append("image", new Blob([image ?? (await pngOf({ width: 8, height: 8, channels: 4 }))]), "photo.png");
  body.append("mask", new Blob([mask ?? (await pngOf({ width: 8, height: 8, channels: 1 }))]), "mask.png");
  return { method: "POST", body };
}
