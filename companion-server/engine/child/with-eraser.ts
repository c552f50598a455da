import { readFile } from "node:fs/promises";
import { describePainted } from "../../../shared/editing/context/describe-painted.ts";
import { erasesBetter } from "../../../shared/planning/plans/plan-erase.ts";
import { decodeMask } from "../../images/decode-image.ts";
import { inspectPack } from "../../models/inspect-pack.ts";
import type { EngineJob } from "../engine.ts";

/**
 * The job with the model that draws it: the erase network that it offers its removal to where that removes better, as planning
 * tells from the mask. A recipe's plan is run by the model that it was made for. Throws as decoding the mask does.
 */
export async function withEraser(job: EngineJob): Promise<EngineJob> {
  const { eraser, request, inputs, inputNames, plan } = job;
  if (eraser === undefined || request.task !== "inpaint" || inputs.mask === undefined || plan !== undefined) return job;
  const mask = await decodeMask(await readFile(inputs.mask), inputNames?.mask ?? "The mask");
  const { id: _id, ...places } = eraser;
  const { facts } = await inspectPack(places);
  // The mask has the picture's size.
  return erasesBetter(request, mask, describePainted(mask), facts) ? { ...job, model: eraser } : job;
}
