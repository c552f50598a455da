import { expect, test } from "vitest";
import { planCreate } from "../../../../shared/planning/plans/plan-create.ts";
import { noteIgnoredWords } from "../../../../shared/planning/words/note-ignored-words.ts";
import { createRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { ModelFacts } from "../../../../shared/protocol/model-facts.ts";

const facts: ModelFacts = {
  family: "stable-diffusion",
  tasks: ["create"],
  nativeSize: 512,
  sizeMultiple: 64,
  cell: 8,
  seesMask: false,
  isGuidable: true,
  canInvert: true,
  defaults: { scheduler: "ddim", steps: 20, guidanceScale: 7.5 },
};

function notes(fields: object, changed: Partial<ModelFacts> = {}): readonly string[] {
  const request = createRequestSchema.parse({ task: "create", width: 512, height: 512, prompt: "a cat", ...fields });
  const model = { ...facts, ...changed };
  return noteIgnoredWords(request, planCreate(request, model), model).map(({ text }) => text);
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
