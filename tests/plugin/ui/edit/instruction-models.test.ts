import { computed, signal } from "@preact/signals";
import { expect, test } from "vitest";
import { Settings } from "../../../../plugin/ui/app/settings.ts";
import { followInstructionModels, offeredTasks } from "../../../../plugin/ui/edit/instruction-models.ts";
import { modelFor } from "../../../../plugin/ui/models/model-for.ts";
import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import { editTasks, paintingTasks } from "../../../../shared/protocol/edit-task.ts";

const facts = {
  kind: "diffusion",
  family: "tiny",
  tasks: editTasks,
  nativeSize: 64,
  sizeMultiple: 16,
  cell: 16,
  seesMask: false,
  readsPrompt: true,
  isGuidable: false,
  canInvert: false,
} as const;
const klein: ModelSummary = { id: "tiny-klein", name: "Tiny klein", facts };
const painter: ModelSummary = { id: "painter", name: "Painter", facts: { ...facts, tasks: paintingTasks } };
/** One that nobody has told about: it may paint, and hardly takes instructions. */
const stranger: ModelSummary = { id: "stranger", name: "Stranger" };

test("instructions come first where a model takes them, and are not offered otherwise", () => {
  expect(offeredTasks([painter, klein])[0]).toBe("edit");
  expect(offeredTasks([painter, stranger])).toEqual(paintingTasks);
  expect(offeredTasks([])).toEqual(paintingTasks);
});

test("an open tab is left once no model takes instructions any more, not while nothing is known yet", () => {
  const models = signal<readonly ModelSummary[]>([]);
  const settings = new Settings(() => 7);
  settings.task.value = "edit";
  followInstructionModels({ models, place: computed(() => "companion" as const) }, settings);
  expect(settings.task.value).toBe("edit");
  models.value = [painter, klein];
  expect(settings.task.value).toBe("edit");
  expect(modelFor("edit", settings)).toBe("tiny-klein");
  models.value = [painter];
  expect(settings.task.value).toBe("inpaint");
});

test("the tab stays open while the browser stands in for the companion whose model took instructions", () => {
  const models = signal<readonly ModelSummary[]>([painter, klein]);
  const place = signal<"companion" | "browser">("companion");
  const settings = new Settings(() => 7);
  settings.task.value = "edit";
  followInstructionModels({ models, place }, settings);
  place.value = "browser";
  models.value = [painter];
  expect(settings.task.value).toBe("edit");
  expect(offeredTasks(models.value, settings.task.value)[0]).toBe("edit");
  place.value = "companion";
  models.value = [painter];
  expect(settings.task.value).toBe("inpaint");
});
