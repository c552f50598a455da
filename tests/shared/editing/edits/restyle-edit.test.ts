import { expect, test } from "vitest";
import { RestyleEdit } from "../../../../shared/editing/edits/restyle-edit.ts";
import { planEdit } from "../../../../shared/planning/plans/plan-edit.ts";
import { editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { editTasks } from "../../../../shared/protocol/edit-task.ts";
import type { RestylePlan } from "../../../../shared/protocol/plans/plan.ts";

const facts = {
  kind: "diffusion",
  family: "tiny",
  tasks: editTasks,
  nativeSize: 64,
  sizeMultiple: 8,
  cell: 8,
  seesMask: false,
  readsPrompt: true,
  isGuidable: false,
  canInvert: false,
  defaults: { scheduler: "ddim", steps: 2, guidanceScale: 1 },
} as const;

const picture = { width: 64, height: 64, data: new Uint8ClampedArray(64 * 64 * 4).fill(255) };

function referencesSeen(planned: number, given: number): number {
  const request = editRequestSchema.parse({ task: "restyle", prompt: "a meadow" });
  const of = (count: number) => Array.from({ length: count }, () => picture);
  const plan = planEdit(request, { image: picture, references: of(planned) }, facts) as RestylePlan;
  const drawing = new RestyleEdit(plan, picture, of(given)).begin().start(plan.passes[0], 0);
  return drawing.method === "restyle" ? drawing.references.length : 0;
}

test("takes the style of as many pictures as the plan says, however many came with it", () => {
  expect(referencesSeen(2, 2)).toBe(2);
  expect(referencesSeen(1, 3)).toBe(1);
  expect(referencesSeen(0, 2)).toBe(0);
});

test("says how many pictures a plan wants where fewer came with it", () => {
  expect(() => referencesSeen(2, 1)).toThrow("The plan draws after 2 reference pictures, and there are 1.");
  expect(() => referencesSeen(1, 0)).toThrow("there is none");
});
