import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { denoiseMask } from "../../../../shared/editing/context/denoise-mask.ts";
import { paintedContext } from "../../../../shared/editing/context/painted-context.ts";
import type { GrayImage } from "../../../../shared/imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../../../../shared/protocol/geometry.ts";
import type { InpaintPass, MaskPlan } from "../../../../shared/protocol/plans/pass.ts";

const CELL = 8;

interface Options extends Pick<InpaintPass, "context" | "masking"> {
  readonly mask: MaskPlan;
  readonly working: PixelSize;
  readonly drawn: readonly PixelRect[];
}

function options(context: PixelRect, working: PixelSize, grow: number): Options {
  return { context, working, mask: { grow, feather: 0, blend: 0 }, masking: "shown", drawn: [] };
}

function repainted(mask: GrayImage, settings: Options): Float32Array {
  return denoiseMask(paintedContext(mask, settings), settings, CELL);
}

describe("denoiseMask", () => {
  test("hides whole latent cells, and every painted pixel", () => {
    const side = fc.integer({ min: 1, max: 90 });
    fc.assert(
      fc.property(side, side, fc.nat(), fc.integer({ min: 0, max: 6 }), (width, height, salt, grow) => {
        const mask = { width, height, data: new Uint8Array(width * height) };
        const painted = salt % mask.data.length;
        mask.data[painted] = 255;
        const out = repainted(mask, options({ x: 0, y: 0, width, height }, { width: 64, height: 32 }, grow));
        expect(out).toHaveLength(64 * 32);
        const torn = out.filter((value, i) => {
          const [x, y] = [i % 64, Math.floor(i / 64)];
          return value !== out[Math.floor(y / CELL) * CELL * 64 + Math.floor(x / CELL) * CELL];
        });
        expect(torn).toHaveLength(0);
        const centreX = Math.floor((((painted % width) + 0.5) * 64) / width);
        const centreY = Math.floor(((Math.floor(painted / width) + 0.5) * 32) / height);
        expect(out[centreY * 64 + centreX]).toBe(1);
      }),
    );
  });

  test("reaches half a cell farther for a mask grown by half a cell", () => {
    const mask = { width: 64, height: 8, data: new Uint8Array(64 * 8) };
    mask.data.fill(255, 3 * 64 + 18, 3 * 64 + 22); // inside the third cell, 2 px from either border
    const plan = (grow: number) => options({ x: 0, y: 0, width: 64, height: 8 }, { width: 64, height: 8 }, grow);
    const cells = (grow: number) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((cell) => repainted(mask, plan(grow))[cell * 8] === 1);
    expect(cells(0)).toEqual([2]);
    expect(cells(2)).toEqual([2]);
    expect(cells(4)).toEqual([1, 2, 3]);
  });

  test("follows a soft brush, and feathers outward, for models that can", () => {
    const whole = { x: 0, y: 0, width: 64, height: 8 };
    const soft = {
      ...options(whole, whole, 0),
      masking: "differential",
      mask: { grow: 0, feather: 15, blend: 0 },
    } as const;
    const mask = { width: 64, height: 8, data: new Uint8Array(64 * 8) };
    mask.data.fill(128, 0, 8); // half painted in the first cell
    const half = repainted(mask, soft);
    expect(half[0]).toBeCloseTo(128 / 255);
    mask.data.fill(255, 0, 8);
    const cells = [0, 8, 16, 24].map((x) => repainted(mask, soft)[x] as number);
    expect(cells[0]).toBe(1);
    expect(cells[1]).toBeCloseTo(15 / 16, 1); // its first column is one pixel away
    expect(cells[2]).toBeCloseTo(7 / 16, 1);
    expect(cells[3]).toBe(0);
  });

  test.each([1, 2, 4])("covers a picture of %i px for any reach that can be asked for", (side) => {
    const mask = { width: side, height: side, data: new Uint8Array(side * side) };
    mask.data[0] = 255;
    const whole = { x: 0, y: 0, width: side, height: side };
    const reach = { grow: 499, feather: 499, blend: 25 };
    const settings = { ...options(whole, { width: 128, height: 128 }, 0), mask: reach };
    expect(Math.min(...repainted(mask, settings))).toBe(1);
    expect(Math.min(...repainted(mask, { ...settings, masking: "differential" }))).toBe(1);
  });

  test("leaves out what is drawn already", () => {
    const whole = { x: 0, y: 0, width: 64, height: 8 };
    const mask = { width: 64, height: 8, data: new Uint8Array(64 * 8) };
    mask.data.fill(255, 0, 4);
    mask.data.fill(255, 40, 44);
    const drawn = [{ x: 0, y: 0, width: 4, height: 1 }];
    const out = repainted(mask, { ...options(whole, whole, 0), drawn });
    expect([out[0], out[40]]).toEqual([0, 1]);
  });
});
