import { type Model, requireDiffusion, requireNetwork } from "../../diffusion/models/model-family.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { UpscaleRequest } from "../../protocol/edit-request.ts";
import type { UpscalePlan } from "../../protocol/plans/upscale-plan.ts";
import type { DevicePlan } from "../plan-for-device.ts";
import { drawByDiffusion } from "./draw-by-diffusion.ts";
import { drawByNetwork } from "./draw-by-network.ts";
import { drawByRefinement } from "./draw-by-refinement.ts";
import type { UpscaleRun } from "./upscale-run.ts";

/** Draws one variant of an enlarged picture by the plan's method. */
export function drawEnlarged(
  model: Model,
  image: RgbaImage,
  plan: DevicePlan<UpscalePlan>,
  request: UpscaleRequest,
  run: UpscaleRun,
): Promise<RgbaImage> {
  switch (plan.method) {
    case "network":
      return drawByNetwork(requireNetwork(model), image, plan, run);
    case "diffusion":
      return drawByDiffusion(requireDiffusion(model), image, plan, request, run);
    case "refine":
      return drawByRefinement(requireDiffusion(model), image, plan, request, run);
  }
}
