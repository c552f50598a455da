import type { DiffusionModel } from "../../diffusion/models/diffusion-model.ts";
import type { SuperResolutionModel } from "../../diffusion/models/super-resolution-model.ts";
import type { GenerationOptions } from "../../diffusion/pipelines/generation-options.ts";
import { refineLatents } from "../../diffusion/pipelines/refine-latents.ts";
import { upscaleLatents } from "../../diffusion/pipelines/upscale.ts";
import { cutPlanes } from "../../diffusion/tensors/tile-planes.ts";
import { throwIfCancelled } from "../../diffusion/throw-if-cancelled.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import type { PixelRect } from "../../protocol/geometry.ts";
import type { EnlargingPass } from "../../protocol/plans/pass.ts";
import { fromPictureTensor, toPictureTensor } from "../context/picture-tensor.ts";
import type { DrawRun } from "./draw-pass.ts";
import { countTiles, type Drawing, type TileFeed } from "./edit.ts";
import { type LatentBand, latentBands } from "./latent-bands.ts";

type DrawingOf<Method extends Drawing["method"]> = Extract<Drawing, { readonly method: Method }>;

/** 2³² / φ, as between the passes of a plan: no band of one variant starts from the noise of another. */
const BAND_SEEDS = 0x9e37_79b1;

/** Enlarges by one evaluation of the network a tile. Tiles that show nothing of a cut-out are left out. */
export async function drawSuperResolved(
  model: SuperResolutionModel,
  { pass, tiles }: DrawingOf<"super-resolve">,
  run: DrawRun,
): Promise<void> {
  const { margin } = pass;
  const count = new StepCount(run, countTiles(pass));
  await eachTile(pass, tiles, run, count, async ({ x, y, width, height }) => {
    const seen = tiles.read({ x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin });
    return fromPictureTensor(await model.enlarge(toPictureTensor(seen)));
  });
}

/** Enlarges by a diffusion upscaler: small tiles denoised together, band by band, each decoded and laid down. */
export async function drawEnlarged(
  model: DiffusionModel,
  { pass, tiles }: DrawingOf<"enlarge">,
  options: GenerationOptions,
  run: DrawRun,
  isPlain: boolean,
): Promise<void> {
  const { working, factor, tiling, noiseLevel } = pass;
  const coding = { isTiled: pass.execution.isVaeTiled, signal: run.signal };
  const count = new StepCount(run, 2 * countTiles(pass));
  const bands = latentBands(tiling, working, model.latents.channels);
  const denoiseBand = ({ top, height, tiling: tilesOfBand }: LatentBand, index: number): Promise<Float32Array> =>
    upscaleLatents(
      model,
      {
        ...options,
        image: toPictureTensor(tiles.read({ x: 0, y: top, width: working.width, height })),
        noiseLevel,
        seed: (run.seed + Math.imul(index, BAND_SEEDS)) >>> 0,
        tiling: isPlain ? undefined : tilesOfBand,
        // A large picture may have a single step of a hundred tiles.
        onStep: isPlain ? ({ steps }) => count.advance((steps + 1) * countTiles(pass)) : undefined,
        onTile: (steps) => count.advance((steps + 1) * countTiles(pass)),
      },
      1,
    );

  let band = bands[0]!; // a tiling has at least one row
  let clean: Float32Array = new Float32Array();
  const beginRow = async (y: number): Promise<void> => {
    const index = bands.findIndex(({ top }) => top === y);
    if (index < 0) return;
    band = bands[index]!; // found just now
    clean = new Float32Array(); // the last band's latents go before this one's are made
    clean = await denoiseBand(band, index);
  };
  const draw = async (tile: PixelRect): Promise<FloatImage> => {
    const latents = cutPlanes(clean, { width: working.width, height: band.height }, { ...tile, y: tile.y - band.top });
    const size = { width: tile.width * factor, height: tile.height * factor };
    return fromPictureTensor(await model.latents.decode(latents, size, coding));
  };
  await eachTile(pass, tiles, run, count, draw, beginRow);
}

/** Image to image at low strength over blended tiles of the resampled picture. */
export async function drawRefined(
  model: DiffusionModel,
  { pass, tiles }: DrawingOf<"refine">,
  options: GenerationOptions,
  run: DrawRun,
): Promise<void> {
  const { working, tiling, schedule } = pass;
  const { cell } = model.latents;
  const coding = { isTiled: pass.execution.isVaeTiled, signal: run.signal };
  const size = { width: tiling.tileWidth, height: tiling.tileHeight };
  const count = new StepCount(run, 2 * countTiles(pass));
  const clean = await refineLatents(
    model,
    { ...working, tiling, readTile: async (x, y) => toPictureTensor(tiles.read({ x, y, ...size })) },
    {
      ...options,
      strength: schedule.strength,
      onStep: undefined,
      onTile: (steps) => count.advance((steps + 1) * countTiles(pass)),
    },
  );
  const cells = { width: working.width / cell, height: working.height / cell };
  await eachTile(pass, tiles, run, count, async ({ x, y, width, height }) => {
    const cut = { x: x / cell, y: y / cell, width: width / cell, height: height / cell };
    const latents = cutPlanes(clean, cells, cut);
    return fromPictureTensor(await model.latents.decode(latents, size, coding));
  });
}

/** Counts the steps of a pass whose number is known once its schedule is. */
class StepCount {
  readonly #run: DrawRun;
  #of: number;
  #done = 0;

  constructor(run: DrawRun, of: number) {
    this.#run = run;
    this.#of = of;
  }

  async advance(of = this.#of): Promise<void> {
    this.#of = of;
    this.#done += 1;
    await this.#run.onStep({ done: this.#done, of });
  }
}

/** Draws the tiles that can be seen, in reading order, and lays them down. */
async function eachTile(
  { tiling }: EnlargingPass,
  tiles: TileFeed,
  { signal }: DrawRun,
  count: StepCount,
  draw: (tile: PixelRect) => Promise<FloatImage>,
  beginRow?: (y: number) => Promise<void>,
): Promise<void> {
  const { columns, rows, tileWidth: width, tileHeight: height } = tiling;
  for (const [row, y] of rows.entries()) {
    await beginRow?.(y);
    for (const [column, x] of columns.entries()) {
      throwIfCancelled(signal);
      if (tiles.isVisible(column, row)) tiles.lay(column, row, await draw({ x, y, width, height }));
      await count.advance();
    }
    tiles.finishRow(row);
  }
  throwIfCancelled(signal);
}
