import { describe, expect, test } from "vitest";
import { correctColour } from "../../../../shared/editing/layer/correct-colour.ts";
import type { FloatImage } from "../../../../shared/imaging/float-image.ts";

const SIDE = 128;
const CELL = 8;

/** Ground with some texture, the same in every channel but for a tint. */
function ground(): FloatImage {
  const data = new Float32Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const value = 90 + x * 0.3 + ((x * 7 + y * 13) % 9);
      data.set([value, value + 20, value - 30], (y * SIDE + x) * 3);
    }
  }
  return { width: SIDE, height: SIDE, channels: 3, data };
}

/** 1 in a square of 48 px in the middle, less `margin` on all sides. */
function square(margin = 0): Float32Array {
  const repaint = new Float32Array(SIDE * SIDE);
  for (let y = 40 + margin; y < 88 - margin; y += 1) repaint.fill(1, y * SIDE + 40 + margin, y * SIDE + 88 - margin);
  return repaint;
}

const fresh = { repaint: square(), cell: CELL, wanted: "something-new" } as const;
/** The model repaints 8 px more than is painted. */
const removal = { repaint: square(), painted: square(8), cell: CELL, wanted: "surroundings" } as const;

function meanDifference(a: FloatImage, b: FloatImage, where: (x: number, y: number) => boolean): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.data.length; i += 1) {
    const pixel = Math.floor(i / 3);
    if (!where(pixel % SIDE, Math.floor(pixel / SIDE))) continue;
    sum += Math.abs((a.data[i] as number) - (b.data[i] as number));
    count += 1;
  }
  return sum / count;
}

const inSquare = (x: number, y: number) => x >= 40 && x < 88 && y >= 40 && y < 88;
const nearSquare = (x: number, y: number) => x >= 32 && x < 96 && y >= 32 && y < 96;

describe("correctColour", () => {
  test("takes a constant drift of colour back, inside the repainted area too", () => {
    const source = ground();
    const drifted = { ...source, data: source.data.map((value, i) => value + [6, -4, 3][i % 3]!) };
    expect(meanDifference(correctColour(drifted, source, fresh), source, inSquare)).toBeLessThan(0.3);
  });

  test("takes a loss of contrast back", () => {
    const source = ground();
    const washed = { ...source, data: source.data.map((value) => 110 + (value - 110) * 0.93) };
    const before = meanDifference(washed, source, inSquare);
    expect(meanDifference(correctColour(washed, source, fresh), source, inSquare)).toBeLessThan(before / 2);
  });

  test("closes a drift that changes around the mask at the mask's edge", () => {
    const source = ground();
    const uneven = { ...source, data: source.data.map((value, i) => value + ((Math.floor(i / 3) % SIDE) - 64) * 0.12) };
    const before = meanDifference(uneven, source, (x, y) => nearSquare(x, y) && !inSquare(x, y));
    const after = meanDifference(
      correctColour(uneven, source, fresh),
      source,
      (x, y) => nearSquare(x, y) && !inSquare(x, y),
    );
    expect(after).toBeLessThan(before / 3);
  });

  test("lets a wanted change of colour inside the mask stand", () => {
    const source = ground();
    const data = new Float32Array(source.data);
    for (let y = 40; y < 88; y += 1) {
      for (let x = 40; x < 88; x += 1) data.set([230, 30, 40], (y * SIDE + x) * 3);
    }
    const red = { ...source, data };
    expect(correctColour(red, source, fresh)).toEqual(red);
  });

  test("does not let content that differs on the ring bleed far", () => {
    const source = ground();
    const data = new Float32Array(source.data);
    for (let y = 0; y < SIDE; y += 1)
      for (let x = 88; x < SIDE; x += 1) data.fill(0, (y * SIDE + x) * 3, (y * SIDE + x) * 3 + 3);
    const other = { ...source, data };
    const left = (x: number, y: number) => inSquare(x, y) && x < 52;
    expect(meanDifference(correctColour(other, source, fresh), source, left)).toBeLessThan(20);
  });

  test("lets something new that reaches out of the mask keep its colour", () => {
    const source = ground();
    const data = new Float32Array(source.data);
    for (let y = 42; y < 86; y += 1) for (let x = 42; x < 86; x += 1) data.set([240, 180, 20], (y * SIDE + x) * 3);
    const drawn = { ...source, data };
    const corrected = correctColour(drawn, source, { ...fresh, painted: square(8) });
    expect(meanDifference(corrected, drawn, inSquare)).toBeLessThan(1);
  });

  test("takes what does not meet the surroundings for wrong where they are to go on", () => {
    const source = ground();
    const data = new Float32Array(source.data);
    for (let y = 40; y < 88; y += 1) for (let x = 40; x < 88; x += 1) data.set([240, 180, 20], (y * SIDE + x) * 3);
    const drawn = { ...source, data };
    const before = meanDifference(drawn, source, inSquare);
    expect(meanDifference(correctColour(drawn, source, removal), source, inSquare)).toBeLessThan(before / 10);
  });

  test("does not let the rim of what is removed bleed into the place", () => {
    const clean = ground();
    const data = new Float32Array(clean.data);
    for (let y = 45; y < 83; y += 1)
      for (let x = 45; x < 83; x += 1)
        if (x < 48 || x >= 80 || y < 48 || y >= 80) data.fill(0, (y * SIDE + x) * 3, (y * SIDE + x) * 3 + 3);
    const shadowed = { ...clean, data };
    const inPainted = (x: number, y: number) => x >= 48 && x < 80 && y >= 48 && y < 80;
    const error = (rim: number) =>
      meanDifference(correctColour(clean, shadowed, { ...removal, rim }), clean, inPainted);
    expect(error(4)).toBeLessThan(2);
    expect(error(0)).toBeGreaterThan(20);
  });

  test("has nothing to correct by when everything is repainted", () => {
    const source = ground();
    const drawn = { ...source, data: source.data.map((value) => value + 9) };
    expect(correctColour(drawn, source, { ...fresh, repaint: new Float32Array(SIDE * SIDE).fill(1) })).toBe(drawn);
  });
});
