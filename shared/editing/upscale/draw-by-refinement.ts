import type { ModelPack } from "../../diffusion/model-pack.ts";
import { refineLatents } from "../../diffusion/pipelines/refine-latents.ts";
import { cutPlanes } from "../../diffusion/tensors/tile-planes.ts";
import { decodeLatents } from "../../diffusion/vae/decode-latents.ts";
import { holdBrightness } from "../../imaging/colour/hold-brightness.ts";
import { opaqueWindow } from "../../imaging/fill/opaque-window.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import { lanczos } from "../../imaging/resample/lanczos.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { UpscaleRequest } from "../../protocol/edit-request.ts";
import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";
import type { UpscalePlan } from "../../protocol/plans/upscale-plan.ts";
import { fromPictureTensor, toPictureTensor } from "../picture-tensor.ts";
import { type DevicePlan, executionOptions } from "../plan-for-device.ts";
import { eachTile } from "./each-tile.ts";
import { TargetPainter } from "./target-painter.ts";
import type { UpscaleRun } from "./upscale-run.ts";

/** How far colours bleed under transparent pixels, in source pixels. */
const BLEED = 32;
/** Source pixels that the resampling looks at beyond a window. */
const LANCZOS_REACH = 4;

/** Enlarges by resampling, then lets the model add what fits: image to image at low strength over blended tiles. */
export async function drawByRefinement(
  pack: ModelPack,
  image: RgbaImage,
  plan: DevicePlan<UpscalePlan>,
  { prompt, negativePrompt }: UpscaleRequest,
  run: UpscaleRun,
): Promise<RgbaImage> {
  const { fed, target, tiling } = plan;
  const { latentScale } = pack.description.vae;
  const size = { width: tiling.tileWidth, height: tiling.tileHeight };
  const readTile = async (x: number, y: number) => toPictureTensor(resampledWindow(image, { x, y, ...size }, target));

  const clean = await refineLatents(
    pack,
    { ...fed, tiling, readTile },
    {
      prompt,
      negativePrompt: negativePrompt ?? undefined,
      scheduler: plan.scheduler,
      steps: plan.steps,
      strength: plan.strength,
      guidanceScale: plan.guidanceScale,
      ...executionOptions(plan.execution),
      seed: run.seed,
      longPrompts: "chunks",
      signal: run.signal,
      onTile: (steps) => run.onStep({ steps: steps * tiling.columns.length * tiling.rows.length }),
    },
  );
  const painter = new TargetPainter(image, plan);
  // What the source shows, it decides: reduced to its size again, the result is the source. Finer detail is the model's.
  const heldCell = Math.sqrt((target.width * target.height) / (image.width * image.height));
  const cells = { width: fed.width / latentScale, height: fed.height / latentScale };
  await eachTile(plan, run, painter, async (tile) => {
    const [x, y] = [tile.x / latentScale, tile.y / latentScale];
    const cut = { x, y, width: tile.width / latentScale, height: tile.height / latentScale };
    const drawn = fromPictureTensor(await decodeLatents(pack, cutPlanes(clean, cells, cut), size));
    return holdBrightness(drawn, resampledWindow(image, tile, target), heldCell);
  });
  return painter.pixels;
}

/** The part `area` of the picture as it is after resampling to `target`; beyond it, its border repeats. */
function resampledWindow(image: RgbaImage, area: PixelRect, target: PixelSize): FloatImage {
  const scaleX = image.width / target.width;
  const scaleY = image.height / target.height;
  const left = Math.floor(area.x * scaleX) - LANCZOS_REACH;
  const top = Math.floor(area.y * scaleY) - LANCZOS_REACH;
  const right = Math.ceil((area.x + area.width) * scaleX) + LANCZOS_REACH;
  const bottom = Math.ceil((area.y + area.height) * scaleY) + LANCZOS_REACH;
  const window = opaqueWindow(image, { x: left, y: top, width: right - left, height: bottom - top }, BLEED);
  const from = {
    x: area.x * scaleX - left,
    y: area.y * scaleY - top,
    width: area.width * scaleX,
    height: area.height * scaleY,
  };
  return lanczos(window, from, area.width, area.height);
}
