import type { ControlPicture, DiffusionModel } from "../../diffusion/models/diffusion-model.ts";
import type { EraseModel } from "../../diffusion/models/erase/erase-network.ts";
import type { Model } from "../../diffusion/models/model-family.ts";
import type { DenoisingStep } from "../../diffusion/pipelines/denoise.ts";
import { differentialInpaintBatch } from "../../diffusion/pipelines/differential-inpaint.ts";
import { editByInstructionBatch } from "../../diffusion/pipelines/edit-by-instruction.ts";
import type { GenerationOptions } from "../../diffusion/pipelines/generation-options.ts";
import { imageToImage } from "../../diffusion/pipelines/image-to-image.ts";
import { inpaintBatch } from "../../diffusion/pipelines/inpaint.ts";
import { picturesFromPrompt } from "../../diffusion/pipelines/pictures-from-prompt.ts";
import { type EncodedPicture, encodeForRestyle, restyle } from "../../diffusion/pipelines/restyle.ts";
import { eachOnce } from "../../diffusion/tensors/each-once.ts";
import type { PicturePrompt } from "../../diffusion/text/conditioning.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import type { PixelSize } from "../../protocol/geometry.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { InpaintPass, PassExecution, PassSchedule } from "../../protocol/plans/pass.ts";
import type { Plan } from "../../protocol/plans/plan.ts";
import { fromPictureTensor, toPictureTensor } from "../context/picture-tensor.ts";
import { drawEnlarged, drawRefined, drawSuperResolved } from "./draw-tiles.ts";
import type { Drawing } from "./edit.ts";
import { stepsOf } from "./steps.ts";

/** How far a pass has come. */
export interface DrawStep {
  readonly done: number;
  readonly of: number;
  /** The latents the model would end at if it stopped now, where there is something to be seen of them. */
  readonly predictedClean?: Float32Array;
}

/** What drawing a pass takes beside plan and pixels. */
export interface DrawRun {
  /** The first variant's; the others count on from it. */
  readonly seed: number;
  /** Variants drawn together. */
  readonly batch: number;
  readonly signal: AbortSignal | undefined;
  /** What is the same for all variants of a run, made once. */
  readonly shared: Map<string, unknown>;
  /** Read beside the prompt. */
  readonly picturePrompt: PicturePrompt | undefined;
  /** What ControlNets look at of the pass, at a size. */
  readonly controlsAt: (working: PixelSize) => readonly ControlPicture[];
  /** Awaited after each step. */
  readonly onStep: (step: DrawStep) => Promise<void>;
}

/**
 * Draws one pass, for each variant of a batch, by the pipeline its method names. Answers the pictures at the working size;
 * none for passes that enlarge, which lay their tiles down as they go, and for one that cuts out how opaque the subject is, 0..1.
 * Throws OverpaintError `unsupported-model` when the model cannot draw such a pass.
 */
export async function drawPass(
  drawing: Drawing,
  plan: Plan,
  model: Model,
  run: DrawRun,
): Promise<readonly FloatImage[]> {
  if (drawing.method === "super-resolve") {
    if (model.type !== "super-resolution") throw unfit("a super-resolution network");
    await drawSuperResolved(model, drawing, run);
    return [];
  }
  if (drawing.method === "erase") {
    if (model.type !== "erase") throw unfit("an erase network");
    const drawn = await drawErased(model, drawing);
    await run.onStep({ done: 1, of: 1 });
    return drawn;
  }
  if (drawing.method === "matte") {
    if (model.type !== "background") throw unfit("a background removal");
    const { width, height } = drawing.picture;
    const data = await model.matte(drawing.picture);
    await run.onStep({ done: 1, of: 1 });
    return [{ width, height, channels: 1, data }];
  }
  if (model.type !== "diffusion") throw unfit("a diffusion model");
  const { execution, schedule } = drawing.pass;
  const options = {
    ...generationOptions(plan, schedule, execution, run),
    controls: run.controlsAt(drawing.pass.working),
    picturePrompt: run.picturePrompt,
  };
  switch (drawing.method) {
    case "prompt": {
      const { width, height } = drawing.pass.working;
      const pictures = await picturesFromPrompt(model, { ...options, width, height }, run.batch);
      return pictures.map(fromPictureTensor);
    }
    case "instruct": {
      const [source, ...references] = drawing.pictures;
      const shown = [toPictureTensor(source), ...references.map(toPictureTensor)] as const;
      const drawn = await editByInstructionBatch(model, { ...options, pictures: shown }, run.batch);
      return drawn.map(fromPictureTensor);
    }
    case "repaint": {
      const { masking } = drawing.pass;
      const drawn = { masking, strength: drawing.pass.schedule.strength, mask: drawing.repaint };
      return await drawInPictures(model, drawing.pictures, drawn, options);
    }
    case "redraw": {
      const { masking, schedule: part, working } = drawing.pass;
      const mask = new Float32Array(working.width * working.height).fill(1);
      if (masking !== "image-to-image")
        return await drawInPictures(model, drawing.pictures, { masking, strength: part.strength, mask }, options);
      const [picture] = drawing.pictures;
      if (picture === undefined || run.batch > 1) throw new Error("Pictures are redrawn one at a time.");
      const image = toPictureTensor(picture);
      return [fromPictureTensor(await imageToImage(model, { ...options, image, strength: part.strength }))];
    }
    case "restyle":
      return [await drawRestyled(model, drawing, options, run)];
    case "enlarge":
      await drawEnlarged(model, drawing, options, run, plan.plain);
      return [];
    case "refine":
      await drawRefined(model, drawing, options, run);
      return [];
  }
}

