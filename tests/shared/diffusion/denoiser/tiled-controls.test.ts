import { expect, test } from "vitest";
import { createTiledDenoiser } from "../../../../shared/diffusion/denoiser/create-denoiser.ts";
import type { DenoiserOptions, DiffusionModel } from "../../../../shared/diffusion/models/diffusion-model.ts";

test("each tile is shown its own part of what controls the whole", async () => {
  const shown: { readonly options: DenoiserOptions }[] = [];
  // Of a model, tiles ask for these alone.
  const model = {
    facts: { cell: 8 },
    createDenoiser: async (options: DenoiserOptions) => {
      shown.push({ options });
      return { predict: async (latents: Float32Array) => latents };
    },
  } as unknown as DiffusionModel;
  const size = { width: 48, height: 16 };
  const picture = Float32Array.from({ length: 3 * 48 * 16 }, (_, i) => i % 48);
  const tiling = { tileWidth: 32, tileHeight: 16, overlapAcross: 16, overlapDown: 0, columns: [0, 16], rows: [0] };
  const embedding = { hidden: new Float32Array(1), tokens: 1, width: 1, pooled: undefined };
  const denoiser = await createTiledDenoiser(model, {
    size,
    tiling,
    batch: 1,
    guidanceScale: 1,
    conditioning: { prompt: embedding, negative: undefined },
    controls: [{ net: 0, picture, strength: 1, start: 0, end: 1 }],
  });
  await denoiser.predict(new Float32Array(4 * 6 * 2), 500, "a test", { from: 0, to: 1 });
  const parts = shown.map(({ options }) => options.controls?.[0]?.picture);
  expect(parts.map((part) => [part?.length, part?.[0], part?.at(-1)])).toEqual([
    [3 * 32 * 16, 0, 31],
    [3 * 32 * 16, 16, 47],
  ]);
});
