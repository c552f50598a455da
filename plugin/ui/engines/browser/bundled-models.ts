import fastUpscale from "../../../../models/fast-upscale/overpaint.json";
import starter from "../../../../models/starter/overpaint.json";
import starterFast from "../../../../models/starter-fast/overpaint.json";
import starterUpscale from "../../../../models/starter-upscale/overpaint.json";
import type { PaintingTask } from "../../../../shared/protocol/edit-task.ts";
import type { PackWords } from "../../../../shared/protocol/models/pack-words.ts";

/** A pack that travels with the plugin. */
export interface BundledModel extends PackWords {
  readonly id: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly tasks: readonly PaintingTask[];
}

const drawing = ["inpaint", "outpaint", "restyle", "create"] as const;

export const bundledModels: readonly BundledModel[] = [
  { id: "starter", ...wordsOf(starter), tasks: drawing },
  { id: "starter-upscale", ...wordsOf(starterUpscale), tasks: ["upscale"] },
  { id: "starter-fast", ...wordsOf(starterFast), tasks: drawing },
  { id: "fast-upscale", ...wordsOf(fastUpscale), tasks: ["upscale"] },
];

/** What a pack says of itself. Its weights come with the panel's own version, with which its recommendations change too. */
function wordsOf(pack: PackWords & { readonly name: string }) {
  const { name, styles, examples } = pack;
  return { name, ...(styles && { styles }), ...(examples && { examples }), fingerprint: JSON.stringify(pack) };
}

/** The bundled pack that does a task. */
export function bundledModelFor(task: PaintingTask): string {
  // Every task has one.
  return bundledModels.find(({ tasks }) => tasks.includes(task))!.id;
}
