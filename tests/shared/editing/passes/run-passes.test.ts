import { expect, test } from "vitest";
import type { SuperResolutionModel } from "../../../../shared/diffusion/models/super-resolution-model.ts";
import type { EditedLayer } from "../../../../shared/editing/passes/run-passes.ts";
import { runEdit } from "../../../../shared/editing/run-edit.ts";
import { upscaleRequestSchema } from "../../../../shared/protocol/edit-request.ts";

/** A network that draws everything white. */
const white: SuperResolutionModel = {
  type: "super-resolution",
  facts: {
    family: "white",
    tasks: ["upscale"],
    nativeSize: 64,
    sizeMultiple: 1,
    cell: 1,
    seesMask: false,
    readsPrompt: false,
    isGuidable: false,
    canInvert: false,
    enlarging: { method: "network", factor: 2, receptiveRadius: 0 },
  },
  graphs: [],
  load: async () => {},
  enlarge: async ({ width, height }) => ({
    width: width * 2,
    height: height * 2,
    data: new Float32Array(12 * width * height).fill(1),
  }),
  release: async () => {},
};
const request = upscaleRequestSchema.parse({ task: "upscale", width: 4, height: 2, count: 3, seed: 5 });
const image = { width: 2, height: 1, data: new Uint8ClampedArray(8).fill(255) };

test("hands every variant over as soon as it is finished, and keeps none of those", async () => {
  const taken: EditedLayer[] = [];
  const kept = await runEdit(
    request,
    { image },
    { model: white, now: () => 0, onLayer: (layer) => void taken.push(layer) },
  );
  expect(kept).toEqual([]);
  expect(taken).toEqual(await runEdit(request, { image }, { model: white, now: () => 0 }));
  expect(taken.map(({ variant, seed, pixels }) => [variant, seed, pixels.width])).toEqual([
    [0, 5, 4],
    [1, 6, 4],
    [2, 7, 4],
  ]);
});
