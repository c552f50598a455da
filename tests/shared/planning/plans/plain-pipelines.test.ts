import { describe, expect, test } from "vitest";
import { planEdit } from "../../../../shared/planning/plans/plan-edit.ts";
import { type EditRequestInput, editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { editTasks, paintingTasks } from "../../../../shared/protocol/edit-task.ts";
import type { ModelFacts } from "../../../../shared/protocol/models/model-facts.ts";

const common = {
  nativeSize: 1024,
  sizeMultiple: 16,
  cell: 16,
  seesMask: false,
  readsPrompt: true,
  isGuidable: true,
  canInvert: false,
  defaults: { scheduler: "flow-match-euler", steps: 4, guidanceScale: 1 },
} as const;
/** With a pipeline of every kind. */
const instructed: ModelFacts = {
  ...common,
  kind: "diffusion",
  family: "instructed",
  tasks: editTasks,
  plain: {
    create: { sizes: "cropped", steps: 50, guidanceScale: 4 },
    edit: { sizes: "cropped", largestArea: 1024 ** 2, leastSide: 64, largestAspect: 8, steps: 50, guidanceScale: 4 },
    inpaint: { sizes: "stretched", largestArea: 1024 ** 2, steps: 50, guidanceScale: 8, strength: 0.8 },
  },
  isNegativeRead: false,
};
const painting: ModelFacts = {
  ...common,
  kind: "diffusion",
  family: "painting",
  tasks: paintingTasks,
  unguidedScale: 0,
  plain: {
    create: { sizes: "exact", steps: 50, guidanceScale: 5 },
    restyle: { sizes: "stretched", steps: 50, guidanceScale: 5, strength: 0.6 },
  },
};
const mask = { holes: [{ bounds: { x: 8, y: 8, width: 8, height: 8 }, strokeWidth: 8 }], borderShare: 0 };

function plan(facts: ModelFacts, request: EditRequestInput, image = { width: 75, height: 90 }, shown = {}) {
  return planEdit(editRequestSchema.parse({ plain: true, prompt: "night", ...request }), { image, ...shown }, facts);
}

describe("a plain run of a family with pipelines of its own", () => {
  test("takes what the request leaves open from the pipeline", () => {
    const inpaint = plan(instructed, { task: "inpaint" }, undefined, { mask });
    expect(inpaint).toMatchObject({ guidanceScale: 8, passes: [{ schedule: { steps: 50, strength: 0.8 } }] });
    const said = { steps: 3, guidanceScale: 2, strength: 0.5 };
    expect(plan(instructed, { task: "inpaint", ...said }, undefined, { mask })).toMatchObject({
      guidanceScale: 2,
      passes: [{ schedule: { steps: 3, strength: 0.5 } }],
    });
  });

  test("cuts pictures to look at down to what the model takes, those beyond its largest area after reducing them", () => {
    const references = [
      { width: 64, height: 80 },
      { width: 2048, height: 1024 },
    ];
    const edit = plan(instructed, { task: "edit" }, undefined, { references });
    expect(edit.passes).toMatchObject([
      {
        working: { width: 64, height: 80 },
        fit: { by: "crop", from: { width: 75, height: 90 } },
        references: [
          { working: { width: 64, height: 80 } },
          { working: { width: 1440, height: 720 }, fit: { by: "crop", from: { width: 1448, height: 724 } } },
        ],
      },
    ]);
  });

  test("stretches pictures to redraw, and floors the size of new ones", () => {
    expect(plan(painting, { task: "restyle" }).passes).toMatchObject([
      { working: { width: 64, height: 80 }, fit: { by: "stretch", from: { width: 75, height: 90 } } },
    ]);
    expect(plan(instructed, { task: "create", width: 86, height: 70 })).toMatchObject({
      target: { width: 80, height: 64 },
    });
  });

  test.each<[string, ModelFacts, EditRequestInput, object, string]>([
    ["a task without pipeline", instructed, { task: "restyle" }, {}, "cannot restyle plainly"],
    ["a task that the model does not know", painting, { task: "edit" }, {}, "cannot edit"],
    ["a mask for an instruction", instructed, { task: "edit" }, { mask }, "no mask"],
    ["a negative prompt", instructed, { task: "edit", negativePrompt: "day" }, {}, "negative prompt"],
    ["an empty negative prompt", instructed, { task: "edit", negativePrompt: "" }, {}, "negative prompt"],
    [
      "a reference for a style",
      painting,
      { task: "restyle" },
      { references: [{ width: 64, height: 64 }] },
      "no reference",
    ],
    ["a size that the pipeline refuses", painting, { task: "create", width: 70, height: 64 }, {}, "multiples of 16"],
    ["a picture that is too small", instructed, { task: "edit" }, { image: { width: 63, height: 80 } }, "64 pixels"],
    ["a picture that is too long", instructed, { task: "edit" }, { image: { width: 64, height: 640 } }, "8 times"],
  ])("refuses %s", (_, facts, request, shown, words) => {
    expect(() => plan(facts, request, undefined, shown)).toThrow(words);
  });
});
