import { expect, test } from "vitest";
import { Settings } from "../../../../plugin/ui/app/settings.ts";
import { offeredTasks } from "../../../../plugin/ui/edit/instruction-models.ts";
import {
  backgroundRemovalFor,
  fittingModels,
  modelFor,
  modelsFor,
  selectorFor,
} from "../../../../plugin/ui/models/model-for.ts";
import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import { drawingTasks } from "../../../../shared/protocol/edit-task.ts";
import { type ModelFacts, modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";

function network(kind: ModelFacts["kind"], tasks: ModelFacts["tasks"]): ModelSummary {
  const sees = { cell: 1, seesMask: false, readsPrompt: false, isGuidable: false, canInvert: false };
  return {
    id: `a-${kind}`,
    name: kind,
    facts: { kind, family: kind, tasks, nativeSize: 512, sizeMultiple: 1, ...sees },
  };
}

const erase = network("erase", ["inpaint"]);
const background = network("background", ["cutout", "select"]);
const clicks = network("segmentation", ["select"]);
const installed = [background, clicks, erase];

test("each kind is offered only where it serves", () => {
  const offered = drawingTasks.map((task) => [task, modelsFor(installed, task).map(({ id }) => id)] as const);
  expect(offered.filter(([, models]) => models.length > 0)).toEqual([["inpaint", ["a-erase"]]]);
  expect(offeredTasks(installed)).not.toContain("edit");
});

test("clicks go to a model that takes them, subjects to one that removes backgrounds where both are there", () => {
  expect(selectorFor(installed, "object")).toBe("a-segmentation");
  expect(selectorFor(installed, "subject")).toBe("a-background");
  expect(selectorFor([clicks], "subject")).toBe("a-segmentation");
  expect(selectorFor([background, erase], "object")).toBeUndefined();
  expect(backgroundRemovalFor([clicks, erase])).toBeUndefined();
});

test("removals are offered to an installed erase network, whatever model inpaints", () => {
  const settings = new Settings(() => 1);
  const model = modelFor("inpaint", settings);
  expect(fittingModels(installed, model).eraser).toBe(modelIdSchema.parse("a-erase"));
  expect(fittingModels([clicks], model).eraser).toBeNull();
});
