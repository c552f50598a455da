import type { DrawingTask, EditTask } from "../../../shared/protocol/edit-task.ts";

/** What the panel calls the edits. The last one has no tab: a background is taken away where one is drawn. */
export const taskNames: Readonly<Record<EditTask, string>> = {
  inpaint: "Inpaint",
  outpaint: "Extend",
  restyle: "Restyle",
  upscale: "Upscale",
  create: "Create",
  edit: "Edit",
  cutout: "Remove background",
};

/** The tab under which an edit's results are shown: a background is taken away where one is drawn. */
export function tabOf(task: EditTask): DrawingTask {
  return task === "cutout" ? "inpaint" : task;
}
