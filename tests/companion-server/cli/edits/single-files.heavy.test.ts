import { access, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { readFixture } from "../../../support/fixture-file.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { expectParity, type RecordedRun, writeParityInputs } from "../../support/parity.ts";
import { runOverpaint } from "../../support/run-overpaint.ts";
import {
  readSingleFile,
  type SingleFile,
  withNaN,
  withShape,
  withTensors,
  writeSingleFile,
} from "../../support/single-files.ts";

const { content, bytes } = readFixture<{ readonly runs: readonly RecordedRun[] }>("checkpoints/runs");
const secondFamily = readFixture<{ readonly runs: readonly RecordedRun[] }>("checkpoints/sd2");
const besides = readFixture<{
  /** diffusers' names for the ControlNet's weights, by those of the original code. */
  readonly names: Readonly<Record<string, string>>;
  readonly odd: RecordedRun;
  readonly controlled: RecordedRun;
}>("checkpoints/single-file-parts");
const names: readonly SingleFile[] = ["sd1", "sd1-inpaint", "sd2", "xl"];
const VAE_PREFIX = "first_stage_model.";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeParityInputs(folder.path);
  for (const name of names) await writeSingleFile(name, join(folder.path, `${name}.safetensors`));
});
afterAll(() => folder.remove());

const write = (name: string, content: Uint8Array | string) => writeFile(join(folder.path, name), content);
const imagine = (...options: readonly string[]) =>
  runOverpaint(
    [
      ...["imagine", "--prompt", "a red cat", "--width", "64", "--height", "64", "--steps", "2", "--plain"],
      ...["--device", "cpu", "-o", "out.png", ...options],
    ],
    folder.path,
  );
const isThere = (name: string) =>
  access(join(folder.path, name)).then(
    () => true,
    () => false,
  );

