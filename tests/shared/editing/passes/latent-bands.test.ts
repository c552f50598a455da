import { expect, it } from "vitest";
import { latentBands } from "../../../../shared/editing/passes/latent-bands.ts";

const tiling = {
  tileWidth: 64,
  tileHeight: 64,
  overlapAcross: 16,
  overlapDown: 16,
  columns: [0, 36],
  rows: [0, 48, 96, 144, 176],
};
const size = { width: 100 };
/** Of `rows` lines of latents with 48 channels. */
const bytesOf = (rows: number) => rows * 100 * 48 * 4;

it("keeps latents that are small in one band", () => {
  expect(latentBands(tiling, size, 48)).toEqual([{ top: 0, height: 240, tiling }]);
});

it("puts as many rows of tiles into a band as its latents may take", () => {
  const bands = latentBands(tiling, size, 48, bytesOf(112));
  expect(bands.map(({ top, height }) => [top, height])).toEqual([
    [0, 112],
    [96, 112],
    [176, 64],
  ]);
  expect(bands.map((band) => band.tiling)).toEqual([
    { ...tiling, rows: [0, 48] },
    { ...tiling, rows: [0, 48] },
    { ...tiling, rows: [0] },
  ]);
});

it("counts the channels: those of the usual latents leave room for twelve times as many rows", () => {
  expect(latentBands(tiling, size, 4, bytesOf(20))).toHaveLength(1);
});

it("counts the width too, and bounds a band to 128 MiB by itself", () => {
  const rows = Array.from({ length: 40 }, (_, i) => i * 48);
  const tall = { ...tiling, rows };
  expect(latentBands(tall, { width: 200 }, 48)).toHaveLength(1);
  // 48 channels of 4 bytes, 2048 wide: 341 rows, of which six tiles take 304 and seven 352.
  expect(latentBands(tall, { width: 2048 }, 48)[0]?.tiling.rows).toHaveLength(6);
});

it("never splits a row of tiles, however little is allowed", () => {
  expect(latentBands(tiling, size, 48, 1).map(({ top, height }) => [top, height])).toEqual(
    tiling.rows.map((row) => [row, 64]),
  );
});
