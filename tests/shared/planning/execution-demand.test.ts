import { describe, expect, test } from "vitest";
import { executionDemand } from "../../../shared/planning/execution-demand.ts";
import { planCreate } from "../../../shared/planning/plan-create.ts";
import { planInpaint } from "../../../shared/planning/plan-inpaint.ts";
import { planOutpaint } from "../../../shared/planning/plan-outpaint.ts";
import { planRestyle } from "../../../shared/planning/plan-restyle.ts";
import { planUpscale } from "../../../shared/planning/plan-upscale.ts";
import {
  createRequestSchema,
  inpaintRequestSchema,
  outpaintRequestSchema,
  restyleRequestSchema,
  upscaleRequestSchema,
} from "../../../shared/protocol/edit-request.ts";
import { editTasks } from "../../../shared/protocol/edit-task.ts";
import type { ModelFacts } from "../../../shared/protocol/model-facts.ts";
import { solidHole } from "../../support/solid-hole.ts";

const facts: ModelFacts = {
  family: "stable-diffusion",
  tasks: editTasks,
  nativeSize: 512,
  sizeMultiple: 64,
  cell: 8,
  seesMask: false,
  isGuidable: true,
  canInvert: true,
  enlarging: { method: "refine" },
  defaults: { scheduler: "ddim", steps: 20, guidanceScale: 7.5 },
};
const network: ModelFacts = {
  ...facts,
  family: "super-resolution",
  nativeSize: 384,
  sizeMultiple: 1,
  cell: 1,
  enlarging: { method: "network", factor: 4, receptiveRadius: 18 },
};
const upscaler: ModelFacts = {
  ...network,
  family: "stable-diffusion-x4-upscaler",
  nativeSize: 128,
  sizeMultiple: 8,
  cell: 1,
  enlarging: { method: "diffusion", factor: 4 },
};
const NATIVE = 64 * 64;
const image = { width: 4000, height: 3000 };

describe("what an edit asks of a device", () => {
  test("is the working picture of a creation, for all variants together", () => {
    const plan = planCreate(createRequestSchema.parse({ task: "create", width: 512, height: 512 }), facts);
    const demand = {
      denoisedCells: NATIVE,
      codedCells: NATIVE,
      previewedCells: NATIVE,
      isPreviewTiled: false,
      nativeCells: NATIVE,
      variants: 3,
      isGuided: true,
    };
    expect(executionDemand(plan, 3, facts)).toEqual(demand);
  });

  test("is the refining pass of a creation larger than the model", () => {
    const plan = planCreate(createRequestSchema.parse({ task: "create", width: 2048, height: 2048 }), facts);
    const demand = executionDemand(plan, 1, facts);
    expect(demand).toMatchObject({ denoisedCells: 96 * 96, codedCells: 96 * 96, nativeCells: NATIVE });
  });

  test("is the largest pass of an inpainting, without halves where nothing guides", () => {
    const hole = { x: 100, y: 100, width: 900, height: 900 };
    const request = inpaintRequestSchema.parse({ task: "inpaint" });
    const plan = planInpaint(request, image, { holes: [solidHole(hole)], borderShare: 0 }, facts);
    const areas = plan.regions.flatMap(({ passes }) => passes.map(({ working }) => working.width * working.height));
    const demand = executionDemand(plan, 2, facts);
    expect(demand.denoisedCells).toBe(Math.max(...areas) / 64);
    expect(demand).toMatchObject({ variants: 2, isGuided: false });
  });

  test("is one variant after the other of an extension", () => {
    const plan = planOutpaint(outpaintRequestSchema.parse({ task: "outpaint", left: 300 }), image, facts);
    expect(executionDemand(plan, 4, facts).variants).toBe(1);
  });

  test("is a tile or the overview of a large restyle, whichever is larger", () => {
    const request = restyleRequestSchema.parse({ task: "restyle", prompt: "ink" });
    const plan = planRestyle(request, image, undefined, facts, 256);
    expect(plan.tiling).toMatchObject({ tileWidth: 256, tileHeight: 256 });
    const overview = (plan.overview!.width * plan.overview!.height) / 64;
    expect(executionDemand(plan, 1, facts)).toMatchObject({ denoisedCells: overview, codedCells: overview });
    // Previews show all of it.
    expect(executionDemand(plan, 1, facts).previewedCells).toBe((plan.working.width * plan.working.height) / 64);
  });

  test("is a tile of a refinement in cells, and an upscaler's or a network's in pixels", () => {
    const request = upscaleRequestSchema.parse({ task: "upscale", width: 8000, height: 6000 });
    expect(executionDemand(planUpscale(request, image, facts), 1, facts).denoisedCells).toBe(NATIVE);
    expect(executionDemand(planUpscale(request, image, facts, 256), 1, facts).denoisedCells).toBe(32 * 32);
    expect(executionDemand(planUpscale(request, image, upscaler), 1, upscaler).denoisedCells).toBe(128 ** 2);
    expect(executionDemand(planUpscale(request, image, network), 1, network).denoisedCells).toBe(384 ** 2);
    expect(executionDemand(planUpscale(request, image, network, 192), 1, network).denoisedCells).toBe(192 ** 2);
  });
});