describe("a single file draws what diffusers draws with it", () => {
  const runs = content.runs.filter(({ layers }) => names.some((name) => name === layers[0]));
  test.each(runs.map((run) => [run.task, run.layers[0]!, run] as const))("%s with %s", async (_task, name, run) => {
    await expectParity(run, ["--model", `./${name}.safetensors`], folder.path, bytes(run.pixels));
  });

  test("text-to-image with sd2, which predicts v and reads OpenCLIP", async () => {
    const [run] = secondFamily.content.runs;
    await expectParity(run!, ["--model", "./sd2.safetensors"], folder.path, secondFamily.bytes(run!.pixels)); // there is one
  });

  const [first] = runs;
  test.each([
    ["in the original layout", (name: string) => name],
    ["without a prefix", (name: string) => name.slice(VAE_PREFIX.length)],
  ])("with its own autoencoder given as another one, %s", async (_layout, rename) => {
    const model = readSingleFile("sd1");
    const isVae = (name: string) => name.startsWith(VAE_PREFIX);
    await write(
      "vae.safetensors",
      withTensors(model, (name) => (isVae(name) ? rename(name) : undefined)),
    );
    await write(
      "no-vae.safetensors",
      withTensors(model, (name) => (isVae(name) ? undefined : name)),
    );
    const options = ["--model", "./no-vae.safetensors", "--vae", "./vae.safetensors"];
    await expectParity(first!, options, folder.path, bytes(first!.pixels)); // there are five
  });

  const TEXT = /^(cond_stage_model\.transformer|conditioner\.embedders\.[01]\.(transformer|model))\./;
  const textFile = (model: Uint8Array, prefix: string) =>
    withTensors(model, (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : undefined));

  test("with its own text encoder given in the place of another one", async () => {
    const model = readSingleFile("sd1");
    // The one that is replaced is another: its layers stand in another order.
    const other = (name: string) =>
      TEXT.test(name) ? name.replace(/layers\.([01])\./, (_, k) => `layers.${1 - Number(k)}.`) : name;
    await write("other-text.safetensors", withTensors(model, other));
    await write("text.safetensors", textFile(model, "cond_stage_model.transformer."));
    const options = ["--model", "./other-text.safetensors"];
    expect(await imagine(...options)).toMatchObject({ code: 0 });
    const without = await readFile(join(folder.path, "out.png"));
    await expectParity(first!, [...options, "--text-encoder", "./text.safetensors"], folder.path, bytes(first!.pixels));
    expect(await imagine(...options, "--text-encoder", "./text.safetensors")).toMatchObject({ code: 0 });
    const drawn = await readFile(join(folder.path, "out.png"));
    expect(drawn).not.toEqual(without);
    const again = await runOverpaint(["recipe", "run", "out.png", "-o", "again.png"], folder.path);
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(await readFile(join(folder.path, "again.png"))).toEqual(drawn);
    const { stdout } = await runOverpaint(["recipe", "show", "out.png"], folder.path);
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(JSON.parse(stdout)).toMatchObject({
      request: { textEncoders: ["text"] },
      model: { files: { "@text-encoder-0/text.safetensors": hash } },
    });
  });

  test("of SDXL without text encoders, given in any order", async () => {
    const run = runs.find(({ layers }) => layers[0] === "xl")!; // the generator draws it
    const model = readSingleFile("xl");
    await write("first.safetensors", textFile(model, "conditioner.embedders.0.transformer."));
    await write("second.safetensors", textFile(model, "conditioner.embedders.1.model."));
    for (const [missing, given] of [
      [TEXT, ["first", "second"]],
      [/^conditioner\.embedders\.0/, ["second", "first"]],
    ] as const) {
      await write(
        "no-text.safetensors",
        withTensors(model, (name) => (missing.test(name) ? undefined : name)),
      );
      const encoders = given.flatMap((name) => ["--text-encoder", `./${name}.safetensors`]);
      await expectParity(run, ["--model", "./no-text.safetensors", ...encoders], folder.path, bytes(run.pixels));
    }
  });

  test("in int8, whose text encoder is given, as in int8 with it inside", async () => {
    const model = readSingleFile("sd1");
    await write("text.safetensors", textFile(model, "cond_stage_model.transformer."));
    await write(
      "no-text.safetensors",
      withTensors(model, (name) => (TEXT.test(name) ? undefined : name)),
    );
    const draw = async (...options: readonly string[]) => {
      expect(await imagine(...options, "--precision", "int8")).toMatchObject({ code: 0, stderr: "" });
      return await decodeImage(await readFile(join(folder.path, "out.png")), "out.png");
    };
    const whole = await draw("--model", "./sd1.safetensors");
    expect(await draw("--model", "./no-text.safetensors", "--text-encoder", "./text.safetensors")).toEqual(whole);
  });

  const deepVae = ["--model", "./sd1.safetensors", "--vae", "./deep-vae.safetensors"];

  test("at 17 × 19 latents, which no level halves evenly", async () => {
    const { odd } = besides.content;
    await writeSingleFile("vae-of-4-levels", join(folder.path, "deep-vae.safetensors"));
    await expectParity(odd, deepVae, folder.path, besides.bytes(odd.pixels));
  });

  test.each([
    ["the original code's names", (name: string) => name],
    ["diffusers' names", (name: string) => besides.content.names[name]],
  ])("held to a picture by a ControlNet in a file with %s", async (_layout, rename) => {
    const { controlled } = besides.content;
    await writeSingleFile("vae-of-4-levels", join(folder.path, "deep-vae.safetensors"));
    await write("net.safetensors", withTensors(readSingleFile("control-net-original"), rename));
    const control = ["--control-model", "./net.safetensors", "--control", "raw:picture.png:0.8"];
    await expectParity(controlled, [...deepVae, ...control], folder.path, besides.bytes(controlled.pixels));
  });

  test("as a pack of ONNX graphs that it was exported to", async () => {
    await rm(join(folder.path, "exported"), { recursive: true, force: true });
    const exported = await runOverpaint(["models", "export", "./sd1.safetensors", "exported"], folder.path);
    expect(exported).toMatchObject({ code: 0, stderr: "" });
    await expectParity(first!, ["--model", "./exported"], folder.path, bytes(first!.pixels)); // there are five
  });

  test("as a pack that it was exported to, with the text encoder that was given", async () => {
    const model = readSingleFile("sd1");
    await write("text.safetensors", textFile(model, "cond_stage_model.transformer."));
    await write(
      "no-text.safetensors",
      withTensors(model, (name) => (TEXT.test(name) ? undefined : name)),
    );
    const encoder = ["--text-encoder", "./text.safetensors"];
    const { stdout } = await runOverpaint(
      ["models", "info", "./no-text.safetensors", "--json", ...encoder],
      folder.path,
    );
    expect(JSON.parse(stdout)).toMatchObject({ facts: { readsPrompt: true }, problems: [] });
    await rm(join(folder.path, "with-text"), { recursive: true, force: true });
    const exported = await runOverpaint(
      ["models", "export", "./no-text.safetensors", "with-text", ...encoder],
      folder.path,
    );
    expect(exported).toMatchObject({ code: 0, stderr: "" });
    await expectParity(first!, ["--model", "./with-text"], folder.path, bytes(first!.pixels)); // there are five
  });
});

