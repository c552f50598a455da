import { expect, test } from "vitest";
import { Settings } from "../../../../plugin/ui/app/settings.ts";
import { restoreSettings } from "../../../../plugin/ui/jobs/recipes/restore-settings.ts";
import { buildRequest } from "../../../../plugin/ui/jobs/run/build-request.ts";
import { fittingModels } from "../../../../plugin/ui/models/model-for.ts";
import { Draft } from "../../../../plugin/ui/pictures/draft.ts";
import type { StyleReference } from "../../../../plugin/ui/restyle/style-reference.ts";
import { jobSchema, type ModelSummary } from "../../../../shared/protocol/api.ts";
import { type ModelId, modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";

const id = (name: string) => modelIdSchema.parse(name);
const model = id("small");
const netOf = (name: string, fits: readonly string[], kind?: "canny" | "tile"): ModelSummary => ({
  id: name,
  name,
  controlNet: { ...(kind && { kind }), fits: [...fits] },
});
const thumbnail = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
const poster: StyleReference = { name: "poster", bytes: new Uint8Array(1), mime: "image/png", thumbnail };

function settingsWith(...nets: readonly ModelId[]) {
  const settings = new Settings(() => 1);
  for (const net of nets) settings.controls.add(net, "canny");
  return settings;
}

function requestOf(settings: Settings, installed: readonly ModelSummary[]) {
  const edit = new Draft("create");
  edit.prompt.value = "a lake";
  return buildRequest(edit, { settings, model, fitting: fittingModels(installed, model), target: undefined });
}

test("asks for the controls that fit the model, a ready picture as it is", () => {
  const settings = settingsWith(id("depth"), id("xl-canny"), id("edges"));
  settings.controls.change(0, { kind: "source", picture: poster, strength: 0.5, end: 0.6 });
  settings.controls.change(2, { picture: poster });
  const installed = [netOf("depth", ["small"]), netOf("edges", ["small"]), netOf("xl-canny", ["large"])];
  expect(requestOf(settings, installed).controls).toEqual([
    { model: "depth", kind: "raw", strength: 0.5, start: 0, end: 0.6 },
    { model: "edges", kind: "canny", strength: 1, start: 0, end: 1 },
  ]);
});

test("says which control has nothing to look at", () => {
  const settings = settingsWith(id("edges"));
  expect(() => requestOf(settings, [netOf("edges", ["small"])])).toThrow(
    "The ControlNet edges has nothing to look at.",
  );
});

test("keeps the start of a control before its end", () => {
  const { controls } = settingsWith(id("edges"));
  controls.change(0, { end: 0.4 });
  controls.change(0, { start: 0.5 });
  expect(controls.choices.value).toMatchObject([{ start: 0, end: 0.4 }]);
});

test("asks for the IP-Adapter that fits the model only where there is a picture to read", () => {
  const settings = new Settings(() => 1);
  const installed = ["large", "small"].map((fits) => ({ id: `for-${fits}`, name: fits, ipAdapter: { fits: [fits] } }));
  expect(requestOf(settings, installed).referenceModel).toBeNull();
  settings.promptPictures.pictures.value = [poster];
  settings.promptPictures.strength.value = 0.4;
  expect(requestOf(settings, installed)).toMatchObject({ referenceModel: "for-small", referenceStrength: 0.4 });
  expect(requestOf(settings, []).referenceModel).toBeNull();
});

test("brings a job's controls and its IP-Adapter back", () => {
  const settings = new Settings(() => 1);
  const controls = [
    { model: id("edges"), kind: "canny" as const, strength: 0.7, start: 0, end: 0.8 },
    { model: id("depth"), kind: "raw" as const, strength: 1, start: 0, end: 1 },
  ];
  const request = { task: "create", prompt: "a lake", width: 64, height: 64, controls } as const;
  const job = { id: "job000000000000", state: "done", createdAt: 0, lastEvent: { type: "cancelled" } };
  const reference = { referenceModel: "adapter", referenceStrength: 0.3 };
  restoreSettings(settings, jobSchema.parse({ ...job, acknowledged: false, request: { ...request, ...reference } }));
  expect(settings.controls.choices.value).toMatchObject([
    { model: "edges", kind: "canny", strength: 0.7, end: 0.8 },
    { model: "depth", kind: "source" },
  ]);
  expect([settings.promptPictures.model.value, settings.promptPictures.strength.value]).toEqual(["adapter", 0.3]);
});
