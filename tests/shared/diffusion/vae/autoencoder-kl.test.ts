import { describe, expect, test } from "vitest";
import type { Component, GraphSource } from "../../../../shared/diffusion/pack/component.ts";
import { AutoencoderKl } from "../../../../shared/diffusion/vae/autoencoder-kl.ts";

const SIDE = 16;
const config = { scalingFactor: 1, shiftFactor: 0, latentChannels: 4, latentScale: 2, sampleSize: SIDE };
const large = { width: 3 * SIDE, height: 2 * SIDE };

/** Graphs that answer zeros of the right size, and call `onRun` each time. */
function graphs(onRun: (component: Component) => void, onFinish = () => {}, isLean = false): GraphSource {
  return {
    isLean,
    finishDenoising: async () => onFinish(),
    has: (component) => component !== "tiny_vae_decoder",
    session: async (component) => ({
      inputs: [{ name: "sample", type: "float32", shape: [1, "channels", "height", "width"] }],
      outputs: [],
      run: async ({ sample }) => {
        onRun(component);
        const [, , height, width] = sample!.dims as [number, number, number, number];
        const dims =
          component === "vae_encoder" ? [1, 4, height / 2, width / 2] : ([1, 3, height * 2, width * 2] as const);
        const data = new Float32Array(dims.reduce((product, side) => product * side));
        return { out: { type: "float32", dims, data } };
      },
      release: async () => {},
    }),
  };
}

test("runs can be watched unless the decoder would have to be loaded beside the denoiser", () => {
  const lean = graphs(
    () => {},
    () => {},
    true,
  );
  expect(
    new AutoencoderKl(
      graphs(() => {}),
      config,
    ).hasPreviews,
  ).toBe(true);
  expect(new AutoencoderKl(lean, config).hasPreviews).toBe(false);
  expect(new AutoencoderKl({ ...lean, has: () => true }, config).hasPreviews).toBe(true);
});

const picture = { ...large, data: new Float32Array(3 * large.width * large.height) };
const latents = new Float32Array((4 * large.width * large.height) / 4);
const attempts = {
  encode: (space: AutoencoderKl, signal?: AbortSignal) => space.encode([picture], { isTiled: true, signal }),
  decode: (space: AutoencoderKl, signal?: AbortSignal) => space.decode(latents, large, { isTiled: true, signal }),
  decodePreview: (space: AutoencoderKl, signal?: AbortSignal) =>
    space.decodePreview(latents, large, { isTiled: true, signal }),
};

describe.each(Object.entries(attempts))("AutoencoderKl: %s in tiles", (_, attempt) => {
  test("runs its graph once for each tile", async () => {
    let runs = 0;
    const space = new AutoencoderKl(
      graphs(() => (runs += 1)),
      config,
    );
    await attempt(space);
    expect(runs).toBe(4 * 3); // every three quarters of a tile's side
  });

  test("stops before the next tile when it is cancelled", async () => {
    const controller = new AbortController();
    let runs = 0;
    const space = new AutoencoderKl(
      graphs(() => {
        runs += 1;
        if (runs === 2) controller.abort();
      }),
      config,
    );
    await expect(attempt(space, controller.signal)).rejects.toMatchObject({ code: "cancelled" });
    expect(runs).toBe(2);
  });
});

test("AutoencoderKl encodes a picture that comes several times once, and keeps their order", async () => {
  let runs = 0;
  const space = new AutoencoderKl(
    graphs(() => (runs += 1)),
    config,
  );
  const other = { ...picture };
  const { mean } = await space.encode([picture, other, picture], { isTiled: false });
  expect(runs).toBe(2);
  expect(mean.length).toBe(3 * latents.length);
});

test("has the denoiser make room before a picture is decoded, and not for previews, after which it goes on", async () => {
  const seen: string[] = [];
  const space = new AutoencoderKl(
    graphs(
      (component) => seen.push(component),
      () => seen.push("finished"),
    ),
    config,
  );
  await space.decodePreview(latents, large, { isTiled: false });
  await space.decode(latents, large, { isTiled: false });
  expect(seen).toEqual(["vae_decoder", "finished", "vae_decoder"]);
});
