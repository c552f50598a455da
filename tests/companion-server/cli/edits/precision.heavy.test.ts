import { access, cp, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { peakSignalToNoise } from "../../../../shared/imaging/peak-signal-to-noise.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { runOverpaint } from "../../support/run-overpaint.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  await cp(inRepository("tests/fixtures/checkpoints/base"), join(folder.path, "base"), { recursive: true });
  await cp(inRepository("tests/fixtures/packs/base"), join(folder.path, "onnx"), { recursive: true });
  await cp(inRepository("tests/fixtures/checkpoints/base"), join(folder.path, "fill"), { recursive: true });
  await cp(inRepository("tests/fixtures/checkpoints/inpaint"), join(folder.path, "fill"), { recursive: true });
});
afterAll(() => folder.remove());

const overpaint = (...args: readonly string[]) => runOverpaint(args, folder.path);
const imagine = (model: string, output: string, ...options: readonly string[]) =>
  overpaint(
    ...["imagine", "--prompt", "a red cat", "--width", "64", "--height", "64", "--steps", "4", "--plain"],
    ...["--device", "cpu", "--model", model, "-o", output, ...options],
  );
const read = (name: string) => readFile(join(folder.path, name));
const picture = async (name: string) => decodeImage(await read(name), name);
const recipeOf = async (name: string) => JSON.parse((await overpaint("recipe", "show", name)).stdout);

describe("a checkpoint drawn in another precision", () => {
  beforeAll(async () => {
    expect((await imagine("./base", "auto.png")).code).toBe(0);
  });

  /** Decibels from single precision. Measured with this model are 67, 51 and 57; pictures look alike from 40 on. */
  test.each([
    ["fp16", 55],
    ["int8", 45],
    ["int4", 45],
  ])(
    "%s stays within %i dB, is not the same, and is told in the recipe, which draws it again",
    async (precision, least) => {
      const output = `${precision}.png`;
      const { code, stderr } = await imagine("./base", output, "--precision", precision);
      expect(stderr).toBe("");
      expect(code).toBe(0);
      const decibels = peakSignalToNoise([[await picture(output), await picture("auto.png")]]);
      expect(decibels).toBeGreaterThan(least);
      expect(decibels).toBeLessThan(Number.POSITIVE_INFINITY);
      expect(await recipeOf(output)).toMatchObject({ request: { precision }, engine: { precision } });
      const again = await overpaint("recipe", "run", output, "--model", "./base", "-o", "again.png");
      expect(again).toMatchObject({ code: 0, stderr: "" });
      expect((await read("again.png")).equals(await read(output))).toBe(true);
    },
  );

  test("left to the engine is single on a processor, to the same pixels", async () => {
    expect((await imagine("./base", "single.png", "--precision", "fp32")).code).toBe(0);
    expect(peakSignalToNoise([[await picture("single.png"), await picture("auto.png")]])).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(await recipeOf("auto.png")).toMatchObject({ request: { precision: "auto" }, engine: { precision: "fp32" } });
  });
});

test.each([
  ["./base", "int5", "Allowed choices are auto, fp32, fp16, int8, int4"],
  ["./onnx", "int8", "ready-made ONNX"],
  ["./onnx", "fp32", "ready-made ONNX"],
])("%s in %s is refused in one line, and nothing is written", async (model, precision, reason) => {
  const { code, stderr } = await imagine(model, "refused.png", "--precision", precision);
  expect(code).toBe(2);
  expect(stderr).toContain(reason);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  await expect(access(join(folder.path, "refused.png"))).rejects.toThrow();
});

test("ready graphs draw where the precision is left to them, and their recipe tells none", async () => {
  expect((await imagine("./onnx", "ready.png", "--precision", "auto")).code).toBe(0);
  expect((await recipeOf("ready.png")).engine.precision).toBeUndefined();
});

