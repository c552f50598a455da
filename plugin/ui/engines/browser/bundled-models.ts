import type { PaintingTask } from "../../../../shared/protocol/edit-task.ts";

/** A pack that travels with the plugin. */
export interface BundledModel {
  readonly id: string;
  readonly name: string;
  readonly tasks: readonly PaintingTask[];
}

export const bundledModels: readonly BundledModel[] = [
  { id: "starter", name: "Starter", tasks: ["inpaint", "outpaint", "restyle", "create"] },
  { id: "starter-upscale", name: "Starter upscale", tasks: ["upscale"] },
  { id: "starter-fast", name: "Starter fast", tasks: ["inpaint", "outpaint", "restyle", "create"] },
  { id: "fast-upscale", name: "Fast upscale", tasks: ["upscale"] },
];

/** The bundled pack that does a task. */
export function bundledModelFor(task: PaintingTask): string {
  // Every task has one.
  return bundledModels.find(({ tasks }) => tasks.includes(task))!.id;
}