test("edits a photo with a file from a model site as the README shows", async () => {
  await cp(join(folder.path, "picture.png"), join(folder.path, "photo.png"));
  await cp(join(folder.path, "sd1-inpaint.safetensors"), join(folder.path, "my-model.safetensors"));
  const { code, stderr } = await runOverpaint(
    [
      ...["inpaint", "photo.png", "--mask", "mask.png", "--model", "./my-model.safetensors", "--prompt", "a red cat"],
      ...["--steps", "2", "--device", "cpu", "-o", "edited.png"],
    ],
    folder.path,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(await isThere("edited.png")).toBe(true);
});

test("makes a picture again from its recipe, and finds the file beside it", async () => {
  expect(await imagine("--model", "./sd1.safetensors", "--prediction", "v")).toMatchObject({ code: 0 });
  const first = await readFile(join(folder.path, "out.png"));
  const again = await runOverpaint(["recipe", "run", "out.png", "-o", "again.png"], folder.path);
  expect(again).toMatchObject({ code: 0 });
  expect(await readFile(join(folder.path, "again.png"))).toEqual(first);
  const shown = await runOverpaint(["recipe", "show", "out.png"], folder.path);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    request: { prediction: "v", model: "sd1" },
    model: { files: { "sd1.safetensors": expect.stringMatching(/^[0-9a-f]{64}$/) } },
  });
});

test("an installed file is a model like any other", async () => {
  await mkdir(join(folder.path, "models"), { recursive: true });
  await cp(join(folder.path, "sd1.safetensors"), join(folder.path, "models/My Model.safetensors"));
  expect(await imagine("--model", "my-model")).toMatchObject({ code: 0 });
  await rm(join(folder.path, "models"), { recursive: true });
});

test("says what a file is and how that was found", async () => {
  const { code, stdout } = await runOverpaint(["models", "info", "./sd1-inpaint.safetensors", "--json"], folder.path);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    kind: "a model",
    layout: "single-file",
    facts: { family: "stable-diffusion", seesMask: true },
    found: expect.arrayContaining([expect.objectContaining({ name: "prediction type", value: "epsilon" })]),
    parts: expect.arrayContaining([expect.objectContaining({ name: "unet", bytes: { F16: expect.any(Number) } })]),
    problems: [],
  });
});

const lora = withTensors(readSingleFile("sd1"), (name) =>
  name.endsWith("attn1.to_q.weight") ? "lora_unet_down_blocks_0_attentions_0.lora_down.weight" : undefined,
);

test("recognises a LoRA as one", async () => {
  await write("style.safetensors", lora);
  const { code, stdout } = await runOverpaint(["models", "info", "./style.safetensors"], folder.path);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("LoRA") });
});

