import type { Model } from "../../diffusion/models/model-family.ts";
import type { PicturePrompt } from "../../diffusion/text/conditioning.ts";
import { throwIfCancelled } from "../../diffusion/throw-if-cancelled.ts";
import { resample } from "../../imaging/resample/resample.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { Pass } from "../../protocol/plans/pass.ts";
import type { Plan } from "../../protocol/plans/plan.ts";
import { clipPicture } from "../context/clip-picture.ts";
import type { ControlPictures } from "../context/control-pictures.ts";
import { fromPictureTensor } from "../context/picture-tensor.ts";
import { requireReferences } from "../context/require-references.ts";
import { type DrawStep, drawPass } from "./draw-pass.ts";
import type { Drawing, Edit, EditedBatch, FinishedLayer, Shown } from "./edit.ts";
import { PreviewPace, ROUGHNESS } from "./preview-pace.ts";
import { stepsOf } from "./steps.ts";

/** One finished variant, ready to be encoded. */
export interface EditedLayer extends Omit<FinishedLayer, "area"> {
  readonly variant: number;
  readonly seed: number;
  /** Where the layer lies in the source. `pixels` has another size only after upscaling. */
  readonly area: PixelRect;
  readonly plan: Plan;
}

export interface EditProgress {
  readonly variant: number;
  /** Steps of this variant that are finished, 1-based. */
  readonly step: number;
  readonly steps: number;
  /** Present on some steps only: previews never cost more than a small share of the run. */
  readonly preview?: Shown | undefined;
}

export interface RunPassesOptions {
  readonly model: Model;
  /** Milliseconds from any origin; used for the pace of previews, never for results. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** What ControlNets look at. Default: nothing. */
  readonly controls?: ControlPictures | undefined;
  /** The pictures that are read beside the prompt, where the plan says so. Default: none. */
  readonly references?: readonly RgbaImage[] | undefined;
  /** Whether anyone looks at previews; they cost time. Default: true. */
  readonly previews?: boolean | undefined;
  /** Variants that are there already: not handed over, and not drawn unless one that is missing is drawn with them. Default: none. */
  readonly drawn?: ReadonlySet<number> | undefined;
  readonly onProgress?: ((progress: EditProgress) => void | Promise<void>) | undefined;
  /** Takes each variant as soon as it is finished, before the next one starts: large ones are not to be held together. */
  readonly onLayer?: ((layer: EditedLayer) => void | Promise<void>) | undefined;
}

/** A plan of which the passes are known to be an edit's own. */
export type PlanOf<SomePass extends Pass> = Plan & { readonly passes: readonly SomePass[] };

/**
 * Runs a plan's passes for all of its variants, as many of them together as it says. Every setting comes from the plan; the
 * edit says what a pass starts from and what becomes of what it drew. Answers the layers that `onLayer` did not take.
 */
export async function runPasses<SomePass extends Pass>(
  plan: PlanOf<SomePass>,
  edit: Edit<SomePass>,
  options: RunPassesOptions,
): Promise<readonly EditedLayer[]> {
  const { model, controls, signal, onLayer, drawn: there = new Set() } = options;
  const passes: readonly SomePass[] = plan.passes;
  // A network knows no chance: its variants are one picture.
  const hasChance = plan.passes.some(({ method }) => !["super-resolve", "erase", "matte"].includes(method));
  const canShow = model.type === "diffusion" && model.latents.hasPreviews;
  const pace = new PreviewPace({ ...options, previews: canShow && options.previews });
  const picturePrompt = picturePromptOf(plan, options);
  const shared = new Map<string, unknown>();
  const layers: EditedLayer[] = [];
  let known: FinishedLayer | undefined;
  let isFirst = true;
  for (let first = 0; first < plan.count; first += plan.batch) {
    const batch = Math.min(plan.batch, plan.count - first);
    const variants = Array.from({ length: batch }, (_, index) => first + index);
    if (variants.every((variant) => there.has(variant))) continue;
    let drawn: readonly FinishedLayer[];
    if (known !== undefined) drawn = new Array<FinishedLayer>(batch).fill(known);
    else {
      const edited = edit.begin(batch);
      const report = new Report(plan, { first, batch, isFirst }, edited, pace, options);
      isFirst = false;
      for (const [index, pass] of passes.entries()) {
        throwIfCancelled(signal);
        const drawing = edited.start(pass, index);
        const seed = (plan.seed + first + pass.seedOffset) >>> 0;
        const onStep = report.next(drawing);
        const controlsAt = (working: PixelSize) => controls?.at({ ...edit.place(pass), working }) ?? [];
        const run = { seed, batch, signal, shared, onStep, controlsAt, picturePrompt };
        edited.lay(pass, index, await drawPass(drawing, plan, model, run));
      }
      drawn = edited.finish();
      if (!hasChance) known = drawn[0];
    }
    for (const [index, finished] of drawn.entries()) {
      const variant = first + index;
      if (there.has(variant)) continue;
      const layer = { variant, seed: (plan.seed + variant) >>> 0, area: edit.area, ...finished, plan };
      if (onLayer) await onLayer(layer);
      else layers.push(layer);
    }
  }
  return layers;
}

