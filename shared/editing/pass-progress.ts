import type { LatentSpace } from "../diffusion/models/diffusion-model.ts";
import { requireDiffusion } from "../diffusion/models/model-family.ts";
import type { DenoisingStep } from "../diffusion/pipelines/denoise.ts";
import type { FloatImage } from "../imaging/float-image.ts";
import type { RgbaImage } from "../imaging/rgba-image.ts";
import { countRealSteps, type RealSteps } from "../planning/real-steps.ts";
import type { PixelRect, PixelSize } from "../protocol/geometry.ts";
import { batchShare } from "./batch-share.ts";
import { fromPictureTensor } from "./picture-tensor.ts";
import type { PreviewPace } from "./preview-pace.ts";
import type { RunEditOptions } from "./run-edit.ts";

export interface ReportedPass extends RealSteps {
  readonly context: PixelRect;
  readonly working: PixelSize;
}

export interface PassesRun {
  /** Number of the first variant that is drawn. */
  readonly first: number;
  /** How many are drawn together. */
  readonly batch: number;
  readonly passes: readonly RealSteps[];
  readonly isVaeTiled: boolean;
}

/** Reports variants that are drawn in several passes as one run: steps are counted through all of them. */
export class PassProgress {
  readonly #latents: LatentSpace;
  readonly #options: RunEditOptions;
  readonly #pace: PreviewPace;
  readonly #first: number;
  readonly #batch: number;
  readonly #steps: number;
  readonly #isVaeTiled: boolean;
  #finished = 0;

  constructor(options: RunEditOptions, pace: PreviewPace, { first, batch, passes, isVaeTiled }: PassesRun) {
    this.#isVaeTiled = isVaeTiled;
    this.#latents = requireDiffusion(options.model).latents;
    this.#options = options;
    this.#pace = pace;
    this.#first = first;
    this.#batch = batch;
    this.#steps = passes.reduce((sum, pass) => sum + countRealSteps(pass), 0);
  }

  /** The callback for the next pass; previews show what `repaint` covers. */
  next(pass: ReportedPass, repaint: Float32Array): (step: DenoisingStep) => Promise<void> {
    const before = this.#finished;
    const own = countRealSteps(pass);
    this.#finished += own;
    return async ({ step, steps, predictedClean }) => {
      if (this.#options.onProgress === undefined) return;
      // Schedulers of second order evaluate the model twice a step.
      const reached = before + Math.ceil((step * own) / steps);
      const { index, step: counted } = batchShare(reached, this.#steps, this.#batch);
      const length = predictedClean.length / this.#batch;
      const clean = predictedClean.subarray(index * length, (index + 1) * length);
      const isShown = reached < this.#steps && this.#pace.isDue;
      const preview = isShown
        ? await this.#pace.measure(async () => {
            const decoded = await this.#latents.decodePreview(clean, pass.working, {
              isTiled: this.#isVaeTiled,
            });
            return { pixels: throughMask(fromPictureTensor(decoded), repaint), area: pass.context };
          })
        : undefined;
      await this.#options.onProgress({ variant: this.#first + index, step: counted, steps: this.#steps, preview });
    };
  }
}

/** The decoded working picture, visible where the model repaints. */
function throughMask(decoded: FloatImage, repaint: Float32Array): RgbaImage {
  const data = new Uint8ClampedArray(decoded.width * decoded.height * 4);
  for (let pixel = 0; pixel < repaint.length; pixel += 1) {
    for (let c = 0; c < 3; c += 1) data[pixel * 4 + c] = decoded.data[pixel * 3 + c] as number;
    data[pixel * 4 + 3] = (repaint[pixel] as number) * 255;
  }
  return { width: decoded.width, height: decoded.height, data };
}
