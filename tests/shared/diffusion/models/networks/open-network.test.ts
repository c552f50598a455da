import { describe, expect, test } from "vitest";
import type { ValueInfo } from "../../../../../shared/diffusion/model-session.ts";
import { openModel } from "../../../../../shared/diffusion/models/open-model.ts";
import type { GraphDeclaration, PackFiles } from "../../../../../shared/diffusion/pack-files.ts";

const value = (name: string, shape: ValueInfo["shape"], type: ValueInfo["type"] = "float32"): ValueInfo => ({
  name,
  shape,
  type,
});
const picture = value("image", ["batch", 3, "height", "width"]);
const plane = value("mask", ["batch", 1, "height", "width"]);

/** A folder of graphs that declare themselves and compute nothing. */
function folder(graphs: Readonly<Record<string, GraphDeclaration>>, settings?: object): PackFiles {
  return {
    readText: async (path) => (path === "overpaint.json" && settings ? JSON.stringify(settings) : undefined),
    listGraphs: async () => Object.keys(graphs).sort(),
    readDeclaration: async (path) => graphs[path]!,
    openSession: async (path) => {
      throw new Error(`${path} is not to be opened`);
    },
  };
}

const erase = { inputs: [picture, plane], outputs: [value("result", ["batch", 3, "height", "width"])] };
const matte = { inputs: [value("x", [1, 3, 320, 320])], outputs: [value("y", [1, 1, 320, 320])] };
const larger = { inputs: [picture], outputs: [value("larger", ["batch", 3, "h", "w"])] };
const encoder = {
  inputs: [value("pixel_values", ["batch", 3, 1024, 1024])],
  outputs: [value("image_embeddings.0", ["batch", 32, 256, 256]), value("image_embeddings.1", ["batch", 64, 128, 128])],
};
const decoder = {
  inputs: [
    value("input_points", [1, 1, "points", 2]),
    value("input_labels", [1, 1, "points"], "int64"),
    ...encoder.outputs,
  ],
  outputs: [value("iou_scores", [1, 1, 3]), value("pred_masks", [1, 1, 3, 256, 256])],
};

describe("a folder of bare graphs", () => {
  test.each([
    { kind: "erase", graphs: { "lama.onnx": erase }, tasks: ["inpaint"], side: 512 },
    { kind: "background", graphs: { "onnx/model.onnx": matte }, tasks: ["cutout", "select"], side: 320 },
    { kind: "segmentation", graphs: { "a.onnx": decoder, "b.onnx": encoder }, tasks: ["select"], side: 1024 },
    { kind: "super-resolution", graphs: { "realesr-x4.onnx": larger }, tasks: ["upscale"], side: 256 },
  ])("is told to be $kind by what its graphs take and give", async ({ kind, graphs, tasks, side }) => {
    const { facts } = await openModel(folder(graphs));
    expect({ kind: facts.kind, tasks: facts.tasks, side: facts.nativeSize }).toEqual({ kind, tasks, side });
  });

  test("takes whole numbers for what exporters leave open", async () => {
    const open = { inputs: [value("pixel_values", ["b", "channels", "h", "w"])], outputs: matte.outputs };
    expect((await openModel(folder({ "model.onnx": open }, { nativeSize: 512 }))).facts.nativeSize).toBe(512);
  });

  test("takes of one graph in several precisions the fullest", async () => {
    const model = await openModel(folder({ "model_fp16.onnx": matte, "model.onnx": matte, "model_q4.onnx": matte }));
    expect(model.graphs).toEqual(["model.onnx"]);
  });

  test("takes the graphs that its overpaint.json names", async () => {
    const graphs = { "model_fp16.onnx": matte, "model.onnx": matte };
    expect((await openModel(folder(graphs, { graphs: ["model_fp16.onnx"] }))).graphs).toEqual(["model_fp16.onnx"]);
  });

  test("says what graphs of no known kind take, and what would be known", async () => {
    const text = { inputs: [value("ids", [1, 77], "int64")], outputs: [value("states", [1, 77, 768])] };
    await expect(openModel(folder({ "text.onnx": text }))).rejects.toMatchObject({
      code: "unsupported-model",
      message:
        "The model is of no known kind: text.onnx takes ids int64 [1, 77] and gives states float32 [1, 77, 768].",
      remedy: expect.stringMatching(/erase network: .*mask.*background removal: .*click segmentation: .*input_points/s),
    });
  });

  test("asks for the factor of a network that names none", async () => {
    await expect(openModel(folder({ "model.onnx": larger }))).rejects.toMatchObject({
      code: "unsupported-model",
      remedy: expect.stringContaining("upscaleFactor"),
    });
    const told = await openModel(folder({ "model.onnx": larger }, { network: { upscaleFactor: 2 } }));
    expect(told.facts.enlarging).toEqual({ method: "network", factor: 2, receptiveRadius: 16 });
  });

  test("refuses more graphs than belong together, and names that lead out of it", async () => {
    const three = { "a.onnx": matte, "b.onnx": erase, "c.onnx": larger };
    await expect(openModel(folder(three))).rejects.toMatchObject({ code: "unsupported-model" });
    await expect(openModel(folder(three, { graphs: ["../x.onnx"] }))).rejects.toMatchObject({ code: "damaged-model" });
  });

  test("without any graph is no model", async () => {
    await expect(openModel(folder({}))).rejects.toMatchObject({ code: "damaged-model" });
  });
});
