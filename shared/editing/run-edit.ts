import type { ModelPack } from "../diffusion/model-pack.ts";
import type { GrayImage, RgbaImage } from "../imaging/rgba-image.ts";
import type { DeviceMemory } from "../planning/plan-execution.ts";
import type { EditRequest } from "../protocol/edit-request.ts";
import type { PixelRect } from "../protocol/geometry.ts";
import type { Plan } from "../protocol/plan.ts";
import type { Execution } from "../protocol/plans/execution.ts";
import { runCreate } from "./run-create.ts";
import { runInpaint } from "./run-inpaint.ts";
import { runOutpaint } from "./run-outpaint.ts";
import { runRestyle } from "./run-restyle.ts";
import { runUpscale } from "./run-upscale.ts";

export interface EditInputs {
  /** The source, upright, sRGB. Absent only for pictures from nothing. */
  readonly image?: RgbaImage | undefined;
  /** Same size as the image; white is repainted. */
  readonly mask?: GrayImage | undefined;
  /** A picture as style, for restyling. */
  readonly reference?: RgbaImage | undefined;
}

/** One finished variant, ready to be encoded. */
export interface EditedLayer {
  readonly variant: number;
  readonly seed: number;
  /** Where the layer lies in the source. `pixels` has another size only after upscaling. */
  readonly area: PixelRect;
  /** Transparent outside the composite mask; inside the painted mask opaque, as far as the source's ground is. */
  readonly pixels: RgbaImage;
  /**
   * How much of the source the edit takes away under the layer, 255 all of it: where what is removed had nothing behind it.
   * One value a pixel of `area`; absent where the layer alone makes the result.
   */
  readonly erase?: GrayImage | undefined;
  readonly plan: Plan;
}

export interface EditProgress {
  readonly variant: number;
  readonly step: number;
  readonly steps: number;
  /** Present on some steps only: a preview never costs more than a small share of the run. */
  readonly preview?: { readonly pixels: RgbaImage; readonly area: PixelRect } | undefined;
}

export interface RunEditOptions {
  readonly pack: ModelPack;
  /** Milliseconds from any origin; used for the pace of previews and for timings, never for results. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** What the device has room for. Default: for anything, one variant after the other. */
  readonly memory?: DeviceMemory | undefined;
  /** What the device was given at once when a recipe was made; decides instead of `memory`. */
  readonly execution?: Execution | undefined;
  /** Whether anyone looks at previews; they cost time. Default: true. */
  readonly previews?: boolean | undefined;
  readonly onProgress?: ((progress: EditProgress) => void | Promise<void>) | undefined;
  /** Called as soon as a variant is finished, before the next one starts. */
  readonly onLayer?: ((layer: EditedLayer) => void | Promise<void>) | undefined;
}

/**
 * Runs an edit from pixels to layers: plan, crop, prefill, diffuse, composite. The same code for both engines.
 * Throws OverpaintError: `mask-size-mismatch`, `empty-mask`, `invalid-request`, `unsupported-model`, `damaged-model`,
 * `invalid-output`, `out-of-memory`, `cancelled`.
 */
export function runEdit(
  request: EditRequest,
  inputs: EditInputs,
  options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  switch (request.task) {
    case "inpaint":
      return runInpaint(request, inputs, options);
    case "outpaint":
      return runOutpaint(request, inputs, options);
    case "restyle":
      return runRestyle(request, inputs, options);
    case "upscale":
      return runUpscale(request, inputs, options);
    case "create":
      return runCreate(request, options);
  }
}
