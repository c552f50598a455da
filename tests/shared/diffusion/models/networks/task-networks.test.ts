import { describe, expect, test } from "vitest";
import { openModel } from "../../../../../shared/diffusion/models/open-model.ts";
import type { FloatImage } from "../../../../../shared/imaging/float-image.ts";
import type { ClickedPoint } from "../../../../../shared/protocol/selection.ts";
import { type FixtureRange, readFixture } from "../../../../support/fixture-file.ts";
import { largestDifference } from "../../../../support/largest-difference.ts";
import { NodePackFiles } from "../../../../support/node-pack-files.ts";
import { inRepository } from "../../../../support/repository.ts";

/** What tests/fixtures/generator/task_networks.py computed with the references' own preparation. */
interface Case {
  readonly pack: string;
  readonly width: number;
  readonly height: number;
  readonly picture: FixtureRange;
}
interface EraseCase extends Case {
  readonly hole: FixtureRange;
  readonly result: FixtureRange;
}
interface ClickCase extends Case {
  readonly points: readonly ClickedPoint[];
  readonly mask: FixtureRange;
}

const erased = readFixture<readonly EraseCase[]>("task-networks/erase");
const cut = readFixture<Omit<Case, "pack"> & { readonly alpha: FixtureRange }>("task-networks/background");
const clicked = readFixture<readonly ClickCase[]>("task-networks/segmentation");

/** Graphs where bare packs name none lie under the only name there is. */
const graphs: Readonly<Record<string, readonly string[]>> = {
  "erase-bytes": ["migan_pipeline_v2.onnx"],
  "erase-fixed": ["inpainting_lama.onnx"],
  "erase-floats": ["lama.onnx"],
  background: ["onnx/model.onnx"],
  segmentation: ["onnx/vision_encoder.onnx", "onnx/prompt_encoder_mask_decoder.onnx"],
  "segmentation-letterbox": ["vision_encoder.onnx", "prompt_encoder_mask_decoder.onnx"],
};

function open(pack: string) {
  const files = new NodePackFiles(inRepository(`tests/fixtures/packs/${pack}`));
  return openModel({
    readText: (path) => files.readText(path),
    openSession: (path) => files.openSession(path),
    listGraphs: async () => graphs[pack] ?? [],
  });
}

function toPicture({ width, height }: Case, bytes: Uint8Array): FloatImage {
  return { width, height, channels: 3, data: Float32Array.from(bytes) };
}

describe("erase networks fill holes as their reference does", () => {
  test.each(erased.content)("$pack", async (each) => {
    const model = await open(each.pack);
    if (model.type !== "erase") throw new Error(`opened as ${model.type}`);
    const hole = Float32Array.from(erased.bytes(each.hole));
    const { data } = await model.erase(toPicture(each, erased.bytes(each.picture)), hole);
    await model.release();
    expect(largestDifference(data.map(Math.round), Float32Array.from(erased.bytes(each.result)))).toBe(0);
  });
});

test("a background removal answers alpha as rembg does", async () => {
  const model = await open("background");
  if (model.type !== "background") throw new Error(`opened as ${model.type}`);
  const alpha = await model.matte(toPicture({ ...cut.content, pack: "background" }, cut.bytes(cut.content.picture)));
  await model.release();
  // Float32 on both sides; one level of an 8-bit mask is 0.004.
  expect(largestDifference(alpha, cut.floats(cut.content.alpha))).toBeLessThan(1e-4);
});

describe("click segmentation finds what transformers' processors find", () => {
  test.each(clicked.content)("$pack at $width×$height", async (each) => {
    const model = await open(each.pack);
    if (model.type !== "segmentation") throw new Error(`opened as ${model.type}`);
    const embedding = await model.embed(toPicture(each, clicked.bytes(each.picture)));
    const { mask, score } = await model.select(embedding, each.points);
    await model.release();
    const wanted = clicked.bytes(each.mask);
    const different = wanted.filter((value, i) => value * 255 !== mask.data[i]).length;
    expect(score).toBeCloseTo(0.9, 5); // the middle one of the graph's three answers
    expect(different).toBe(0);
  });
});
