import { describe, expect, test } from "vitest";
import { tileLineMeasure } from "../../../../benchmarks/quality/measures/tile-lines.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const WIDTH = 160;
const HEIGHT = 120;
const borders = { columns: [0, 64, 96, 160], rows: [0, 56, 64, 120] };

function paint(level: (x: number, y: number) => number): RgbaImage {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1) data.fill(level(x, y), (y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 3);
  return { width: WIDTH, height: HEIGHT, data };
}

const grain = (x: number, y: number) => 120 + ((x * 7919 + y * 104_729) % 4) + 0.25 * x;

describe("tileLineMeasure", () => {
  test("is about 1 where nothing happens at the borders", () => {
    expect(Math.abs(tileLineMeasure(paint(grain), borders, 1) - 1)).toBeLessThan(0.1);
    const flat = paint(() => 90);
    expect(tileLineMeasure(flat, borders, 1)).toBe(1);
  });

  test("sees tiles of slightly different brightness", () => {
    const tiled = paint((x, y) => grain(x, y) + (x >= 64 && x < 96 ? 6 : 0) + (y >= 64 ? -5 : 0));
    expect(tileLineMeasure(tiled, borders, 1)).toBeGreaterThan(1.25);
  });

  test("sees a border on flat ground however faint", () => {
    const tiled = paint((x) => (x >= 64 ? 91 : 90));
    expect(tileLineMeasure(tiled, borders, 1)).toBeGreaterThan(1.5);
  });

  test("is not misled by the edges of what the picture shows", () => {
    const scene = paint((x, y) => 220 - 190 * Math.min(1, Math.max(0, (Math.hypot(x - 80, y - 60) - 15) / 4)));
    const measure = tileLineMeasure(scene, borders, 1);
    expect(measure).toBeGreaterThan(0.9);
    expect(measure).toBeLessThan(1.1);
  });

  test("does not take an edge of what is shown for a border, where it knows what is shown", () => {
    const scene = paint((x) => (x >= 64 ? 200 : 60));
    expect(tileLineMeasure(scene, borders, 1)).toBeGreaterThan(10);
    expect(tileLineMeasure(scene, borders, 1, { ...scene })).toBe(1);
  });

  test("does not take the grid of cells that decoders leave for borders", () => {
    const gridded = paint((x, y) => grain(x, y) + (x % 8 === 0 ? 3 : 0));
    expect(tileLineMeasure(gridded, { columns: [64, 96], rows: [] }, 1)).toBeGreaterThan(1.2);
    expect(Math.abs(tileLineMeasure(gridded, { columns: [64, 96], rows: [] }, 8) - 1)).toBeLessThan(0.1);
  });

  test("has nothing to say about a picture of one tile", () => {
    expect(tileLineMeasure(paint(grain), { columns: [0, WIDTH], rows: [0, HEIGHT] }, 1)).toBeNaN();
  });
});