/** The same picture several times is evaluated once. */
async function drawErased(
  model: EraseModel,
  { pictures, hole }: Extract<Drawing, { readonly method: "erase" }>,
): Promise<readonly FloatImage[]> {
  const drawn = new Map<FloatImage, FloatImage>();
  for (const picture of new Set(pictures)) drawn.set(picture, await model.erase(picture, hole));
  return pictures.map((picture) => drawn.get(picture)!); // each was drawn just now
}

/** Repaints pictures that are given, all of them together; the same one several times is encoded once. */
async function drawInPictures(
  model: DiffusionModel,
  pictures: readonly FloatImage[],
  {
    masking,
    ...how
  }: { readonly masking: InpaintPass["masking"]; readonly strength: number; readonly mask: Float32Array },
  options: GenerationOptions,
): Promise<readonly FloatImage[]> {
  const images = eachOnce(pictures, toPictureTensor);
  const [image] = images;
  if (image === undefined) throw new Error("A pass draws at least one variant.");
  const draw = masking === "differential" ? differentialInpaintBatch : inpaintBatch;
  return (await draw(model, { ...options, ...how, image, images }, images.length)).map(fromPictureTensor);
}

/** The plan in the words of the pipelines. */
function generationOptions(
  { prompt, negativePrompt, guidanceScale, guidanceRescale, clipSkip, eta, plain }: Plan,
  { scheduler, steps }: Omit<PassSchedule, "strength">,
  { guidance, isVaeTiled }: PassExecution,
  { seed, signal, onStep }: DrawRun,
): GenerationOptions {
  return {
    prompt,
    negativePrompt: negativePrompt ?? undefined,
    guidanceScale,
    guidanceRescale,
    clipSkip,
    eta,
    scheduler,
    steps,
    guidanceEvaluation: guidance,
    isVaeTiled,
    seed,
    longPrompts: plain ? "truncate" : "chunks",
    signal,
    onStep: ({ step, steps: of, predictedClean }: DenoisingStep) => onStep({ done: step, of, predictedClean }),
  };
}

/** Running backwards is the same for all variants, so it is done once, and counted with the first one's steps. */
async function drawRestyled(
  model: DiffusionModel,
  { pass, picture, references }: Extract<Drawing, { readonly method: "restyle" }>,
  options: GenerationOptions,
  { shared, onStep, controlsAt }: DrawRun,
): Promise<FloatImage> {
  const { schedule, tiling, overview, tilePrompt, noise } = pass;
  const settings = {
    ...options,
    strength: schedule.strength,
    referenceStrength: pass.reference?.strength ?? 0,
    tiling,
    overview,
    overviewControls: overview && controlsAt(overview),
    tilePrompt,
  };
  const of = stepsOf(pass, !shared.has("source"));
  let before = 0;
  const encode = async (name: string, source: FloatImage, pieces: typeof tiling): Promise<EncodedPicture> => {
    const known = shared.get(name) as EncodedPicture | undefined; // put there below, under the same name
    if (known !== undefined) return known;
    const onInversionStep = async (): Promise<void> => {
      before += 1;
      await onStep({ done: before, of });
    };
    const encoded = await encodeForRestyle(
      model,
      toPictureTensor(source),
      { ...settings, tiling: pieces, onStep: onInversionStep },
      noise === "inversion",
    );
    shared.set(name, encoded);
    return encoded;
  };
  const source = await encode("source", picture, tiling);
  const styles: EncodedPicture[] = [];
  for (const [k, reference] of references.entries()) styles.push(await encode(`reference ${k}`, reference, undefined));
  const drawn = await restyle(
    model,
    source,
    {
      ...settings,
      onStep: ({ step, steps, predictedClean }) =>
        onStep({ done: before + Math.ceil((step * (of - before)) / steps), of, predictedClean }),
    },
    styles,
  );
  return fromPictureTensor(drawn);
}

function unfit(wanted: string): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `The plan was made for ${wanted}, which this model is not.`,
    "Choose the model that the plan was made with.",
  );
}
