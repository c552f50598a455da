import { inpaint } from "../diffusion/pipelines/inpaint.ts";
import { decodeLatents } from "../diffusion/vae/decode-latents.ts";
import type { FloatImage } from "../imaging/float-image.ts";
import { maskBounds } from "../imaging/mask-bounds.ts";
import type { GrayImage, RgbaImage } from "../imaging/rgba-image.ts";
import { planInpaint } from "../planning/plan-inpaint.ts";
import type { InpaintRequest } from "../protocol/edit-request.ts";
import type { PixelRect } from "../protocol/geometry.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import { compositeMask, layerArea } from "./composite-mask.ts";
import { correctColour } from "./correct-colour.ts";
import { cutLayer } from "./cut-layer.ts";
import { denoiseMask } from "./denoise-mask.ts";
import { fromPictureTensor, toPictureTensor } from "./picture-tensor.ts";
import { prepareContext } from "./prepare-context.ts";
import { PreviewPace } from "./preview-pace.ts";
import { requireImage } from "./require-image.ts";
import type { EditedLayer, EditInputs, RunEditOptions } from "./run-edit.ts";

/** Inpainting from pixels to layers: crop, prefill, diffuse, correct the colour, composite, once for each variant. */
export async function runInpaint(
  request: InpaintRequest,
  inputs: EditInputs,
  options: RunEditOptions,
): Promise<readonly EditedLayer[]> {
  const { pack, signal, now } = options;
  const image = requireImage(inputs);
  const { mask } = inputs;
  if (mask === undefined || mask.width !== image.width || mask.height !== image.height) {
    throw new OverpaintError(
      "mask-size-mismatch",
      mask === undefined
        ? "Inpainting needs a mask."
        : `The mask is ${mask.width}×${mask.height}, the image ${image.width}×${image.height}.`,
      "Give a mask of exactly the image's size.",
    );
  }
  const painted = maskBounds(mask);
  if (painted === undefined) {
    throw new OverpaintError("empty-mask", "Nothing is painted in the mask.", "Paint over what should change (white).");
  }
  const plan = planInpaint(request, image, painted, pack.facts);

  const source = prepareContext(image, plan);
  const repaint = plan.plain ? literalMask(mask) : denoiseMask(mask, plan, pack.facts.latentScale);
  const area = plan.plain ? plan.context : layerArea(painted, plan.mask.blend, image);
  const alpha = plan.plain ? undefined : compositeMask(mask, image, area, plan.mask.blend);
  const picture = toPictureTensor(source);
  const pace = new PreviewPace(now);

  const layers: EditedLayer[] = [];
  for (let variant = 0; variant < request.count; variant += 1) {
    const seed = (request.seed + variant) >>> 0;
    const drawn = await inpaint(pack, {
      prompt: request.prompt,
      negativePrompt: request.negativePrompt,
      image: picture,
      mask: repaint,
      scheduler: request.scheduler ?? undefined,
      steps: plan.steps,
      guidanceScale: plan.guidanceScale,
      strength: plan.strength,
      seed,
      longPrompts: plan.plain ? "truncate" : "chunks",
      signal,
      onStep: async ({ step, steps, predictedClean }) => {
        const isLast = step === steps;
        const preview =
          options.onProgress !== undefined && !isLast && pace.isDue
            ? await pace.measure(async () => {
                const decoded = await decodeLatents(pack, predictedClean, plan.working);
                return { pixels: previewPixels(fromPictureTensor(decoded), repaint), area: plan.context };
              })
            : undefined;
        await options.onProgress?.({ variant, step, steps, preview });
      },
    });
    const result = fromPictureTensor(drawn);
    const matched = plan.plain ? result : correctColour(result, source, repaint, pack.facts.latentScale);
    const pixels = cutLayer(matched, plan.context, area, alpha ?? opaque(area));
    const layer = { variant, seed, area, pixels, plan };
    layers.push(layer);
    await options.onLayer?.(layer);
  }
  return layers;
}

/** Black and white at one half, as diffusers' mask processor does. */
function literalMask(mask: GrayImage): Float32Array {
  return Float32Array.from(mask.data, (value) => (value / 255 >= 0.5 ? 1 : 0));
}

function opaque(area: PixelRect): Uint8Array {
  return new Uint8Array(area.width * area.height).fill(255);
}

/** The decoded working picture, visible where the model repaints. */
function previewPixels(decoded: FloatImage, repaint: Float32Array): RgbaImage {
  const data = new Uint8ClampedArray(decoded.width * decoded.height * 4);
  for (let pixel = 0; pixel < repaint.length; pixel += 1) {
    for (let c = 0; c < 3; c += 1) data[pixel * 4 + c] = decoded.data[pixel * 3 + c] as number;
    data[pixel * 4 + 3] = (repaint[pixel] as number) * 255;
  }
  return { width: decoded.width, height: decoded.height, data };
}
