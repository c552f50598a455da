import type { PixelSize } from "../../protocol/geometry.ts";
import type { Denoiser, RunShare } from "./denoiser.ts";

export interface OverviewOptions {
  /** Latent size of the whole, in cells. */
  readonly whole: PixelSize;
  /** Latent size of the overview, which the model takes in one piece. */
  readonly overview: PixelSize;
  /** Predicts the whole without being told what it shows. */
  readonly tiles: Denoiser;
  /** Predicts the overview, told the prompt. */
  readonly prompted: Denoiser;
  /** Predicts the overview, told no more than the tiles are. */
  readonly unprompted: Denoiser;
}

/**
 * Lets a prompt work on a picture larger than the model as on one picture: tiles that each heard it would each draw it.
 * They predict what is there, and the way the prompt pulls comes from an overview of the latents, every so many cells of
 * them, whose noise is as strong as theirs. Which cells changes from step to step, so that all of them are heard.
 *
 * Overviews by skipping cells: Du et al., "DemoFusion: Democratising High-Resolution Image Generation With No $$$", 2023,
 * section 3.4, "dilated sampling".
 */
export class OverviewDenoiser implements Denoiser {
  readonly #options: OverviewOptions;
  #calls = 0;

  constructor(options: OverviewOptions) {
    this.#options = options;
  }

  async predict(latents: Float32Array, timestep: number, where: string, share?: RunShare): Promise<Float32Array> {
    const { whole, overview, tiles, prompted, unprompted } = this.#options;
    const planes = latents.length / (whole.width * whole.height);
    const columns = skippedCells(whole.width, overview.width, this.#calls);
    const rows = skippedCells(whole.height, overview.height, Math.floor(this.#calls * GOLDEN));
    this.#calls += 1;

    const small = new Float32Array(planes * overview.width * overview.height);
    let i = 0;
    for (let plane = 0; plane < planes; plane++)
      for (const y of rows)
        for (const x of columns) small[i++] = latents[(plane * whole.height + y) * whole.width + x]!;

    const pulled = await prompted.predict(small, timestep, `${where}, overview`, share);
    const free = await unprompted.predict(small, timestep, `${where}, overview`, share);
    const pull = pulled.map((value, cell) => value - free[cell]!);

    const predicted = await tiles.predict(latents, timestep, where, share);
    const across = neighbours(columns, whole.width);
    const down = neighbours(rows, whole.height);
    i = 0;
    for (let plane = 0; plane < planes; plane++)
      for (const [top, bottom, rowShare] of down) {
        const upper = (plane * overview.height + top) * overview.width;
        const lower = (plane * overview.height + bottom) * overview.width;
        for (const [left, right, share] of across) {
          const above = pull[upper + left]! * (1 - share) + pull[upper + right]! * share;
          const below = pull[lower + left]! * (1 - share) + pull[lower + right]! * share;
          predicted[i] = predicted[i]! + above * (1 - rowShare) + below * rowShare;
          i += 1;
        }
      }
    return predicted;
  }
}

/** Spreads the rows' turns over those of the columns. */
const GOLDEN = (1 + Math.sqrt(5)) / 2;

/** One cell of each of `count` equal stretches of an axis; `turn` says which one of them. */
function skippedCells(length: number, count: number, turn: number): number[] {
  const stretch = length / count;
  return Array.from({ length: count }, (_, i) => {
    const first = Math.floor(i * stretch);
    const cells = Math.max(1, Math.floor((i + 1) * stretch) - first);
    return Math.min(length - 1, first + (turn % cells));
  });
}

/** For each cell of the axis, the two sampled cells it lies between and how far it is from the first to the second. */
function neighbours(cells: readonly number[], length: number): readonly (readonly [number, number, number])[] {
  let left = 0;
  return Array.from({ length }, (_, x) => {
    while (left + 1 < cells.length && cells[left + 1]! <= x) left += 1;
    const right = Math.min(left + 1, cells.length - 1);
    const distance = cells[right]! - cells[left]!;
    const share = distance === 0 ? 0 : Math.min(1, Math.max(0, (x - cells[left]!) / distance));
    return [left, right, share] as const;
  });
}
