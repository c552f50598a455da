import { readImageHeader } from "../../../../shared/imaging/metadata/image-header.ts";
import { controlParts } from "../../../../shared/protocol/control.ts";
import { editParts, type KeptPart, partName, referenceParts } from "../../../../shared/protocol/edit-request.ts";
import { OverpaintError, toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { EditInput, PictureFile } from "../../engines/edit-engine.ts";
import type { EditJob } from "../list/edit-job.ts";

/**
 * What a job was drawn from: its own pictures, at hand or fetched back from its engine, whatever the draft shows by now. Throws
 * `source-changed` where they are kept nowhere any more, and `companion-unreachable`.
 */
export async function inputOf(job: EditJob): Promise<EditInput> {
  if (job.input !== undefined) return job.input;
  const { request, target, fileId } = job;
  const read = (parts: readonly KeptPart[]) => Promise.all(parts.map((part) => partOf(job, part)));
  const [image, mask] = await read(["image", "mask"]);
  const references = (await read(referenceParts)).filter((each) => each !== undefined);
  const controls = await read(controlParts.slice(0, request.controls.length));
  job.input = {
    request,
    ...(image && { image: fileOf(image) }),
    ...(mask && { mask }),
    ...(references.length > 0 && { references: references.map(fileOf) }),
    ...(controls.some((each) => each !== undefined) && { controls: controls.map((each) => each && fileOf(each)) }),
    ...(target && { target }),
    ...(fileId !== undefined && { fileId }),
  };
  return job.input;
}

/** Undefined where the job had none. */
async function partOf(job: EditJob, part: KeptPart): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { needed, optional } = editParts[job.request.task];
  const isNeeded = needed.includes(part);
  if (!isNeeded && !optional.includes(part)) return undefined;
  // Recipes name every picture that was sent.
  const known = job.variants.peek()[0] ?? job.missing.peek()[0] ?? job.remains.peek();
  const sent = known?.result.recipe.inputs;
  const wasSent = isNeeded || sent?.[part] !== undefined;
  if (sent !== undefined && !wasSent) return undefined;
  try {
    if (job.run !== undefined) return await job.run.readPart(part);
  } catch (error) {
    if (toErrorData(error).code !== "not-found") throw error;
  }
  if (!wasSent) return undefined;
  throw new OverpaintError(
    "source-changed",
    `${partName(part)} that this edit was drawn from is not kept any more.`,
    "Copy its recipe, or go back to the draft, choose what is missing and start it from the picture as it is now.",
  );
}

function fileOf(bytes: Uint8Array<ArrayBuffer>): PictureFile {
  return { bytes, mime: `image/${readImageHeader(bytes)?.format ?? "png"}` };
}
