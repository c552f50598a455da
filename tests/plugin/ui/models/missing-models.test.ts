import { expect, test } from "vitest";
import { Settings } from "../../../../plugin/ui/app/settings.ts";
import { type MissingModels, missingError, missingModels } from "../../../../plugin/ui/models/missing-models.ts";
import { fittingModels } from "../../../../plugin/ui/models/model-for.ts";
import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import { editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import type { DrawingTask } from "../../../../shared/protocol/edit-task.ts";
import { modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";

const id = (name: string) => modelIdSchema.parse(name);
const thumbnail = { width: 1, height: 1, data: new Uint8ClampedArray(4) };

/** With a LoRA, a ControlNet and an IP-Adapter chosen that "small" was drawn with, and another LoRA that it was not. */
function settingsOfSmall(): Settings {
  const settings = new Settings(() => 1);
  const beside = { loras: [{ id: "ink" }], controls: [{ model: "net", kind: "canny" }], referenceModel: "reader" };
  settings.usedTogether.note(editRequestSchema.parse({ task: "restyle", model: "small", ...beside }));
  settings.setLora(id("ink"), 1);
  settings.setLora(id("oil"), 1);
  settings.controls.add(id("net"), "canny");
  settings.references.value = [{ name: "poster", bytes: new Uint8Array(1), mime: "image/png", thumbnail }];
  settings.referenceModel.value = id("reader");
  return settings;
}

function missingOf(task: DrawingTask, model: string, installed: readonly string[]): MissingModels {
  const models: readonly ModelSummary[] = installed.map((each) => ({ id: each, name: each }));
  return missingModels(settingsOfSmall(), task, id(model), fittingModels(models, id(model)));
}

const none: MissingModels = {
  vae: undefined,
  textEncoders: [],
  loras: [],
  controlNets: [],
  ipAdapter: undefined,
};

test.each<[string, DrawingTask, string, readonly string[], MissingModels]>([
  [
    "all that a model was drawn with",
    "restyle",
    "small",
    ["small"],
    { ...none, loras: [id("ink")], controlNets: [id("net")], ipAdapter: id("reader") },
  ],
  ["what takes part in the task", "edit", "small", ["small"], { ...none, loras: [id("ink")] }],
  ["nothing of what another model was drawn with", "restyle", "large", ["small", "large"], none],
  ["nothing of a model that is gone itself", "restyle", "small", ["large"], none],
])("misses %s", (_, task, model, installed, missing) => {
  expect(missingOf(task, model, installed)).toEqual(missing);
});

test("names everything that is missing at once", () => {
  expect(missingError(none)).toBeUndefined();
  expect(missingError(missingOf("restyle", "small", ["small"]))?.message).toBe(
    "The LoRA ink, the ControlNet net, the IP-Adapter reader that this was drawn with are not installed here.",
  );
});