/** Throws OverpaintError `invalid-request` without a reference, `unsupported-model` without an IP-Adapter. */
function picturePromptOf(
  { picturePrompt }: Plan,
  { model, references = [] }: RunPassesOptions,
): PicturePrompt | undefined {
  if (picturePrompt === undefined) return undefined;
  if (model.type !== "diffusion" || model.picturePromptSide === undefined)
    throw new OverpaintError(
      "unsupported-model",
      "The model was opened without the IP-Adapter that the edit asks for.",
      "Draw with the companion, which opens IP-Adapters beside a model.",
    );
  const side = model.picturePromptSide;
  return {
    pictures: requireReferences(references, 1).map((reference) => clipPicture(reference, side)),
    strength: picturePrompt.strength,
  };
}

/** Variants that are drawn together. */
interface Variants {
  readonly first: number;
  readonly batch: number;
  /** Whether none were drawn before them: what all share is made now. */
  readonly isFirst: boolean;
}

/** Reports variants that are drawn in several passes, and together, as runs of their own: steps are counted through all passes. */
class Report<SomePass extends Pass> {
  readonly #plan: PlanOf<SomePass>;
  readonly #variants: Variants;
  readonly #edited: EditedBatch<SomePass>;
  readonly #pace: PreviewPace;
  readonly #options: RunPassesOptions;
  readonly #steps: number;
  #finished = 0;
  #told = 0;

  constructor(
    plan: PlanOf<SomePass>,
    variants: Variants,
    edited: EditedBatch<SomePass>,
    pace: PreviewPace,
    options: RunPassesOptions,
  ) {
    this.#plan = plan;
    this.#variants = variants;
    this.#edited = edited;
    this.#pace = pace;
    this.#options = options;
    this.#steps = plan.passes.reduce((sum, pass) => sum + stepsOf(pass, variants.isFirst), 0);
  }

  /** The callback for the next pass. */
  next(drawing: Drawing): (step: DrawStep) => Promise<void> {
    const before = this.#finished;
    const { first, batch, isFirst } = this.#variants;
    const own = stepsOf(drawing.pass, isFirst);
    this.#finished += own;
    return async ({ done, of, predictedClean }) => {
      const { onProgress } = this.#options;
      if (onProgress === undefined) return;
      // Schedulers of second order evaluate the model twice a step, which is told once.
      const reached = before + Math.ceil((done * own) / of);
      if (reached <= this.#told) return;
      this.#told = reached;
      const { index, step } = batchShare(reached, this.#steps, batch);
      const isUnfinished = predictedClean !== undefined && reached < this.#steps;
      const stepsOfAll = this.#steps * Math.ceil(this.#plan.count / this.#plan.batch);
      const detail = isUnfinished ? this.#pace.due(stepsOfAll) : "none";
      const preview =
        isUnfinished && detail !== "none"
          ? await this.#pace.measure(detail, () => this.#show(drawing, partOf(predictedClean, index, batch), detail))
          : undefined;
      await onProgress({ variant: first + index, step, steps: this.#steps, preview });
    };
  }

  async #show(drawing: Drawing, clean: Float32Array, detail: "full" | "rough"): Promise<Shown> {
    const { model, signal } = this.#options;
    if (model.type !== "diffusion") throw new Error("Only diffusion models have something to preview.");
    const { pass } = drawing;
    const { width, height } = pass.working;
    // A picture too large to be denoised in one piece is too large to be decoded in one.
    const isTiled = pass.execution.isVaeTiled || ("tiling" in pass && pass.tiling !== undefined);
    const options = { isTiled, signal };
    if (detail === "full") {
      const decoded = await model.latents.decodePreview(clean, pass.working, options);
      return this.#edited.preview(drawing, fromPictureTensor(decoded));
    }
    const { cell } = model.latents;
    const fewer = reducedLatents(clean, { width: width / cell, height: height / cell });
    const size = { width: fewer.width * cell, height: fewer.height * cell };
    const decoded = fromPictureTensor(await model.latents.decodePreview(fewer.data, size, options));
    return this.#edited.preview(drawing, resample(decoded, { x: 0, y: 0, ...size }, width, height));
  }
}

/** Means of ROUGHNESS² latent cells each; ones beyond the last row or column count as the last. */
function reducedLatents(
  latents: Float32Array,
  { width, height }: PixelSize,
): PixelSize & { readonly data: Float32Array } {
  const channels = latents.length / (width * height);
  const size = { width: Math.ceil(width / ROUGHNESS), height: Math.ceil(height / ROUGHNESS) };
  const data = new Float32Array(channels * size.height * size.width);
  let to = 0;
  for (let c = 0; c < channels; c += 1)
    for (let y = 0; y < size.height; y += 1)
      for (let x = 0; x < size.width; x += 1, to += 1)
        for (let k = 0; k < ROUGHNESS ** 2; k += 1) {
          const row = Math.min(height - 1, y * ROUGHNESS + Math.floor(k / ROUGHNESS));
          const column = Math.min(width - 1, x * ROUGHNESS + (k % ROUGHNESS));
          data[to]! += latents[(c * height + row) * width + column]! / ROUGHNESS ** 2;
        }
  return { ...size, data };
}

/**
 * Where a batch stands, told as if its variants were drawn one after the other: half way through two of them, the first
 * one counts as finished. So the work's share that is done is right whoever counts it.
 */
function batchShare(step: number, steps: number, batch: number): { readonly index: number; readonly step: number } {
  const done = step * batch;
  const index = Math.floor((done - 1) / steps);
  return { index, step: done - index * steps };
}

function partOf(latents: Float32Array, index: number, batch: number): Float32Array {
  const length = latents.length / batch;
  return latents.subarray(index * length, (index + 1) * length);
}
