import { expect, test } from "vitest";
import { Settings } from "../../../../../plugin/ui/app/settings.ts";
import { restoreSettings } from "../../../../../plugin/ui/jobs/recipes/restore-settings.ts";
import { type Job, jobSchema } from "../../../../../shared/protocol/api.ts";
import type { EditRequestInput } from "../../../../../shared/protocol/edit-request.ts";
import { modelIdSchema } from "../../../../../shared/protocol/models/model-facts.ts";

function jobOf(request: EditRequestInput): Job {
  return jobSchema.parse({
    id: "job000000000000",
    state: "done",
    createdAt: 0,
    request,
    source: { width: 64, height: 48 },
    lastEvent: { type: "cancelled" },
    acknowledged: false,
  });
}

test("brings style, strength and layout of a restyle back, and the seed without keeping it", () => {
  const settings = new Settings(() => 1);
  restoreSettings(settings, jobOf({ task: "restyle", style: "riso", strength: 0.3, keepLayout: false, seed: 9 }));
  expect([settings.style.value, settings.restyleStrength.value, settings.keepsLayout.value]).toEqual([
    "riso",
    0.3,
    false,
  ]);
  expect([settings.seed.value, settings.isSeedLocked.value]).toEqual([9, false]);
});

test.each([
  [192, 144, 3],
  [100, 75, "match"],
])("finds how an upscale to %i × %i was chosen", (width, height, choice) => {
  const settings = new Settings(() => 1);
  restoreSettings(settings, jobOf({ task: "upscale", width, height }));
  expect(settings.upscale.value).toBe(choice);
});

test("brings the size of a new picture back", () => {
  const settings = new Settings(() => 1);
  restoreSettings(settings, jobOf({ task: "create", width: 320, height: 200, prompt: "a lake" }));
  expect(settings.creationSize.value).toEqual({ width: 320, height: 200 });
});

test.each(["int8", "auto"] as const)("brings the precision %s back", (precision) => {
  const settings = new Settings(() => 1);
  settings.drawing.precision.value = "fp16";
  restoreSettings(settings, jobOf({ task: "create", width: 320, height: 200, prompt: "a lake", precision }));
  expect(settings.drawing.precision.value).toBe(precision);
});

test.each([
  ["starter", "mi-gan", undefined],
  ["starter", null, "starter"],
  ["sd-1.5", "mi-gan", "sd-1.5"],
])("with %s and the erase network %s, the model that is chosen is %s", (model, eraser, chosen) => {
  const settings = new Settings(() => 1);
  settings.chooseModel("inpaint", modelIdSchema.parse("another"));
  restoreSettings(settings, jobOf({ task: "inpaint", model, eraser } as EditRequestInput));
  expect(settings.models.value.inpaint).toBe(chosen);
});
