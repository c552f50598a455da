import { access, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineProcess } from "../../../../companion-server/engine/engine-process.ts";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { ModelCatalog } from "../../../../companion-server/models/model-catalog.ts";
import { editRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { type MadeTensor, safetensorsFile } from "../../../support/weight-files.ts";
import { expectParity, type RecordedRun } from "../../support/parity.ts";
import { runOverpaint } from "../../support/run-overpaint.ts";

type StoredTensors = Readonly<Record<string, { readonly dims: readonly number[]; readonly values: FixtureRange }>>;
interface LoraRun extends RecordedRun {
  readonly style: string;
  readonly loraStrength: number;
}

const { content, floats, bytes } = readFixture<{
  readonly files: Readonly<Record<string, { readonly tensors: StoredTensors }>>;
  readonly xl: StoredTensors;
  readonly runs: readonly LoraRun[];
}>("checkpoints/loras");

const relatives = readFixture<{ readonly mixed: StoredTensors; readonly run: LoraRun }>("checkpoints/lora-relatives");

const file = (tensors: StoredTensors, read = floats) =>
  safetensorsFile(
    Object.fromEntries(
      Object.entries(tensors).map(([name, { dims, values }]): [string, MadeTensor] => [
        name,
        { dims, values: read(values) },
      ]),
    ),
  );
const files: Readonly<Record<string, StoredTensors>> = {
  ...Object.fromEntries(Object.entries(content.files).map(([style, { tensors }]) => [style, tensors])),
  XL: content.xl,
};
const nameOf = (style: string) => `${style.replaceAll(" ", "-")}.safetensors`;

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  const checkpoints = inRepository("tests/fixtures/checkpoints");
  await cp(join(checkpoints, "base"), join(folder.path, "base"), { recursive: true });
  await cp(join(checkpoints, "base"), join(folder.path, "base-xl"), { recursive: true });
  await cp(join(checkpoints, "xl"), join(folder.path, "base-xl"), { recursive: true });
  await cp(inRepository("tests/fixtures/packs/base"), join(folder.path, "onnx"), { recursive: true });
  for (const [style, tensors] of Object.entries(files))
    await writeFile(join(folder.path, nameOf(style)), file(tensors));
});
afterAll(() => folder.remove());

const imagine = (...options: readonly string[]) =>
  runOverpaint(
    [
      ...["imagine", "--prompt", "a red cat", "--width", "64", "--height", "64", "--steps", "1", "--plain"],
      ...["--device", "cpu", "-o", "out.png", ...options],
    ],
    folder.path,
  );
const model = (layers: readonly string[]) => ["--model", `./${layers.join("-")}`];

describe("a LoRA draws what diffusers draws with it", () => {
  /** Trainers' names for the same LoRA, which diffusers drew once. */
  const sameAs: Readonly<Record<string, readonly string[]>> = { kohya: ["kohya", "kohya with original names"] };
  const runs = content.runs.flatMap((run) =>
    (sameAs[run.style] ?? [run.style]).map((style) => [style, run.loraStrength, run] as const),
  );
  test.each(runs)("named as %s, at strength %d", async (style, strength, run) => {
    const options = [...model(run.layers), "--lora", `./${nameOf(style)}:${strength}`];
    await expectParity(run, options, folder.path, bytes(run.pixels));
  });

  test("of LoHa, LoKr, OFT and (IA)³ in one file, in U-Net and text encoder", async () => {
    const { run, mixed } = relatives.content;
    await writeFile(join(folder.path, "mixed.safetensors"), file(mixed, relatives.floats));
    const options = [...model(run.layers), "--lora", `./mixed.safetensors:${run.loraStrength}`];
    await expectParity(run, options, folder.path, relatives.bytes(run.pixels));
  });

  test("in two parts, which add up", async () => {
    const run = content.runs.find(({ style }) => style === "PEFT")!; // the generator draws it
    const half = ["--lora", `./PEFT.safetensors:${run.loraStrength / 2}`];
    await expectParity(run, [...model(run.layers), ...half, ...half], folder.path, bytes(run.pixels));
  });
});

test("makes a picture again from its recipe, with an installed LoRA and one beside the picture", async () => {
  await mkdir(join(folder.path, "models"), { recursive: true });
  await cp(join(folder.path, "base"), join(folder.path, "models/base"), { recursive: true });
  await cp(join(folder.path, "kohya.safetensors"), join(folder.path, "models/Kohya Style.safetensors"));
  const loras = ["--lora", "kohya-style:0.5", "--lora", "./PEFT.safetensors"];
  expect(await imagine("--model", "base", ...loras)).toMatchObject({ code: 0 });
  const first = await readFile(join(folder.path, "out.png"));
  const again = await runOverpaint(["recipe", "run", "out.png", "-o", "again.png"], folder.path);
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(await readFile(join(folder.path, "again.png"))).toEqual(first);
  const { stdout } = await runOverpaint(["recipe", "show", "out.png"], folder.path);
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(JSON.parse(stdout)).toMatchObject({
    request: {
      loras: [
        { id: "kohya-style", strength: 0.5 },
        { id: "peft", strength: 1 },
      ],
    },
    model: { files: { "@lora-0/Kohya Style.safetensors": hash, "@lora-1/PEFT.safetensors": hash } },
  });
  const other = ["--lora", "kohya-style", "--lora", "./DoRA.safetensors"];
  const refused = await runOverpaint(["recipe", "run", "out.png", "-o", "again.png", ...other], folder.path);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("PEFT.safetensors differs") });
});

