import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { Settings } from "../../../../plugin/ui/app/settings.ts";
import { describeEngine } from "../../../../plugin/ui/models/describe-engine.ts";
import { modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";

function words(
  installed: readonly { readonly id: string; readonly name: string }[],
  chosen?: string,
  device = "cpu",
): string {
  const settings = new Settings(() => 1);
  if (chosen !== undefined) settings.chooseModel("inpaint", modelIdSchema.parse(chosen));
  const engines = {
    place: signal("companion" as const),
    models: signal(installed),
    companion: signal({ type: "up", status: { device } }),
    browser: signal({ type: "idle" }),
  };
  return describeEngine(engines as unknown as Parameters<typeof describeEngine>[0], settings).words;
}

const starter = { id: "starter", name: "Starter" };

test("names the device and the model that draws", () => {
  expect(words([starter, { id: "sdxl", name: "SDXL" }], "sdxl")).toBe("CPU · SDXL");
  expect(words([starter], undefined, "cuda:1")).toBe("CUDA 1 · Starter");
  expect(words([starter], undefined, "cuda:0, webgpu")).toBe("CUDA 0, WebGPU · Starter");
});

test("says that the chosen model was taken away meanwhile", () => {
  expect(words([starter], "sdxl")).toBe("“sdxl” is not installed any more");
});
