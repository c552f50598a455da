import { expect, test } from "vitest";
import { planEdit } from "../../../../shared/planning/plans/plan-edit.ts";
import { noteSmallerSize } from "../../../../shared/planning/words/note-smaller-size.ts";
import { type EditRequestInput, editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { stableDiffusionFacts as facts } from "../../../support/stable-diffusion-facts.ts";

const GIB = 1024 ** 3;

/** What is said of an edit of a picture of so many pixels by a device of so much memory. */
function notes(input: EditRequestInput, side: number, budget: number) {
  const request = editRequestSchema.parse(input);
  const sizes = { image: { width: side, height: side } };
  const roomy = planEdit(request, sizes, facts);
  return noteSmallerSize(planEdit(request, sizes, facts, { budget, gainsFromBatches: false }), roomy);
}

const restyle: EditRequestInput = { task: "restyle", prompt: "ink" };

test("says at which size a picture was drawn for want of memory", () => {
  const text = "For want of memory the model drew 384×384 pixels instead of 512×512.";
  expect(notes(restyle, 256, GIB)).toEqual([{ code: "memory-saved", text }]);
});

test("claims of a picture in tiles no more than that it was drawn smaller", () => {
  const text = "For want of memory the model drew 1536×1536 pixels instead of 3072×3072.";
  expect(notes(restyle, 6000, 0)).toEqual([{ code: "memory-saved", text }]);
});

test("says nothing where there is memory, or where only tiles became smaller", () => {
  expect(notes(restyle, 512, 8 * GIB)).toEqual([]);
  expect(notes(restyle, 2000, 1.7 * GIB)).toEqual([]);
});
