import type { ControlPicture, DiffusionModel } from "../../../../shared/diffusion/models/diffusion-model.ts";
import type { PictureTensor } from "../../../../shared/diffusion/picture-tensor.ts";
import { differentialInpaintBatch } from "../../../../shared/diffusion/pipelines/differential-inpaint.ts";
import type { GenerationOptions } from "../../../../shared/diffusion/pipelines/generation-options.ts";
import { imageToImageBatch } from "../../../../shared/diffusion/pipelines/image-to-image.ts";
import { inpaintBatch } from "../../../../shared/diffusion/pipelines/inpaint.ts";
import { textToImageBatch } from "../../../../shared/diffusion/pipelines/text-to-image.ts";
import { upscaleBatch } from "../../../../shared/diffusion/pipelines/upscale.ts";
import type { PicturePrompt } from "../../../../shared/diffusion/text/conditioning.ts";
import type { SchedulerName } from "../../../../shared/protocol/models/model-facts.ts";

/** What a pipeline of diffusers was asked to draw. */
export interface ReferenceRun {
  readonly task: "text-to-image" | "image-to-image" | "inpaint" | "differential-inpaint" | "upscale";
  /** Folders under tests/fixtures/packs, each laid over the one before. */
  readonly layers: readonly string[];
  readonly seed: number;
  readonly batch: number;
  readonly options: {
    readonly prompt: string;
    readonly negativePrompt?: string;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly guidanceRescale?: number;
    readonly scheduler?: SchedulerName;
    readonly strength?: number;
    readonly eta?: number;
    readonly clipSkip?: number;
    readonly noiseLevel?: number;
    readonly vaeTiled?: boolean;
    readonly controls?: readonly ControlPicture[];
    readonly picturePrompt?: PicturePrompt;
  };
  /** Of the picture drawn. */
  readonly size: readonly [width: number, height: number];
}

/** Interleaved 8-bit pictures and masks the runs start from. */
export type ReferenceInputs<Bytes = Uint8Array> = Readonly<
  Record<"picture" | "widePicture" | "smallPicture" | "hardMask" | "softMask", Bytes>
>;

export interface DrawnRun {
  /** After each step. */
  readonly latents: readonly Float32Array[];
  /** Interleaved, one picture after the other. */
  readonly pixels: Uint8Array;
  readonly size: readonly [width: number, height: number];
}

/** Draws a run with the core. The same code in Node and in the browser. */
export async function drawReferenceRun(
  model: DiffusionModel,
  run: ReferenceRun,
  inputs: ReferenceInputs,
  guidanceEvaluation?: "together" | "apart",
): Promise<DrawnRun> {
  const latents: Float32Array[] = [];
  const pictures = await draw(model, run, inputs, {
    guidanceEvaluation,
    onStep: (step) => void latents.push(step.latents),
  });
  const [first] = pictures;
  const pixels = Uint8Array.from(pictures.flatMap((picture) => toPixels(picture)));
  return { latents, pixels, size: [first!.width, first!.height] };
}

function draw(
  model: DiffusionModel,
  { task, seed, batch, options, size: [width, height] }: ReferenceRun,
  inputs: ReferenceInputs,
  watched: Pick<GenerationOptions, "onStep" | "guidanceEvaluation">,
): Promise<readonly PictureTensor[]> {
  const { strength = 1, noiseLevel, vaeTiled: isVaeTiled, ...rest } = options;
  const common = { ...rest, ...watched, isVaeTiled, seed, longPrompts: "truncate" } as const;
  const image = toTensor(width === 64 ? inputs.picture : inputs.widePicture, width, height);
  switch (task) {
    case "text-to-image":
      return textToImageBatch(model, { ...common, width, height }, batch);
    case "image-to-image":
      return imageToImageBatch(model, { ...common, image, strength }, batch);
    case "inpaint":
      return inpaintBatch(model, { ...common, image, mask: toMask(inputs.hardMask), strength }, batch);
    case "differential-inpaint":
      return differentialInpaintBatch(model, { ...common, image, mask: toMask(inputs.softMask), strength }, batch);
    case "upscale":
      return upscaleBatch(model, { ...common, image: toTensor(inputs.smallPicture, 16, 16), noiseLevel }, batch);
  }
}

/** Interleaved bytes to planes from −1 to 1. */
export function toTensor(pixels: Uint8Array, width: number, height: number): PictureTensor {
  const data = new Float32Array(pixels.length);
  const plane = width * height;
  for (let i = 0; i < pixels.length; i++) data[(i % 3) * plane + Math.floor(i / 3)] = (pixels[i]! / 255) * 2 - 1;
  return { width, height, data };
}

export function toMask(levels: Uint8Array): Float32Array {
  return Float32Array.from(levels, (level) => level / 255);
}

/** Planes from −1 to 1 to interleaved bytes, rounded as diffusers rounds them. */
function toPixels({ width, height, data }: PictureTensor): number[] {
  const plane = width * height;
  return Array.from(data, (_, i) => {
    const value = data[(i % 3) * plane + Math.floor(i / 3)]!;
    return Math.round(Math.min(1, Math.max(0, value / 2 + 0.5)) * 255);
  });
}

export function describeRun({ task, layers, batch, options, size }: ReferenceRun): string {
  const { prompt, ...others } = options;
  const words = Object.entries(others).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  if (batch > 1) words.push(`batch of ${batch}`);
  if (prompt.length > 60) words.push("long prompt");
  return `${task}, ${layers.join(" + ")}, ${size.join("×")}: ${words.join(" ")}`;
}
