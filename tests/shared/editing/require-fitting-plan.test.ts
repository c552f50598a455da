import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requireFittingPlan } from "../../../shared/editing/require-fitting-plan.ts";
import { planEdit } from "../../../shared/planning/plans/plan-edit.ts";
import { type EditRequestInput, editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { ModelFacts } from "../../../shared/protocol/models/model-facts.ts";
import { planSchema } from "../../../shared/protocol/plans/plan.ts";
import { solidHole } from "../../support/solid-hole.ts";
import { stableDiffusionFacts as facts } from "../../support/stable-diffusion-facts.ts";

const image = { width: 1500, height: 900 };
const mask = { holes: [solidHole({ x: 100, y: 100, width: 200, height: 200 })], borderShare: 0 };

/** The plan as data in which anything can be changed. */
function planned(wish: EditRequestInput) {
  return structuredClone(planEdit(editRequestSchema.parse(wish), { image, mask }, facts)) as never as {
    canvas: { x: number; width: number };
    passes: Record<"painted" | "context" | "known", { x: number; y: number; width: number; height: number }>[] &
      { fills: { x: number }[]; tiling: Record<"tileWidth" | "tileHeight", number> & { columns: number[] } }[];
  };
}
type Planned = ReturnType<typeof planned>;

const inpaint = { task: "inpaint", prompt: "a cat" } as const;
const outpaint = { task: "outpaint", left: 300 } as const;
const restyle = { task: "restyle", prompt: "ink" } as const;
const upscale = { task: "upscale", width: 3000, height: 1800 } as const;

describe("a plan", () => {
  test("as it was made fits, whatever the sizes", () => {
    const side = fc.integer({ min: 1, max: 3000 });
    const models: readonly ModelFacts[] = [
      facts,
      { ...facts, fixedSize: { width: 512, height: 384 } },
      { ...facts, cell: 1, sizeMultiple: 8, enlarging: { method: "diffusion", factor: 4, maxNoiseLevel: 350 } },
      { ...facts, cell: 1, sizeMultiple: 1, enlarging: { method: "network", factor: 4, receptiveRadius: 18 } },
    ];
    fc.assert(
      fc.property(side, side, side, fc.constantFrom(...models), (width, height, more, model) => {
        const size = { width, height };
        const holes = [solidHole({ x: 0, y: 0, width: Math.ceil(width / 2), height: Math.ceil(height / 3) })];
        for (const wish of [
          inpaint,
          { ...outpaint, left: more, top: more % 50 },
          restyle,
          { ...upscale, width: width + more, height: height + more },
        ]) {
          const sizes = { image: size, mask: { holes, borderShare: 0 } };
          expect(() => requireFittingPlan(planEdit(editRequestSchema.parse(wish), sizes, model), size)).not.toThrow();
        }
      }),
    );
  });

  test.each<[string, EditRequestInput, (plan: Planned) => void, RegExp]>([
    ["what is painted outside", inpaint, ({ passes: [pass] }) => (pass!.painted.x = 1400), /200×200 at 1400, 100 lies/],
    ["a context elsewhere", inpaint, ({ passes: [pass] }) => (pass!.context.y = 5000), /lies outside of 1500×900/],
    ["a canvas that cuts the picture", outpaint, ({ canvas }) => (canvas.width = 1000), /1500×900 at 0, 0 lies/],
    ["what is drawn outside of the canvas", outpaint, ({ passes: [pass] }) => (pass!.fills[0]!.x = -301), /at -301, 0/],
    ["known ground outside of it", outpaint, ({ passes: [pass] }) => (pass!.known.x = 9), /at 9, 0 lies/],
    ["tiles that end too early", restyle, ({ passes: [pass] }) => (pass!.tiling.tileWidth -= 64), /do not make up/],
    ["tiles beyond the picture", upscale, ({ passes: [pass] }) => (pass!.tiling.tileHeight += 64), /do not make up/],
    ["a gap between tiles", upscale, ({ passes: [pass] }) => pass!.tiling.columns.splice(1, 2), /do not make up/],
  ])("with %s is refused", (_, wish, change, message) => {
    const plan = planned(wish);
    change(plan);
    expect(() => requireFittingPlan(planSchema.parse(plan), image)).toThrow(
      expect.objectContaining({ code: "invalid-request", message: expect.stringMatching(message) }),
    );
  });
});
