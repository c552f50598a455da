/** The five edits. */
export const editTasks = ["inpaint", "outpaint", "restyle", "upscale", "create"] as const;
export type EditTask = (typeof editTasks)[number];
