import { expect, test } from "vitest";
import { rows, strengths } from "../../../benchmarks/quality/sheets/restyle.ts";
import { planRestyle } from "../../../shared/planning/plans/plan-restyle.ts";
import { restyleRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { ModelFacts } from "../../../shared/protocol/models/model-facts.ts";
import { stableDiffusionFacts } from "../../support/stable-diffusion-facts.ts";

const starter: ModelFacts = { ...stableDiffusionFacts, nativeSize: 128, largestSize: 256, sizeMultiple: 32 };

test.each(strengths)("draws the second picture alone in tiles, at a strength of %d", (strength) => {
  const isTiled = rows.map(({ size, fields }) => {
    const request = restyleRequestSchema.parse({ task: "restyle", strength, prompt: fields.prompt });
    const [pass] = planRestyle(request, size, [], starter).passes;
    return "tiling" in pass && pass.tiling !== undefined;
  });
  expect(isTiled).toEqual([false, true, false]);
});
