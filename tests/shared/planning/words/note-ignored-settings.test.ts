import { describe, expect, test } from "vitest";
import { planCreate } from "../../../../shared/planning/plans/plan-create.ts";
import { planUpscale } from "../../../../shared/planning/plans/plan-upscale.ts";
import { noteIgnoredSettings } from "../../../../shared/planning/words/note-ignored-settings.ts";
import { createRequestSchema, upscaleRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";
import { stableDiffusionFacts } from "../../../support/stable-diffusion-facts.ts";

const facts: ModelFacts = { ...stableDiffusionFacts, tasks: ["create"] };

function notes(fields: object, changed: Partial<ModelFacts> = {}): readonly string[] {
  const request = createRequestSchema.parse({ task: "create", width: 512, height: 512, prompt: "a cat", ...fields });
  const model = { ...facts, ...changed };
  return noteIgnoredSettings(request, planCreate(request, model), model).map(({ text }) => text);
}

test("says that a negative prompt is not read without guidance", () => {
  expect(notes({ negativePrompt: "a dog", guidanceScale: 1 })).toEqual([expect.stringContaining("at guidance 1 only")]);
  expect(notes({ negativePrompt: "a dog" }, { isGuidable: false })).toEqual([
    expect.stringContaining("without guidance"),
  ]);
});

test("says nothing where it counts, or where there is none", () => {
  expect(notes({ negativePrompt: "a dog" })).toEqual([]);
  for (const negativePrompt of [null, "", " "]) expect(notes({ negativePrompt, guidanceScale: 1 })).toEqual([]);
});

describe("upscaling", () => {
  const enlarging: Partial<ModelFacts> = { tasks: ["upscale"], cell: 1, sizeMultiple: 1, isGuidable: false };
  const network: ModelFacts = {
    ...facts,
    ...enlarging,
    readsPrompt: false,
    enlarging: { method: "network", factor: 4, receptiveRadius: 3 },
    defaults: undefined,
  };
  const wordless: ModelFacts = {
    ...facts,
    ...enlarging,
    readsPrompt: false,
    enlarging: { method: "diffusion", factor: 4, maxNoiseLevel: 350 },
  };
  const refining: ModelFacts = { ...facts, tasks: ["upscale"], enlarging: { method: "refine" } };
  const all = { prompt: "a cat", steps: 9, guidanceScale: 3, scheduler: "euler", noiseLevel: 5, strength: 0.2 };

  test.each([
    ["a network", network, "prompt, guidance, steps, scheduler, noise level and strength"],
    ["an upscaler without words", wordless, "prompt, guidance and strength"],
    ["refinement", refining, "noise level"],
  ])("says what %s does not read", (_, model, names) => {
    const request = (given: object) => upscaleRequestSchema.parse({ task: "upscale", width: 64, height: 64, ...given });
    const told = (given: object) => {
      const wish = request(given);
      return noteIgnoredSettings(wish, planUpscale(wish, { width: 32, height: 32 }, model, model.nativeSize), model);
    };
    expect(told(all)).toEqual([
      { code: "settings-ignored", text: `This model does not read the ${names}, which had no effect.` },
    ]);
    expect(told({})).toEqual([]);
  });
});
