import type { PixelSize } from "../protocol/geometry.ts";
import type { ModelFacts } from "../protocol/model-facts.ts";
import type { Plan } from "../protocol/plan.ts";
import type { PassDemand } from "./estimate-memory.ts";

/** What a whole plan asks of a device: its passes taken as one, each figure the largest of any. */
export interface ExecutionDemand extends PassDemand {
  /** Latent cells of the autoencoder's own size: its tiles have that many. */
  readonly nativeCells: number;
  /** Variants that may be drawn together; 1 where they are drawn one after the other. */
  readonly variants: number;
}

/** What a plan asks of a device: its largest picture or tile, and whether variants can be drawn together. */
export function executionDemand(plan: Plan, variants: number, facts: ModelFacts): ExecutionDemand {
  const cells = ({ width, height }: PixelSize): number => (width * height) / facts.cell ** 2;
  const { denoised, coded, previewed, together } = largestPictures(plan);
  return {
    denoisedCells: Math.max(...denoised.map(cells)),
    codedCells: Math.max(...coded.map(cells)),
    previewedCells: Math.max(0, ...previewed.map(cells)),
    isPreviewTiled: false,
    nativeCells: cells({ width: facts.nativeSize, height: facts.nativeSize }),
    variants: together ? variants : 1,
    isGuided: plan.guidanceScale > 1,
  };
}

interface LargestPictures {
  readonly denoised: readonly PixelSize[];
  readonly coded: readonly PixelSize[];
  /** What previews decode in one piece unless the autoencoder is tiled. */
  readonly previewed: readonly PixelSize[];
  /** Whether the edit draws variants together. */
  readonly together: boolean;
}

function largestPictures(plan: Plan): LargestPictures {
  switch (plan.task) {
    case "inpaint": {
      const working = plan.regions.flatMap(({ passes }) => passes.map((pass) => pass.working));
      return { denoised: working, coded: working, previewed: working, together: true };
    }
    case "outpaint": {
      const working = plan.passes.map((pass) => pass.working);
      return { denoised: working, coded: working, previewed: working, together: false };
    }
    case "restyle": {
      const { working, tiling, overview, reference } = plan;
      const pieces = tiling ? [tileOf(tiling)] : [working];
      const others = [overview, reference?.working].filter((size) => size !== undefined);
      // A picture in tiles is coded in tiles too.
      return { denoised: [...pieces, ...others], coded: [...pieces, ...others], previewed: [working], together: false };
    }
    case "upscale": {
      const { tiling, margin } = plan;
      const { width, height } = tileOf(tiling);
      const seen = { width: width + 2 * margin, height: height + 2 * margin };
      return { denoised: [seen], coded: [seen], previewed: [], together: false };
    }
    case "create": {
      const working = plan.refine ? [plan.working, plan.refine.working] : [plan.working];
      return { denoised: working, coded: working, previewed: working, together: true };
    }
  }
}

function tileOf({ tileWidth: width, tileHeight: height }: { readonly tileWidth: number; readonly tileHeight: number }) {
  return { width, height };
}
