import type { ModelPack } from "../../diffusion/model-pack.ts";
import { superResolve } from "../../diffusion/pipelines/super-resolve.ts";
import { holdBrightness } from "../../imaging/colour/hold-brightness.ts";
import { opaqueWindow } from "../../imaging/fill/opaque-window.ts";
import { cutMargin } from "../../imaging/float-image.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { UpscalePlan } from "../../protocol/plans/upscale-plan.ts";
import { fromPictureTensor, toPictureTensor } from "../picture-tensor.ts";
import { eachTile } from "./each-tile.ts";
import { TargetPainter } from "./target-painter.ts";
import type { UpscaleRun } from "./upscale-run.ts";

/** Source pixels beyond a tile's margin that the visible pixels at its edge may still be interpolated from. */
const EDGE_REACH = 4;

/** Enlarges by one evaluation of the network a tile. Tiles that show nothing of a cut-out are left out. */
export async function drawByNetwork(
  pack: ModelPack,
  image: RgbaImage,
  plan: UpscalePlan,
  run: UpscaleRun,
): Promise<RgbaImage> {
  const { margin, factor, plain } = plan;
  const painter = new TargetPainter(image, plan);
  await eachTile(plan, run, painter, async ({ x, y, width, height }) => {
    const window = { x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin };
    const seen = opaqueWindow(image, window, margin + EDGE_REACH);
    const drawn = fromPictureTensor(await superResolve(pack, toPictureTensor(seen)));
    return cutMargin(plain ? drawn : holdBrightness(drawn, seen, 1), margin * factor);
  });
  return painter.pixels;
}
