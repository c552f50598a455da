import { expect, test } from "vitest";
import { Settings } from "../../../../../plugin/ui/app/settings.ts";
import { buildRequest } from "../../../../../plugin/ui/jobs/run/build-request.ts";
import { fittingModels, modelFor, takeModel } from "../../../../../plugin/ui/models/model-for.ts";
import { Draft } from "../../../../../plugin/ui/pictures/draft.ts";
import type { ModelSummary } from "../../../../../shared/protocol/api.ts";
import { type ModelFacts, modelIdSchema } from "../../../../../shared/protocol/models/model-facts.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";

const id = (name: string) => modelIdSchema.parse(name);

test("asks for the LoRAs that are on and fit the model", () => {
  const settings = new Settings(() => 1);
  settings.setLora(id("ink"), 0.6);
  settings.setLora(id("xl-only"), 1);
  settings.setLora(id("off"), 1);
  settings.setLora(id("off"), null);
  const loraOf = (name: string, fits: readonly string[]) => ({ id: name, name, lora: { ranks: [4], fits: [...fits] } });
  const installed = [loraOf("ink", ["small"]), loraOf("off", ["small"]), loraOf("xl-only", ["large"])];
  const edit = new Draft("create", undefined);
  edit.prompt.value = "a lake";
  const model = id("small");
  const context = { settings, model, fitting: fittingModels(installed, model), target: undefined };
  expect(buildRequest(edit, context).loras).toEqual([{ id: "ink", strength: 0.6 }]);
});

test("asks for the chosen precision where the model offers it, and leaves it to other models", () => {
  const settings = new Settings(() => 1);
  const installed: readonly ModelSummary[] = [
    { id: "built", name: "Built", precisions: [{ precision: "fp32" }, { precision: "int8" }] },
    { id: "ready", name: "Ready" },
  ];
  const edit = new Draft("create", undefined);
  edit.prompt.value = "a lake";
  const precisionFor = (name: string) => {
    const context = { settings, model: id(name), fitting: fittingModels(installed, id(name)), target: undefined };
    return buildRequest(edit, context).precision;
  };
  expect(precisionFor("built")).toBe("auto");
  settings.drawing.precision.value = "int8";
  expect(["built", "ready", "unknown"].map(precisionFor)).toEqual(["int8", "auto", "auto"]);
});

test("asks for no style that the model cannot draw", async () => {
  const settings = new Settings(() => 1);
  const installed: readonly ModelSummary[] = [
    { id: "flat-only", name: "Flat only", styles: ["flat"] },
    { id: "any", name: "Any" },
  ];
  const panel = await PanelInNode.start();
  const { restyle } = (await panel.paintedSession()).drafts;
  await panel.companion.kill();
  const styleFor = (name: string) => {
    const context = { settings, model: id(name), fitting: fittingModels(installed, id(name)), target: undefined };
    const request = buildRequest(restyle, context);
    return request.task === "restyle" && request.style;
  };
  settings.style.value = "riso";
  expect(["flat-only", "any"].map(styleFor)).toEqual([null, "riso"]);
  settings.style.value = "flat";
  expect(["flat-only", "any"].map(styleFor)).toEqual(["flat", "flat"]);
});

test("offers removals to the erase network while no model is named, also after another one was", async () => {
  const panel = await PanelInNode.start();
  const { settings } = panel;
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.companion.kill();
  const sees = { cell: 1, seesMask: false, readsPrompt: false, isGuidable: false, canInvert: false };
  const facts = {
    kind: "erase",
    family: "erase",
    tasks: ["inpaint"],
    nativeSize: 512,
    sizeMultiple: 1,
    ...sees,
  } satisfies ModelFacts;
  const installed: readonly ModelSummary[] = [{ id: "mi-gan", name: "MI-GAN", facts }];
  const eraser = () => {
    const model = modelFor("inpaint", settings);
    const request = buildRequest(inpaint, {
      settings,
      model,
      fitting: fittingModels(installed, model),
      target: undefined,
    });
    return request.task === "inpaint" && request.eraser;
  };
  expect(eraser()).toBe("mi-gan");
  takeModel("inpaint", id("photo-inpaint"), settings);
  expect(eraser()).toBeNull();
  takeModel("inpaint", id("starter"), settings);
  expect(eraser()).toBe("mi-gan");
});
