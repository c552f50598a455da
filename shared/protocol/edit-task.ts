/** What models do that draw from a prompt, and begin from pictures. */
export const paintingTasks = ["inpaint", "outpaint", "restyle", "upscale", "create"] as const;
export type PaintingTask = (typeof paintingTasks)[number];

/** The six edits. "edit" changes a picture by saying so, with models that look at pictures while they draw. */
export const editTasks = [...paintingTasks, "edit"] as const;
export type EditTask = (typeof editTasks)[number];
