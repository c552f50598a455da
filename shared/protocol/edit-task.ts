/** What models do that draw from a prompt, and begin from pictures. */
export const paintingTasks = ["inpaint", "outpaint", "restyle", "upscale", "create"] as const;
export type PaintingTask = (typeof paintingTasks)[number];

/**
 * The edits. "edit" changes a picture by saying so, with models that look at pictures while they draw; "cutout" takes the
 * background away.
 */
export const editTasks = [...paintingTasks, "edit", "cutout"] as const;
export type EditTask = (typeof editTasks)[number];

/** What models are for. "select" finds what is shown at a point, or what a picture is of: it makes masks, not pictures. */
export const modelTasks = [...editTasks, "select"] as const;
export type ModelTask = (typeof modelTasks)[number];
