import type { EditTask, PaintingTask } from "../../../shared/protocol/edit-task.ts";

/** What the panel calls the edits. The last two have no tab. */
export const taskNames: Readonly<Record<EditTask, string>> = {
  inpaint: "Inpaint",
  outpaint: "Extend",
  restyle: "Restyle",
  upscale: "Upscale",
  create: "Create",
  edit: "Edit",
  cutout: "Remove background",
};

/** The tab under which an edit's results are shown: a background is taken away where one is drawn. None for instructions. */
export function tabOf(task: EditTask): PaintingTask | undefined {
  if (task === "edit") return undefined;
  return task === "cutout" ? "inpaint" : task;
}
