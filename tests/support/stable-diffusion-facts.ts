import { editTasks } from "../../shared/protocol/edit-task.ts";
import type { ModelFacts } from "../../shared/protocol/models/model-facts.ts";

/** Stable Diffusion 1.5: 320 channels and 8 heads at the finest level, a decoder of 256 channels at full size. */
export const stableDiffusionFacts = {
  kind: "diffusion",
  family: "stable-diffusion",
  tasks: editTasks,
  nativeSize: 512,
  sizeMultiple: 64,
  cell: 8,
  seesMask: false,
  readsPrompt: true,
  isGuidable: true,
  canInvert: true,
  enlarging: { method: "refine" },
  memory: {
    denoiser: { perCell: 320 * 24 * 4, perCellPair: 64 },
    autoencoder: { perCell: 256 * 64 * 3 * 4, perCellPair: 8 },
    codedSide: 64,
  },
  defaults: { scheduler: "ddim", steps: 20, guidanceScale: 7.5 },
} satisfies ModelFacts;
