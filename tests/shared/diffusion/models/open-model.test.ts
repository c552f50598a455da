import { describe, expect, test } from "vitest";
import type { ModelFamily } from "../../../../shared/diffusion/models/model-family.ts";
import { families, openModel } from "../../../../shared/diffusion/models/open-model.ts";
import type { SuperResolutionModel } from "../../../../shared/diffusion/models/super-resolution-model.ts";
import type { PackFiles } from "../../../../shared/diffusion/pack-files.ts";

function packOf(pipeline: string): PackFiles {
  return {
    readText: async (path) => (path === "model_index.json" ? JSON.stringify({ _class_name: pipeline }) : undefined),
    openSession: async (path) => {
      throw new Error(`${path} must not be loaded`);
    },
  };
}

const picture = { width: 1, height: 1, data: Float32Array.of(0, 0, 0) };
const model: SuperResolutionModel = {
  type: "super-resolution",
  facts: {
    kind: "super-resolution",
    family: "mirror",
    tasks: ["upscale"],
    nativeSize: 1,
    sizeMultiple: 1,
    cell: 1,
    seesMask: false,
    readsPrompt: false,
    isGuidable: false,
    canInvert: false,
  },
  graphs: [],
  load: async () => {},
  enlarge: async (seen) => seen,
  release: async () => {},
};
const mirror: ModelFamily = { name: "mirror", pipelines: ["MirrorPipeline"], open: async () => model };

describe("openModel", () => {
  test("refuses a pipeline of no family, and names all that there are", async () => {
    const opening = openModel(packOf("FluxPipeline"));
    await expect(opening).rejects.toMatchObject({
      code: "unsupported-model",
      message: expect.stringContaining("FluxPipeline"),
      remedy: `Supported pipelines: ${families.flatMap(({ pipelines }) => pipelines).join(", ")}.`,
    });
    expect(families.flatMap(({ pipelines }) => pipelines)).toEqual(
      expect.arrayContaining(["StableDiffusionPipeline", "StableDiffusionXLPipeline", "SuperResolutionPipeline"]),
    );
  });

  test.each(["MirrorPipeline", "OnnxMirrorPipeline", "ORTMirrorPipeline"])(
    "opens a %s by the family that knows it, whatever its exporter put before the name",
    async (pipeline) => {
      const opened = await openModel(packOf(pipeline), { families: [...families, mirror] });
      if (opened.type !== "super-resolution") throw new Error("a mirror is no diffusion model");
      expect(await opened.enlarge(picture)).toBe(picture);
    },
  );

  test("names what is missing when the folder is no pack", async () => {
    const opening = openModel({ ...packOf("MirrorPipeline"), readText: async () => undefined });
    await expect(opening).rejects.toMatchObject({
      code: "damaged-model",
      message: expect.stringContaining("model_index.json is missing"),
    });
  });
});
