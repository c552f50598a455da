import { describe, expect, test } from "vitest";
import { tileSide } from "../../../shared/planning/tile-side.ts";
import type { ModelFacts } from "../../../shared/protocol/model-facts.ts";

const MIB = 1024 ** 2;

const diffusion: ModelFacts = {
  family: "stable-diffusion",
  tasks: ["restyle", "upscale"],
  nativeSize: 512,
  sizeMultiple: 64,
  cell: 8,
  seesMask: false,
  isGuidable: true,
  canInvert: true,
  memory: {
    denoiser: { perCell: 30_720, perCellPair: 64 },
    autoencoder: { perCell: 196_608, perCellPair: 8 },
  },
  defaults: { scheduler: "ddim", steps: 20, guidanceScale: 7.5 },
};

const network: ModelFacts = {
  ...diffusion,
  family: "super-resolution",
  nativeSize: 384,
  sizeMultiple: 1,
  cell: 1,
  seesMask: false,
  enlarging: { method: "network", factor: 4, receptiveRadius: 18 },
  memory: { denoiser: { perCell: 12_288, perCellPair: 0 }, autoencoder: { perCell: 0, perCellPair: 0 } },
};

/** Its latents have the small picture's size, whatever scale its autoencoder has. */
const upscaler: ModelFacts = {
  ...network,
  family: "stable-diffusion-x4-upscaler",
  enlarging: { method: "diffusion", factor: 4 },
};

describe("the side of a tile", () => {
  test.each([
    ["is the model's own where there is room", diffusion, 4096, 512],
    ["is halved where there is not", diffusion, 1024, 256],
    ["does not shrink where guidance fits row by row", diffusion, 2200, 512],
    ["leaves room for the autoencoder", diffusion, 2000, 256],
    ["is the model's own where a row and the autoencoder just fit", diffusion, 2040, 512],
    ["is never less than half of a diffusion model's", diffusion, 0, 256],
    ["stays on the model's grid", { ...diffusion, sizeMultiple: 512 }, 0, 512],
    ["is a graph's own where that is fixed", { ...diffusion, fixedSize: { width: 512, height: 512 } }, 0, 512],
    ["is a network's own where there is room", network, 2048, 384],
    ["follows a network's memory", network, 512, 192],
    ["counts a cell for each of an upscaler's pixels", upscaler, 1700, 192],
    ["leaves a network more than it throws away", network, 0, 96],
    ["is the model's own where nothing is known", { ...diffusion, memory: undefined }, 0, 512],
  ])("%s", (_, facts, megabytes, side) => {
    expect(tileSide(facts, megabytes * MIB)).toBe(side);
  });
});
