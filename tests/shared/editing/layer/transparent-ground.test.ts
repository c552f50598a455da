import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { erasedArea } from "../../../../shared/editing/layer/erased-area.ts";
import { type DrawnOnGround, opacityOnGround } from "../../../../shared/editing/layer/transparent-ground.ts";
import { paintOver } from "../../../../shared/imaging/compose/composite.ts";
import { eraseUnder } from "../../../../shared/imaging/compose/erase-under.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";

const side = 32;
const area = { x: 8, y: 8, width: 16, height: 16 };
const whole = { x: 0, y: 0, width: side, height: side };
const inHole = (x: number, y: number) => x >= 8 && x < 24 && y >= 8 && y < 24;

function picture(colourAt: (x: number, y: number) => readonly [number, number, number, number]): RgbaImage {
  const data = new Uint8Array(side * side * 4);
  for (let pixel = 0; pixel < side * side; pixel += 1)
    data.set(colourAt(pixel % side, Math.floor(pixel / side)), pixel * 4);
  return { width: side, height: side, data };
}

const mask = {
  width: side,
  height: side,
  data: Uint8Array.from({ length: side * side }, (_, i) => (inHole(i % side, Math.floor(i / side)) ? 255 : 0)),
};
const coverage = new Uint8Array(area.width * area.height).fill(255);

function drawing(image: RgbaImage, intent: DrawnOnGround["intent"], greyAt: (x: number, y: number) => number) {
  const data = new Float32Array(side * side * 3);
  for (let i = 0; i < data.length; i += 1) {
    const pixel = Math.floor(i / 3);
    data[i] = greyAt(pixel % side, Math.floor(pixel / side));
  }
  const pixels = { width: side, height: side, channels: 3, data };
  return { image, mask, area, intent, drawn: { pixels, context: whole } };
}

const flat = () => 120;
const nothing = picture(() => [0, 0, 0, 0]);

describe("opacityOnGround", () => {
  test("leaves an opaque picture's coverage as it is", () => {
    const opaque = picture(() => [9, 9, 9, 255]);
    expect(opacityOnGround(drawing(opaque, "remove", flat), coverage)).toEqual({ alpha: coverage });
  });

  test("a removal where nothing is around shows nothing and erases what was there", () => {
    const thing = picture((x, y) => (inHole(x, y) ? [200, 0, 0, 255] : [0, 0, 0, 0]));
    const { alpha, erase } = opacityOnGround(drawing(thing, "remove", flat), coverage);
    expect(new Set(alpha)).toEqual(new Set([0]));
    expect(new Set(erase)).toEqual(new Set([255]));
    expect(erasedArea({ ...area, data: erase ?? new Uint8Array() }, area)).toEqual(area);
  });

  test("a removal beside a thing leaves no trace", () => {
    const { alpha, erase } = opacityOnGround(drawing(nothing, "remove", flat), coverage);
    expect(new Set(alpha)).toEqual(new Set([0]));
    expect(erase).toBeUndefined();
  });

  test("an object drawn on nothing is as opaque as it differs from the ground, which stays transparent", () => {
    const isObject = (x: number, y: number) => Math.hypot(x - 15.5, y - 15.5) < 5;
    const { alpha, erase } = opacityOnGround(
      drawing(nothing, "add", (x, y) => (isObject(x, y) ? 220 : 121)),
      coverage,
    );
    expect(erase).toBeUndefined();
    expect(alpha[8 * area.width + 8]).toBe(255);
    expect(alpha[0]).toBe(0);
    expect(alpha[2 * area.width + 2]).toBe(0);
  });

  test("a new background covers what was transparent", () => {
    expect(opacityOnGround(drawing(nothing, "background", flat), coverage)).toEqual({ alpha: coverage });
  });

  test("laid over the erased source, opacity goes from the source's to the wanted one by the coverage", () => {
    const values = fc.uint8Array({ minLength: 256, maxLength: 256 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 255 }), (covered, own) => {
        const image = picture((x, y) => (inHole(x, y) ? [50, 60, 70, own] : [50, 60, 70, 0]));
        const { alpha, erase } = opacityOnGround(drawing(image, "remove", flat), covered);
        const result = { ...image, data: new Uint8Array(image.data) };
        if (erase) eraseUnder(result, { ...area, data: erase }, area);
        const data = new Uint8Array(area.width * area.height * 4);
        for (let i = 0; i < alpha.length; i += 1) data.set([50, 60, 70, alpha[i]!], i * 4);
        paintOver(result, { ...area, data }, area);
        for (let i = 0; i < covered.length; i += 1) {
          const at = ((8 + Math.floor(i / 16)) * side + 8 + (i % 16)) * 4;
          const wanted = own * (1 - covered[i]! / 255);
          expect(Math.abs(result.data[at + 3]! - wanted)).toBeLessThanOrEqual(1);
          if (covered[i] === 0) expect(result.data[at + 3]).toBe(own);
        }
        expect(result.data[3]).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
