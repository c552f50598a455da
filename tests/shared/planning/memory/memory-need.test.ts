import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseCatalog } from "../../../../shared/hub/catalog.ts";
import { memoryNeed, verdictOn } from "../../../../shared/planning/memory/memory-need.ts";
import { inRepository } from "../../../support/repository.ts";

const GIGABYTE = 1024 ** 3;
const OVERHEAD = 0.5 * GIGABYTE;
const { models } = parseCatalog(readFileSync(inRepository("models/catalog.json"), "utf8"));

/** A text encoder of 100 million weights, a denoiser of 400 and an autoencoder of 50, at 64 by 64 cells. */
const model = {
  size: 512,
  parts: [
    { name: "text_encoder", parameters: 100e6 },
    { name: "unet", parameters: 400e6, rounded: { int8: 500e6, int4: 300e6 } },
    { name: "vae", parameters: 50e6 },
  ],
  memory: {
    cell: 8,
    denoiser: { perCell: 1000, perCellPair: 10 },
    autoencoder: { perCell: 2000, perCellPair: 0 },
    codedSide: 32,
  },
};
const CELLS = 64 * 64;
const DENOISING = 1000 * CELLS + 10 * CELLS ** 2;
/** In tiles of 32 by 32 cells. */
const CODING = 2000 * 32 * 32;

test.each([
  ["fp32", 4 * 550e6, 4 * 400e6],
  ["fp16", 2 * 500e6 + 4 * 50e6, 2 * 400e6],
  ["int8", 2 * 100e6 + 500e6 + 4 * 50e6, 500e6],
  ["int4", 2 * 100e6 + 300e6 + 4 * 50e6, 300e6],
] as const)(
  "in %s everything at once, or the denoiser in its turn, is counted with its run",
  (precision, all, denoiser) => {
    expect(memoryNeed(model, precision)).toEqual({
      whole: all + DENOISING + CODING + OVERHEAD,
      least: denoiser + DENOISING + OVERHEAD,
    });
  },
);

test("a picture of twice the side takes four times the cells and sixteen times the attention", () => {
  const [small, large] = [memoryNeed(model, "fp16", 512), memoryNeed(model, "fp16", 1024)];
  const more = 1000 * 3 * CELLS + 10 * 15 * CELLS ** 2;
  expect((large?.least ?? 0) - (small?.least ?? 0)).toBe(more);
  expect((large?.whole ?? 0) - (small?.whole ?? 0)).toBe(more);
});

test("nothing is claimed of models whose weights nobody counted", () => {
  expect(memoryNeed({ ...model, parts: [] }, "fp16")).toBeUndefined();
  expect(
    verdictOn({ ...model, parts: [] }, { device: "cuda", memory: GIGABYTE, systemMemory: GIGABYTE }),
  ).toBeUndefined();
});

describe("the verdict", () => {
  const card = (gigabytes: number, system = 8) => ({
    device: "cuda",
    memory: gigabytes * GIGABYTE,
    systemMemory: system * GIGABYTE,
  });

  test.each([
    ["sd-1.5", card(8), "runs"],
    ["sd-1.5", card(2), "runs-slowly"],
    ["sdxl", card(16), "runs"],
    ["sdxl", card(8), "runs-slowly"],
    ["sdxl", card(2, 2), "too-large"],
    ["z-image-turbo", card(80, 128), "runs"],
    ["z-image-turbo", card(8, 16), "runs-slowly"],
    ["z-image-turbo", card(2, 3), "too-large"],
    ["real-esrgan", { ...card(4), device: "cpu" }, "runs"],
    ["sd-1.5", { ...card(16), device: "cpu" }, "runs-slowly"],
  ] as const)("on %s with %o is %s", (id, machine, verdict) => {
    expect(verdictOn(models.find((each) => each.id === id)!, machine)).toBe(verdict); // the catalog has them
  });
});
