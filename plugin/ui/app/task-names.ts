import type { EditTask } from "../../../shared/protocol/edit-task.ts";

/** What the panel calls the edits. The last one has no tab: companions are asked for it from elsewhere. */
export const taskNames: Readonly<Record<EditTask, string>> = {
  inpaint: "Inpaint",
  outpaint: "Extend",
  restyle: "Restyle",
  upscale: "Upscale",
  create: "Create",
  edit: "Edit",
};
