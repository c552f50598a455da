import { expect, test } from "vitest";
import { browserBudget, browserMemory } from "../../../../plugin/engine-worker/runtime/browser-memory.ts";

const GIB = 1024 ** 3;

test.each([
  ["half of a small machine", "wasm", 4, 2],
  ["what WebAssembly can address, of a large one", "wasm", 8, 3],
  ["half of what a card shares with the machine", "webgpu", 8, 4],
] as const)("grants %s", (_, device, machine, budget) => {
  expect(browserBudget(device, machine)).toBe(budget * GIB);
});

test.each([
  ["what the model leaves, its weights widened", "wasm", { unet: 0.25 }, 2, "fast", 1],
  ["what the model leaves of the graphics memory", "webgpu", { unet: 0.75, text_encoder: 0.25 }, 4, "fast", 3],
  [
    "what the larger leaves where graphs take turns",
    "webgpu",
    { unet: 3, text_encoder: 2, vae_decoder: 0.5 },
    4,
    "lean",
    0.5,
  ],
  ["nothing beside a model that takes everything", "wasm", { unet: 2 }, 2, "lean", 0],
] as const)("leaves for drawing %s", (_, device, weights, budget, mode, left) => {
  const graphs = new Map(Object.entries(weights).map(([name, bytes]) => [`${name}/model.onnx`, bytes * GIB]));
  expect(browserMemory(device, graphs, budget * GIB)).toEqual({
    mode,
    memory: { budget: left * GIB, gainsFromBatches: device === "webgpu" },
  });
});
