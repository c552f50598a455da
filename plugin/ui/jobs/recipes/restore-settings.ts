import type { Job } from "../../../../shared/protocol/api.ts";
import type { EditRequest, UpscaleRequest } from "../../../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../../../shared/protocol/geometry.ts";
import type { Settings } from "../../app/settings.ts";
import { tabOf } from "../../app/task-names.ts";
import { bundledModelFor } from "../../engines/browser/bundled-models.ts";
import { type UpscaleChoice, upscaleChoices } from "../../upscale/upscale-size.ts";

/** Opens the tab of a job that ran while the panel was closed, and sets everything as it was for it. */
export function restoreSettings(settings: Settings, { request, source }: Pick<Job, "request" | "source">): void {
  const tab = tabOf(request.task);
  settings.task.value = tab;
  // Nothing about it can be set.
  if (request.task === "cutout") return;
  settings.usedTogether.note(request);
  settings.seed.value = request.seed;
  settings.steps.value = request.steps;
  settings.guidanceScale.value = request.guidanceScale;
  settings.drawing.restore(request);
  settings.parts.restore(request);
  settings.loras.value = new Map(request.loras.map(({ id, strength }) => [id, strength]));
  settings.controls.restore(request);
  // An erase network is offered what no model was chosen for.
  if (request.task === "inpaint" && request.eraser !== null && request.model === bundledModelFor("inpaint"))
    settings.leaveModelOpen(tab);
  else settings.chooseModel(tab, request.model);
  if (request.task !== "upscale") {
    settings.count.value = request.count;
    settings.negativePrompt.value = request.negativePrompt ?? "";
  }
  if (request.task !== "restyle" && request.referenceModel !== null) {
    settings.promptPictures.strength.value = request.referenceStrength;
    settings.promptPictures.model.value = request.referenceModel;
  }
  restoreOfTask(settings, request, source);
}

function restoreOfTask(settings: Settings, request: EditRequest, source: PixelSize | undefined): void {
  if (request.task === "inpaint") {
    settings.inpaint.intent.value = request.intent;
    settings.inpaint.strength.value = request.strength ?? 1;
    settings.inpaint.grow.value = request.grow;
    settings.inpaint.feather.value = request.feather;
  } else if (request.task === "restyle") {
    settings.style.value = request.style;
    settings.restyleStrength.value = request.strength;
    settings.keepsLayout.value = request.keepLayout;
    settings.referenceStrength.value = request.referenceStrength;
    settings.referenceModel.value = request.referenceModel;
  } else if (request.task === "upscale") {
    settings.upscale.value = upscaleChoices.find((choice) => isFactor(choice, request, source)) ?? "match";
  } else if (request.task === "edit") {
    settings.instruction.keepsChangesOnly.value = request.keep === "changes";
  } else if (request.task === "create") {
    settings.creationSize.value = { width: request.width, height: request.height };
  }
}

function isFactor(choice: UpscaleChoice, { width, height }: UpscaleRequest, source: PixelSize | undefined): boolean {
  if (choice === "match" || source === undefined) return false;
  return width === source.width * choice && height === source.height * choice;
}
