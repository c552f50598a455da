import { expect, test } from "vitest";
import { browserMemory } from "../../../plugin/engine-worker/browser-memory.ts";

const GIB = 1024 ** 3;

test.each([
  ["half of a small machine", "wasm", 0, 4, 2],
  ["what WebAssembly can address, of a large one", "wasm", 0, 8, 3],
  ["what the pack leaves, its weights widened", "wasm", 0.25, 4, 1],
  ["what the pack leaves of the graphics memory", "webgpu", 1, 8, 3],
  ["nothing beside a pack that takes everything", "wasm", 2, 4, 0],
] as const)("leaves for drawing %s", (_, device, pack, machine, left) => {
  expect(browserMemory(device, pack * GIB, machine)).toEqual({
    budget: left * GIB,
    gainsFromBatches: device === "webgpu",
  });
});
