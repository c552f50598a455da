import type { EditTask } from "../../../shared/protocol/edit-task.ts";

/** What the panel calls the edits. */
export const taskNames: Readonly<Record<EditTask, string>> = {
  inpaint: "Inpaint",
  outpaint: "Extend",
  restyle: "Restyle",
  upscale: "Upscale",
  create: "Create",
  edit: "Edit",
};