describe("refuses in one line, and writes nothing,", () => {
  const model = readSingleFile("sd1");
  test.each<[string, string, Uint8Array, RegExp]>([
    ["a file that is cut short", "cut.safetensors", model.subarray(0, model.length - 1000), /cut short/],
    ["a LoRA given as a model", "style.safetensors", lora, /LoRA/],
    ["a pickle", "old.ckpt", Buffer.from("PK\u0003\u0004archive/data.pkl"), /\.ckpt/],
    [
      "a checkpoint without a VAE",
      "half.safetensors",
      withTensors(model, (name) => (name.startsWith(VAE_PREFIX) ? undefined : name)),
      /VAE/,
    ],
    ["a file that is none", "empty.safetensors", new Uint8Array(0), /empty/],
    [
      "a convolution of another width",
      "narrow.safetensors",
      withShape(model, "model.diffusion_model.input_blocks.1.0.in_layers.2.weight", (dims) => [
        dims[1]!,
        dims[0]!,
        9,
        1,
      ]),
      /"down_blocks\.0\.resnets\.0\.conv1\.weight" has the shape 32×32×9×1; its config asks for 32×32×3×3/,
    ],
    [
      "weights that are no numbers",
      "nan.safetensors",
      withNaN(model, "model.diffusion_model.out.2.weight"),
      /weight "conv_out\.weight" in nan\.safetensors holds values that are no numbers/,
    ],
  ])("%s", async (_what, name, file, message) => {
    await rm(join(folder.path, "out.png"), { force: true });
    await write(name, file);
    const { code, stderr } = await imagine("--model", `./${name}`);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(await isThere("out.png")).toBe(false);
  });

  test.each<[string, string, Uint8Array, RegExp]>([
    [
      "a text encoder of another kind",
      "sd1",
      withTensors(model, (name) => (/cond_stage_model(?!.*layers\.[1-9])/.test(name) ? name : undefined)),
      /text encoder of width 64 and 1 layers, and the model's has 64 and 2/,
    ],
    [
      "a VAE given as a text encoder",
      "xl",
      withTensors(model, (name) => (name.startsWith(VAE_PREFIX) ? name : undefined)),
      /no text encoder, but a VAE/,
    ],
  ])("%s", async (_what, name, file, message) => {
    await rm(join(folder.path, "out.png"), { force: true });
    await write("encoder.safetensors", file);
    const { code, stderr } = await imagine(
      "--model",
      `./${name}.safetensors`,
      "--text-encoder",
      "./encoder.safetensors",
    );
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(await isThere("out.png")).toBe(false);
  });

  test.each<[string, (target: string) => Promise<void>, RegExp]>([
    [
      "a folder that lacks a shard",
      async (target) => {
        await rm(join(target, "unet"), { recursive: true });
        await cp(inRepository("tests/fixtures/checkpoints/sharded/unet"), join(target, "unet"), { recursive: true });
        await rm(join(target, "unet/diffusion_pytorch_model-00002-of-00002.safetensors"));
      },
      /00002-of-00002/,
    ],
    [
      "a folder whose config and weights contradict each other",
      async (target) => {
        const config = join(target, "unet/config.json");
        await writeFile(config, (await readFile(config, "utf8")).replace(/"in_channels": 4/, '"in_channels": 9'));
      },
      /conv_in|in_channels/,
    ],
    ["a folder without a VAE", (target) => rm(join(target, "vae"), { recursive: true }), /vae/i],
    [
      "a folder whose index leads out of it",
      async (target) => {
        await rm(join(target, "unet/diffusion_pytorch_model.safetensors"));
        const index = { metadata: {}, weight_map: { "conv_in.weight": "../../sd1.safetensors" } };
        await writeFile(join(target, "unet/diffusion_pytorch_model.safetensors.index.json"), JSON.stringify(index));
      },
      /sd1\.safetensors/,
    ],
  ])("%s", async (_what, spoil, message) => {
    const target = join(folder.path, "spoilt");
    await rm(target, { recursive: true, force: true });
    await rm(join(folder.path, "out.png"), { force: true });
    await cp(inRepository("tests/fixtures/checkpoints/base"), target, { recursive: true });
    await spoil(target);
    const { code, stderr } = await imagine("--model", "./spoilt");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(await isThere("out.png")).toBe(false);
  });
});
