import type { PixelSize } from "../../protocol/geometry.ts";
import type { Tiling } from "../../protocol/plans/tiling.ts";
import type { DenoiserOptions, DiffusionModel } from "../models/diffusion-model.ts";
import { type CellRect, cutPlanes } from "../tensors/tile-planes.ts";
import type { Denoiser } from "./denoiser.ts";
import { OverviewDenoiser } from "./overview-denoiser.ts";
import { TiledDenoiser } from "./tiled-denoiser.ts";

export interface CreateDenoiserOptions extends Omit<DenoiserOptions, "width" | "height"> {
  /** Of the working picture, in pixels. */
  readonly size: PixelSize;
}

export interface TiledOptions extends CreateDenoiserOptions {
  /** In pixels of the working picture. */
  readonly tiling: Tiling;
  /** Awaited after each tile of each step. */
  readonly afterTile?: (() => void | Promise<void>) | undefined;
}

export interface TilesAndOverview {
  /** What the tiles are told. */
  readonly tiles: TiledOptions;
  /** What the whole is told, and the size at which the model sees all of it. */
  readonly overview: CreateDenoiserOptions;
}

/** A denoiser that takes the working picture's latents in one piece. */
export async function createDenoiser(
  model: DiffusionModel,
  { size, ...options }: CreateDenoiserOptions,
): Promise<Denoiser> {
  return await model.createDenoiser({ ...options, ...cellsOf(size, model.facts.cell) });
}

/** A denoiser for pictures larger than the model, in tiles blended at every step. What a model is shown is cut with them. */
export async function createTiledDenoiser(model: DiffusionModel, options: TiledOptions): Promise<Denoiser> {
  const { size, tiling, masked, lowResolution, controls = [], signal, afterTile } = options;
  const { cell } = model.facts;
  const whole = cellsOf(size, cell);
  const tile = { width: tiling.tileWidth, height: tiling.tileHeight };
  const common = { whole, tiling: tilingInCells(tiling, cell), signal, afterTile };
  if (!masked && !lowResolution && controls.length === 0) {
    const denoiser = await createDenoiser(model, { ...options, size: tile });
    return new TiledDenoiser({ ...common, denoiserOf: () => denoiser });
  }
  // A denoiser holds what its tile is shown; kept for every tile of a large picture, they would fill the memory.
  const denoiserOf = (place: CellRect): Promise<Denoiser> => {
    const cut = (planes: Float32Array): Float32Array => cutPlanes(planes, whole, place);
    const inPixels = { x: place.x * cell, y: place.y * cell, ...tile };
    return createDenoiser(model, {
      ...options,
      size: tile,
      controls: controls.map((control) => ({ ...control, picture: cutPlanes(control.picture, size, inPixels) })),
      masked: masked && { mask: cut(masked.mask), latents: cut(masked.latents) },
      lowResolution: lowResolution && { ...lowResolution, pixels: cut(lowResolution.pixels) },
    });
  };
  return new TiledDenoiser({ ...common, denoiserOf });
}

/** Tiles that are told little, and an overview from which the prompt of the whole pulls all of them. */
export async function createOverviewDenoiser(
  model: DiffusionModel,
  { tiles, overview }: TilesAndOverview,
): Promise<Denoiser> {
  const { cell } = model.facts;
  return new OverviewDenoiser({
    whole: cellsOf(tiles.size, cell),
    overview: cellsOf(overview.size, cell),
    tiles: await createTiledDenoiser(model, tiles),
    prompted: await createDenoiser(model, overview),
    unprompted: await createDenoiser(model, {
      ...tiles,
      size: overview.size,
      controls: overview.controls,
      isVaeTiled: overview.isVaeTiled,
    }),
  });
}

function cellsOf({ width, height }: PixelSize, cell: number): PixelSize {
  return { width: width / cell, height: height / cell };
}

function tilingInCells(tiling: Tiling, cell: number): Tiling {
  return {
    tileWidth: tiling.tileWidth / cell,
    tileHeight: tiling.tileHeight / cell,
    overlapAcross: tiling.overlapAcross / cell,
    overlapDown: tiling.overlapDown / cell,
    columns: tiling.columns.map((x) => x / cell),
    rows: tiling.rows.map((y) => y / cell),
  };
}
