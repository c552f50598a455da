import type { PictureTensor } from "../diffusion/picture-tensor.ts";
import { redrawPicture } from "../diffusion/pipelines/redraw-picture.ts";
import { encodeForRestyle, restyle } from "../diffusion/pipelines/restyle.ts";
import { decodePreview } from "../diffusion/vae/decode-latents.ts";
import { carryColours } from "../imaging/colour/carry-colours.ts";
import { hasVisiblePixel } from "../imaging/fill/has-visible-pixel.ts";
import type { RgbaImage } from "../imaging/rgba-image.ts";
import { planRestyle } from "../planning/plan-restyle.ts";
import type { RestyleRequest } from "../protocol/edit-request.ts";
import type { PixelRect, PixelSize } from "../protocol/geometry.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import { drawVariants } from "./draw-variants.ts";
import { fromPictureTensor, toPictureTensor } from "./picture-tensor.ts";
import { executionOptions, planForDevice, tileSideFor } from "./plan-for-device.ts";
import { prepareContext } from "./prepare-context.ts";
import { previewSize } from "./preview-size.ts";
import { requireImage } from "./require-image.ts";
import type { EditedLayer, EditInputs, RunEditOptions } from "./run-edit.ts";
import { shrinkOpacity } from "./shrink-opacity.ts";
import { toLayer } from "./to-layer.ts";

/**
 * Draws the whole picture anew in another style, once for each variant. The layer covers the source exactly and has its
 * opacity, so that a cut-out stays cut out.
 */
export async function runRestyle(
  request: RestyleRequest,
  inputs: EditInputs,
  options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  const { pack, signal, onProgress } = options;
  const image = requireImage(inputs);
  rejectInvisible(inputs.reference);
  const plan = planForDevice(
    planRestyle(request, image, inputs.reference, pack.facts, tileSideFor(options)),
    request,
    options,
  );
  const { working, reference, tiling } = plan;
  const isVaeTiled = tiling !== undefined || plan.execution.isVaeTiled;

  const picture = toPictureTensor(prepareContext(image, { context: wholeOf(image), working }));
  const style =
    reference && inputs.reference
      ? prepareContext(inputs.reference, { context: wholeOf(inputs.reference), working: reference.working })
      : undefined;
  /** What was drawn, in the reference's colours, with the size and the opacity of `like`. */
  const fitted = (drawn: PictureTensor, like: RgbaImage): RgbaImage => {
    const pixels = fromPictureTensor(drawn);
    const coloured = style && reference ? carryColours(pixels, style, reference.strength) : pixels;
    return toLayer(coloured, wholeOf(drawn), like, like);
  };
  const shrunk = shrinkOpacity(image, previewSize(image));

  const settings = {
    prompt: plan.prompt,
    negativePrompt: plan.negativePrompt ?? undefined,
    scheduler: plan.scheduler,
    steps: plan.steps,
    strength: plan.strength,
    guidanceScale: plan.guidanceScale,
    ...executionOptions(plan.execution),
    referenceStrength: reference?.strength ?? 0,
    seed: request.seed,
    longPrompts: plan.plain ? "truncate" : "chunks",
    tiling,
    overview: plan.overview,
    tilePrompt: plan.tilePrompt,
    signal,
  } as const;

  // Running backwards is the same for all variants, so it is done once, and counted with the first one's steps.
  const isInverted = plan.start === "inversion";
  const runs = style ? 3 : 2;
  let stepsBefore = 0;
  const onInversionStep = async ({ steps }: { readonly steps: number }): Promise<void> => {
    stepsBefore += 1;
    await onProgress?.({ variant: 0, step: stepsBefore, steps: runs * steps });
  };
  const encode = (source: PictureTensor, pieces: typeof tiling) =>
    encodeForRestyle(pack, source, { ...settings, tiling: pieces, onStep: onInversionStep }, isInverted);
  const source = plan.plain ? undefined : await encode(picture, tiling);
  const styleSource = style && (await encode(toPictureTensor(style), undefined));

  return await drawVariants(
    request,
    {
      plan,
      area: wholeOf(image),
      stepsBefore,
      // Drawn one by one: a batch would need a denoiser in tiles for each of its pictures.
      draw: async (seed, _batch, onStep) => [
        fitted(
          source
            ? await restyle(pack, source, { ...settings, seed, onStep }, styleSource)
            : await redrawPicture(pack, { ...settings, image: picture, seed, onStep }),
          image,
        ),
      ],
      preview: async (clean) => fitted(await decodePreview(pack, clean, working, isVaeTiled), shrunk),
    },
    options,
  );
}

function wholeOf({ width, height }: PixelSize): PixelRect {
  return { x: 0, y: 0, width, height };
}

function rejectInvisible(reference: RgbaImage | undefined): void {
  if (reference === undefined || hasVisiblePixel(reference, wholeOf(reference))) return;
  throw new OverpaintError(
    "invalid-request",
    "The picture to take the style of is fully transparent.",
    "Choose a picture in which something shows.",
  );
}
