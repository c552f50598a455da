import type { DrawingTask, EditTask, ModelTask } from "../../../shared/protocol/edit-task.ts";

/** What the panel calls what models do. The last two have no tab: they serve where something is painted over. */
export const taskNames: Readonly<Record<ModelTask, string>> = {
  inpaint: "Inpaint",
  outpaint: "Extend",
  restyle: "Restyle",
  upscale: "Upscale",
  create: "Create",
  edit: "Edit",
  cutout: "Remove background",
  select: "Select",
};

/** The tab under which an edit's results are shown: a background is taken away where one is drawn. */
export function tabOf(task: EditTask): DrawingTask {
  return task === "cutout" ? "inpaint" : task;
}
