import { describe, expect, it } from "vitest";
import { ModelPack } from "../../../../shared/diffusion/model-pack.ts";
import type { ModelSession } from "../../../../shared/diffusion/model-session.ts";
import type { PackFiles } from "../../../../shared/diffusion/pack-files.ts";
import { superResolve } from "../../../../shared/diffusion/pipelines/super-resolve.ts";

/** A pack whose network repeats every pixel `factor` times; `declared` is what its config says instead. */
function repeatingPack({ factor = 2, declared = factor as unknown, channels = 3 } = {}): PackFiles {
  const texts: Record<string, string> = {
    "model_index.json": JSON.stringify({ _class_name: "SuperResolutionPipeline", network: ["overpaint", "Network"] }),
    "network/config.json": JSON.stringify({ upscale_factor: declared, receptive_radius: 5 }),
    "overpaint.json": JSON.stringify({ nativeSize: 96 }),
  };
  return {
    readText: async (path) => texts[path],
    openSession: async (path) => {
      expect(path).toBe("network/model.onnx");
      return repeatingSession(factor, channels);
    },
  };
}

function repeatingSession(factor: number, channels: number): ModelSession {
  return {
    inputs: [{ name: "anything", type: "float32", shape: ["batch", channels, "height", "width"] }],
    outputs: [{ name: "larger", type: "float32", shape: ["batch", channels, "h", "w"] }],
    run: async ({ anything }) => {
      const [, , height, width] = anything!.dims as [number, number, number, number];
      const data = new Float32Array(3 * height * width * factor ** 2);
      for (let i = 0; i < data.length; i++) {
        const x = Math.floor((i % (width * factor)) / factor);
        const line = Math.floor(i / (width * factor));
        const plane = Math.floor(line / (height * factor));
        const y = Math.floor((line % (height * factor)) / factor);
        data[i] = (anything!.data as Float32Array)[(plane * height + y) * width + x]!;
      }
      return { larger: { type: "float32", dims: [1, 3, height * factor, width * factor], data } };
    },
    release: async () => {},
  };
}

const picture = { width: 3, height: 2, data: Float32Array.from({ length: 18 }, (_, i) => i / 9 - 1) };

describe("a super-resolution pack", () => {
  it("tells its factor, reach and tile, and serves upscaling alone", async () => {
    const { facts } = await ModelPack.open(repeatingPack({ factor: 3 }));
    expect(facts).toMatchObject({
      family: "super-resolution",
      tasks: ["upscale"],
      upscaleFactor: 3,
      receptiveRadius: 5,
      nativeSize: 96,
      sizeMultiple: 1,
    });
  });

  it("enlarges a picture of any size, in the range models see pictures in", async () => {
    const large = await superResolve(await ModelPack.open(repeatingPack()), picture);
    expect(large).toMatchObject({ width: 6, height: 4 });
    expect(large.data[0]).toBeCloseTo(-1, 6);
    expect([...large.data.slice(2, 4)]).toEqual([large.data[2], large.data[2]]);
    expect(large.data[2]).toBeCloseTo(picture.data[1]!, 6);
    expect(large.data.at(-1)).toBeCloseTo(picture.data.at(-1)!, 6);
  });

  it("says so when the config promises another factor than the network has", async () => {
    const pack = await ModelPack.open(repeatingPack({ factor: 2, declared: 4 }));
    await expect(superResolve(pack, picture)).rejects.toMatchObject({
      code: "unsupported-model",
      remedy: expect.stringContaining("upscale_factor (4)"),
    });
  });

  it("rejects a config without a factor, naming the field", async () => {
    await expect(ModelPack.open(repeatingPack({ declared: "four" }))).rejects.toMatchObject({
      code: "damaged-model",
      message: expect.stringContaining('network/config.json has a wrong value at "upscale_factor"'),
    });
  });

  it("rejects a network of one channel", async () => {
    await expect(ModelPack.open(repeatingPack({ channels: 1 }))).rejects.toMatchObject({
      code: "unsupported-model",
      message: expect.stringContaining("[batch, 1, height, width]"),
    });
  });

  it("has no denoiser to open", async () => {
    const pack = await ModelPack.open(repeatingPack());
    await expect(pack.session("unet")).rejects.toMatchObject({ code: "unsupported-model" });
  });
});
