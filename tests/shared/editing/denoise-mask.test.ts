import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { denoiseMask } from "../../../shared/editing/denoise-mask.ts";
import type { InpaintPlan } from "../../../shared/protocol/plans/inpaint-plan.ts";

const CELL = 8;
const base: Omit<InpaintPlan, "context" | "working" | "mask"> = {
  task: "inpaint",
  scheduler: "ddim",
  steps: 4,
  guidanceScale: 1,
  strength: 1,
  plain: false,
};

describe("denoiseMask", () => {
  test("hides whole latent cells, and every painted pixel", () => {
    const side = fc.integer({ min: 1, max: 90 });
    fc.assert(
      fc.property(side, side, fc.nat(), fc.integer({ min: 0, max: 6 }), (width, height, salt, grow) => {
        const mask = { width, height, data: new Uint8Array(width * height) };
        const painted = salt % mask.data.length;
        mask.data[painted] = 255;
        const plan: InpaintPlan = {
          ...base,
          context: { x: 0, y: 0, width, height },
          working: { width: 64, height: 32 },
          mask: { grow, feather: 0, blend: 0 },
        };
        const out = denoiseMask(mask, plan, CELL);
        expect(out).toHaveLength(64 * 32);
        for (let y = 0; y < 32; y += 1) {
          for (let x = 0; x < 64; x += 1) {
            const corner = Math.floor(y / CELL) * CELL * 64 + Math.floor(x / CELL) * CELL;
            expect(out[y * 64 + x]).toBe(out[corner]);
          }
        }
        const centreX = Math.floor((((painted % width) + 0.5) * 64) / width);
        const centreY = Math.floor(((Math.floor(painted / width) + 0.5) * 32) / height);
        expect(out[centreY * 64 + centreX]).toBe(1);
      }),
    );
  });

  test("reaches half a cell farther for a mask grown by half a cell", () => {
    const mask = { width: 64, height: 8, data: new Uint8Array(64 * 8) };
    mask.data.fill(255, 3 * 64 + 18, 3 * 64 + 22); // inside the third cell, 2 px from either border
    const plan = (grow: number): InpaintPlan => ({
      ...base,
      context: { x: 0, y: 0, width: 64, height: 8 },
      working: { width: 64, height: 8 },
      mask: { grow, feather: 0, blend: 0 },
    });
    const cells = (grow: number) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((cell) => denoiseMask(mask, plan(grow), CELL)[cell * 8] === 1);
    expect(cells(0)).toEqual([2]);
    expect(cells(2)).toEqual([2]);
    expect(cells(4)).toEqual([1, 2, 3]);
  });
});