test("what precisions take and lose is measured, remembered, and forgotten with the files it was measured of", async () => {
  const measured = await overpaint("models", "measure", "./fill", "--device", "cpu", "--steps", "2", "--json");
  expect(measured).toMatchObject({ code: 0, stderr: "" });
  const { precisions } = JSON.parse(measured.stdout);
  expect(precisions.map((each: { precision: string }) => each.precision)).toEqual(["fp32", "int8", "int4"]);
  expect(precisions[0].decibels).toBeNull();
  for (const { decibels } of precisions.slice(1)) expect(decibels).toBeGreaterThan(35); // measured are 42 and 44
  const info = await overpaint("models", "info", "./fill", "--json");
  const described = JSON.parse(info.stdout).precisions;
  expect(described.map(({ measured: known }: { measured?: object }) => known)).toEqual([
    precisions[0],
    undefined, // half precision is of no use to a processor
    ...precisions.slice(1),
  ]);
  await utimes(join(folder.path, "fill/model_index.json"), 1, 1);
  const later = await overpaint("models", "info", "./fill");
  expect(later.stdout).toMatch(/^precision int8: weights \d+/m);
});

test("a network that overflows in half precision is drawn in single, once more, and the recipe says so", async () => {
  await cp(join(folder.path, "base"), join(folder.path, "loud"), { recursive: true });
  await amplify(join(folder.path, "loud/unet/diffusion_pytorch_model.safetensors"), "conv_in.weight", 2e5);
  const { code, stderr } = await imagine("./loud", "loud.png", "--precision", "fp16");
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("computed in single precision") });
  expect((await imagine("./loud", "loud-single.png", "--precision", "fp32")).code).toBe(0);
  const likeness = peakSignalToNoise([[await picture("loud.png"), await picture("loud-single.png")]]);
  expect(likeness).toBeGreaterThan(55); // the text encoder stays in half precision
  expect(await recipeOf("loud.png")).toMatchObject({
    engine: { precision: "fp16" },
    notes: [{ code: "computed-in-single", text: expect.stringMatching(/^The unet overflowed/) }],
  });
});

test("each component that overflows in half precision is computed in single, once, and the recipe names all of them", async () => {
  const copies = { base: "all-loud", "control-net": "loud-net", "ip-adapter": "loud-adapter" };
  for (const [name, copy] of Object.entries(copies))
    await cp(inRepository(`tests/fixtures/checkpoints/${name}`), join(folder.path, copy), { recursive: true });
  for (const [file, tensor, factor] of [
    ["all-loud/text_encoder/model.safetensors", "embeddings.token_embedding.weight", 1e9],
    ["all-loud/unet/diffusion_pytorch_model.safetensors", "conv_in.weight", 2e5],
    ["loud-net/diffusion_pytorch_model.safetensors", "conv_in.weight", 1e9],
    ["loud-adapter/image_encoder/model.safetensors", "vision_model.embeddings.patch_embedding.weight", 1e9],
    ["loud-adapter/ip-adapter.safetensors", "image_proj.proj.weight", 1e9],
  ] as const)
    await amplify(join(folder.path, file), tensor, factor);
  const beside = ["--control-model", "./loud-net", "--control", "raw:loud.png", "--reference", "loud.png"];
  const adapter = ["--reference-model", "./loud-adapter"];
  const { code, stderr } = await imagine("./all-loud", "all.png", "--precision", "fp16", ...beside, ...adapter);
  expect(code, stderr).toBe(0);
  const { notes } = (await recipeOf("all.png")) as { notes: { code: string; text: string }[] };
  const named = notes.filter(({ code }) => code === "computed-in-single").map(({ text }) => text.split(" ")[1]);
  expect(named.sort()).toEqual(["ControlNet", "image_encoder", "image_projection", "text_encoder", "unet"]);
});

/** Multiplies a tensor of 32 bits in a safetensors file. */
async function amplify(file: string, tensor: string, factor: number): Promise<void> {
  const bytes = await readFile(file);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const { dtype, data_offsets: offsets } = JSON.parse(bytes.subarray(8, start).toString("utf8"))[tensor];
  if (dtype !== "F32") throw new Error(`${tensor} is ${dtype}`);
  for (let at = start + offsets[0]; at < start + offsets[1]; at += 4)
    bytes.writeFloatLE(bytes.readFloatLE(at) * factor, at);
  await writeFile(file, bytes);
}
