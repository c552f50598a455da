import { throwIfCancelled } from "../../diffusion/throw-if-cancelled.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import type { PixelRect } from "../../protocol/geometry.ts";
import type { UpscalePlan } from "../../protocol/plans/upscale-plan.ts";
import type { TargetPainter } from "./target-painter.ts";
import type { UpscaleRun } from "./upscale-run.ts";

/**
 * Draws the tiles that can be seen, in reading order, and hands them to the painter.
 *
 * @param draw given a tile's place in the fed picture; answers it enlarged, three channels in 0..255
 * @param beforeRow told the top of each row of tiles before it is drawn
 */
export async function eachTile(
  { tiling }: UpscalePlan,
  { signal, onStep }: UpscaleRun,
  painter: TargetPainter,
  draw: (tile: PixelRect) => Promise<FloatImage>,
  beforeRow?: (top: number) => Promise<void>,
): Promise<void> {
  const { columns, rows, tileWidth: width, tileHeight: height } = tiling;
  for (const [row, y] of rows.entries()) {
    await beforeRow?.(y);
    for (const [column, x] of columns.entries()) {
      throwIfCancelled(signal);
      if (painter.isVisible(column, row)) painter.add(column, row, await draw({ x, y, width, height }));
      await onStep();
    }
    painter.finishRow(row);
  }
  throwIfCancelled(signal);
}
