/** What models do that draw from a prompt, and begin from pictures. */
export const paintingTasks = ["inpaint", "outpaint", "restyle", "upscale", "create"] as const;
export type PaintingTask = (typeof paintingTasks)[number];

/** What models do that draw: "edit" changes a picture by saying so, with models that look at pictures while they draw. */
export const drawingTasks = [...paintingTasks, "edit"] as const;
export type DrawingTask = (typeof drawingTasks)[number];

/** The edits. "cutout" takes the background away, and draws nothing. */
export const editTasks = [...drawingTasks, "cutout"] as const;
export type EditTask = (typeof editTasks)[number];

/** What models are for. "select" finds what is shown at a point, or what a picture is of: it makes masks, not pictures. */
export const modelTasks = [...editTasks, "select"] as const;
export type ModelTask = (typeof modelTasks)[number];