test("changes a model that a ControlNet and an IP-Adapter are opened beside", async () => {
  expect(await imagine("--model", "./base")).toMatchObject({ code: 0 });
  await cp(join(folder.path, "out.png"), join(folder.path, "seen.png"));
  const beside = (name: string) => inRepository(`tests/fixtures/checkpoints/${name}`);
  const models = ["--model", "./base", "--control-model", beside("control-net")];
  const adapter = ["--reference-model", beside("ip-adapter")];
  const shown = ["--control", "raw:seen.png", "--reference", "seen.png:0.9"];
  const drawn = async (...options: readonly string[]) => {
    expect(await imagine(...models, ...adapter, ...shown, ...options)).toMatchObject({ code: 0, stderr: "" });
    return (await decodeImage(await readFile(join(folder.path, "out.png")), "out.png")).data;
  };
  const without = await drawn();
  expect(await drawn("--lora", "./PEFT.safetensors:0")).toEqual(without);
  const changed = await drawn("--lora", "./PEFT.safetensors");
  expect(changed).not.toEqual(without);
  const alone = await imagine("--model", "./base", "--lora", "./PEFT.safetensors", "-o", "alone.png");
  expect(alone).toMatchObject({ code: 0 });
  expect((await decodeImage(await readFile(join(folder.path, "alone.png")), "alone.png")).data).not.toEqual(changed);
  const pictures = ["--control", "seen.png", "--reference", "seen.png"];
  const again = await runOverpaint(
    ["recipe", "run", "out.png", ...models, ...adapter, ...pictures, "-o", "again.png"],
    folder.path,
  );
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(await readFile(join(folder.path, "again.png"))).toEqual(await readFile(join(folder.path, "out.png")));
}, 60_000);

test("draws with other strengths and back again in one engine, by ids alone as HTTP does", async () => {
  await using engine = { process: new EngineProcess(), [Symbol.asyncDispose]: () => engine.process.close() };
  const catalog = new ModelCatalog([join(folder.path, "models")]);
  const draw = async (strength: number) => {
    const size = { width: 64, height: 64 };
    const loras = [{ id: "kohya-style", strength }];
    const fields = { model: "base", prompt: "a red cat", steps: 1, plain: true, ...size, loras };
    const request = editRequestSchema.parse({ task: "create", ...fields });
    const model = await catalog.findFor(request);
    const files = {
      resultsFolder: folder.path,
      hashCache: join(folder.path, "hashes.json"),
      quantisedWeights: folder.path,
    };
    await engine.process.run(
      { id: "a", request, model, devices: ["cpu"], inputs: {}, ...files },
      { onEvent: () => {} },
    );
    return (await decodeImage(await readFile(join(folder.path, "0.png")), "0.png")).data;
  };
  const first = await draw(0.7);
  expect(await draw(-1.5)).not.toEqual(first);
  expect(await draw(0.7)).toEqual(first);
  await expect(draw(21)).rejects.toThrow();
});

test("lists an installed LoRA with the models it fits, and says what a file holds", async () => {
  const listed = await runOverpaint(["models", "list"], folder.path);
  expect(listed.stdout).toMatch(/^LoRA kohya-style: .*fits base$/m);
  const { stdout } = await runOverpaint(["models", "info", "./kohya.safetensors", "--json"], folder.path);
  expect(JSON.parse(stdout)).toMatchObject({
    kind: "a LoRA",
    lora: { ranks: [3], modules: { unet: 9, text_encoder: 4 } },
  });
});

describe("refuses in one line, and writes nothing,", () => {
  const down: MadeTensor = { dims: [2, 4] };
  const stem = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  test.each<[string, string, Uint8Array | undefined, RegExp]>([
    ["an SD LoRA on an XL model", "base-xl", file(files.kohya ?? {}), /LoRA for another model: \d+ of its 13 modules/],
    ["an XL LoRA on an SD model", "base", file(content.xl), /LoRA for another model: \d+ of its 17 modules/],
    [
      "foreign keys",
      "base",
      safetensorsFile({ "lora_unet_nowhere.lora_down.weight": down, "lora_unet_nowhere.lora_up.weight": down }),
      /LoRA for another model: 1 of its 1 modules are not in it/,
    ],
    ["whole differences", "base", safetensorsFile({ [`${stem}.diff`]: down }), /whole differences, a relative of LoRA/],
    ["a model", "base", safetensorsFile({ "conv_in.weight": down }), /no LoRA, but a U-Net/],
    ["a LoRA for a pack of ready graphs", "onnx", file(files.kohya ?? {}), /ONNX, which takes no LoRA/],
    ["a file that is not there", "base", undefined, /no LoRA in .*lora\.safetensors/],
  ])("%s", async (_what, name, lora, message) => {
    await rm(join(folder.path, "out.png"), { force: true });
    await rm(join(folder.path, "lora.safetensors"), { force: true });
    if (lora) await writeFile(join(folder.path, "lora.safetensors"), lora);
    const { code, stderr } = await imagine("--model", `./${name}`, "--lora", "./lora.safetensors");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    await expect(access(join(folder.path, "out.png"))).rejects.toThrow();
  });
});
