import { expect, test } from "vitest";
import { Settings } from "../../../../plugin/ui/app/settings.ts";
import { rememberModels } from "../../../../plugin/ui/models/remember-models.ts";
import { modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";

const sdxl = modelIdSchema.parse("sdxl");

function storage(kept?: string) {
  const items = new Map(kept === undefined ? [] : [["overpaint-models", kept]]);
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
}

test("the model that was chosen for a task draws it when the panel is opened again", () => {
  const kept = storage();
  const first = new Settings(() => 1);
  rememberModels(first, () => kept);
  first.chooseModel("restyle", sdxl);
  first.chooseModel("create", sdxl);
  first.leaveModelOpen("create");
  const second = new Settings(() => 1);
  rememberModels(second, () => kept);
  expect(second.models.value).toEqual({ restyle: "sdxl" });
});

test.each(["{", '{"animate":"sdxl"}', '{"inpaint":"../../etc"}', "[]"])("takes nothing from %s", (text) => {
  const settings = new Settings(() => 1);
  rememberModels(settings, () => storage(text));
  expect(settings.models.value).toEqual({});
});

test("works where the browser keeps nothing for framed pages", () => {
  const settings = new Settings(() => 1);
  rememberModels(settings, () => {
    throw new DOMException("The request was denied.", "SecurityError");
  });
  settings.chooseModel("inpaint", sdxl);
  expect(settings.models.value).toEqual({ inpaint: "sdxl" });
});
