import { describe, expect, test } from "vitest";
import { autoencoderCost, denoiserCost } from "../../../../shared/diffusion/pack/memory-costs.ts";

const MIB = 1024 ** 2;
const bytes = ({ perCell, perCellPair }: { perCell: number; perCellPair: number }, cells: number): number =>
  perCell * cells + perCellPair * cells * cells;

describe("what an evaluation of the denoiser takes", () => {
  test("follows the heads of the finest level that attends", () => {
    const down_block_types = ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"];
    const levels = { block_out_channels: [320, 640, 1280], attention_head_dim: [5, 10, 20], down_block_types };
    expect(denoiserCost(levels)).toEqual({ perCell: 320 * 24 * 4, perCellPair: (10 * 8) / 16 });
  });

  test("takes one number of heads for every level", () => {
    const levels = { block_out_channels: [320], attention_head_dim: 8, down_block_types: ["CrossAttnDownBlock2D"] };
    expect(denoiserCost(levels).perCellPair).toBe(64);
  });

  // Measured with onnxruntime-node on two processor cores, as growth of the resident memory in one evaluation.
  test.each([
    ["half of Stable Diffusion 1.5's width, at 512 px", 160, 8, 4096, 1069],
    ["the fixtures' at 512 px, by its attention", 4, 2, 4096, 265],
    ["the starter's at 384 px, which says little of itself", 64, undefined, 2304, 15],
  ])("is estimated at what was measured, or somewhat above: %s", (_, width, heads, cells, measured) => {
    const attention = { attention_head_dim: heads, down_block_types: ["CrossAttnDownBlock2D"] };
    const levels = { block_out_channels: [width], ...(heads !== undefined && attention) };
    const estimate = bytes(denoiserCost(levels), cells) / MIB;
    expect(estimate).toBeGreaterThan(measured * 0.9);
    expect(estimate).toBeLessThan(measured * 2.5);
  });
});

describe("what decoding takes", () => {
  test("is estimated at what was measured for Stable Diffusion's at 256 px: 259 MiB", () => {
    const estimate = bytes(autoencoderCost({ block_out_channels: [128, 256, 512, 512] }, 8), 32 * 32) / MIB;
    expect(estimate).toBeGreaterThan(250);
    expect(estimate).toBeLessThan(280);
  });

  test("is the fixtures' attention at 1024 px, as measured: 2137 MiB", () => {
    const estimate = bytes(autoencoderCost({ block_out_channels: [4, 4, 4, 4] }, 8), 128 * 128) / MIB;
    expect(estimate).toBeGreaterThan(2000);
    expect(estimate).toBeLessThan(2300);
  });

  test("has no attention where the config says so", () => {
    expect(autoencoderCost({ mid_block_add_attention: false }, 8).perCellPair).toBe(0);
  });
});
