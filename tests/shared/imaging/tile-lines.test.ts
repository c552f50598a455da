import { describe, expect, test } from "vitest";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { tileLineMeasure } from "../../../shared/imaging/tile-lines.ts";

const WIDTH = 160;
const HEIGHT = 120;
const borders = { columns: [0, 64, 96, 160], rows: [0, 56, 64, 120] };

function paint(level: (x: number, y: number) => number): RgbaImage {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1) data.fill(level(x, y), (y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 3);
  return { width: WIDTH, height: HEIGHT, data };
}

const grain = (x: number, y: number) => 120 + ((x * 7919 + y * 104_729) % 11) + 0.2 * x;

describe("tileLineMeasure", () => {
  test("is about 1 where nothing happens at the borders", () => {
    expect(Math.abs(tileLineMeasure(paint(grain), borders) - 1)).toBeLessThan(0.1);
    expect(
      tileLineMeasure(
        paint(() => 90),
        borders,
      ),
    ).toBe(1);
  });

  test("sees tiles of slightly different brightness", () => {
    const tiled = paint((x, y) => grain(x, y) + (x >= 64 && x < 96 ? 6 : 0) + (y >= 64 ? -5 : 0));
    expect(tileLineMeasure(tiled, borders)).toBeGreaterThan(1.25);
  });

  test("sees a border on flat ground however faint", () => {
    const tiled = paint((x) => (x >= 64 ? 91 : 90));
    expect(tileLineMeasure(tiled, borders)).toBeGreaterThan(1.5);
  });

  test("is not misled by an object's edges elsewhere", () => {
    const scene = paint((x, y) => (Math.hypot(x - 80, y - 60) < 44 ? 30 : 220));
    const measure = tileLineMeasure(scene, borders);
    expect(measure).toBeGreaterThan(0.5);
    expect(measure).toBeLessThan(1.5);
  });

  test("has nothing to say about a picture of one tile", () => {
    expect(tileLineMeasure(paint(grain), { columns: [0, WIDTH], rows: [0, HEIGHT] })).toBeNaN();
  });
});
