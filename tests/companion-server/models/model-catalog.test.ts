import { cp, mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ModelCatalog } from "../../../companion-server/models/model-catalog.ts";
import { rememberMeasurements } from "../../../companion-server/models/precision-measurements.ts";
import { inRepository } from "../../support/repository.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function addPack(root: string, id: string) {
  await mkdir(join(root, id), { recursive: true });
  await writeFile(join(root, id, "model_index.json"), "{}");
}

test("describes the starter pack without loading it", async () => {
  const models = await new ModelCatalog([inRepository("models")]).list();
  const starter = models.find(({ id }) => id === "starter");
  expect(starter).toMatchObject({
    id: "starter",
    name: "Starter",
    licence: expect.stringContaining("Apache-2.0"),
    facts: {
      family: "stable-diffusion",
      seesMask: true,
      readsPrompt: true,
      nativeSize: 128,
      tasks: expect.arrayContaining(["inpaint"]),
    },
  });
  expect(starter?.error).toBeUndefined();
});

test("describes a super-resolution network without loading it", async () => {
  const models = await new ModelCatalog([inRepository("models")]).list();
  expect(models.find(({ id }) => id === "fast-upscale")).toMatchObject({
    name: "Fast upscale",
    licence: "MIT",
    facts: {
      family: "super-resolution",
      tasks: ["upscale"],
      enlarging: { method: "network", factor: 4, receptiveRadius: 18 },
    },
  });
});

test("lists a pack with a graph that is cut off, saying which", async () => {
  await using folder = await temporaryFolder();
  await cp(inRepository("models/starter"), join(folder.path, "broken"), { recursive: true });
  await truncate(join(folder.path, "broken/vae_decoder/model.onnx"), 10_000);
  expect(await new ModelCatalog([folder.path]).list()).toMatchObject([
    { id: "broken", error: { code: "damaged-model", message: expect.stringContaining("vae_decoder/model.onnx") } },
  ]);
});

test("lists a pack that is no diffusion model with the reason", async () => {
  await using folder = await temporaryFolder();
  await addPack(folder.path, "odd");
  const [odd] = await new ModelCatalog([folder.path]).list();
  expect(odd).toMatchObject({ id: "odd", name: "odd", error: { code: expect.any(String) } });
});

test("finds packs by id, those of the owner before those that were shipped", async () => {
  await using folder = await temporaryFolder();
  const [own, shipped] = [join(folder.path, "own"), join(folder.path, "shipped")];
  await addPack(shipped, "starter");
  await addPack(shipped, "other");
  await addPack(own, "starter");
  const catalog = new ModelCatalog([own, shipped, join(folder.path, "missing")]);
  expect((await catalog.packs()).map(({ id }) => id)).toEqual(["other", "starter"]);
  expect(await catalog.find("starter")).toEqual({ id: "starter", folder: join(own, "starter") });
});

test.each(["nope", "../own/starter", "..", "", "/etc", "own%2fstarter"])(
  "knows no model %j and names those it knows",
  async (id) => {
    await using folder = await temporaryFolder();
    await addPack(join(folder.path, "own"), "starter");
    await expect(new ModelCatalog([join(folder.path, "own")]).find(id)).rejects.toMatchObject({
      code: "unknown-model",
      message: `There is no model "${id}".`,
      remedy: "Installed models: starter.",
    });
  },
);

test("lists ControlNets and IP-Adapters with the models that each fits, and none of them as a model", async () => {
  await using folder = await temporaryFolder();
  const fixture = (name: string) => inRepository(`tests/fixtures/checkpoints/${name}`);
  for (const name of ["base", "ip-adapter"]) await cp(fixture(name), join(folder.path, name), { recursive: true });
  await cp(fixture("control-net"), join(folder.path, "sd15-canny"), { recursive: true });
  await cp(fixture("control-net-xl"), join(folder.path, "xl-net"), { recursive: true });
  const [base, adapter, canny, ofXl] = await new ModelCatalog([folder.path]).list();
  expect(base).toMatchObject({ id: "base", facts: { family: "stable-diffusion" } });
  expect(adapter).toEqual({ id: "ip-adapter", name: "ip-adapter", ipAdapter: { fits: ["base"] } });
  expect(canny).toEqual({ id: "sd15-canny", name: "sd15-canny", controlNet: { kind: "canny", fits: ["base"] } });
  expect(ofXl).toEqual({ id: "xl-net", name: "xl-net", controlNet: { fits: [] } });
});

test("lists autoencoders and text encoders with the models that each fits, and none of them as a model", async () => {
  await using folder = await temporaryFolder();
  const fixture = (name: string) => inRepository(`tests/fixtures/checkpoints/${name}`);
  for (const name of ["base", "klein"]) await cp(fixture(name), join(folder.path, name), { recursive: true });
  await cp(inRepository("tests/fixtures/packs/base"), join(folder.path, "ready"), { recursive: true });
  await cp(fixture("base/vae"), join(folder.path, "soft-vae"), { recursive: true });
  await cp(fixture("base/vae/diffusion_pytorch_model.safetensors"), join(folder.path, "vae-file.safetensors"));
  await cp(fixture("base/text_encoder/model.safetensors"), join(folder.path, "words.safetensors"));
  const catalog = new ModelCatalog([folder.path]);
  const listed = (await catalog.list()).filter(({ facts }) => facts === undefined);
  expect(listed).toEqual([
    { id: "soft-vae", name: "soft-vae", vae: { fits: ["base", "ready"] } },
    // Without its config it is opened as a full-size autoencoder, which it is not.
    { id: "vae-file", name: "vae-file", vae: { fits: [] } },
    { id: "words", name: "words", textEncoder: { fits: ["base"] } },
  ]);
  await expect(catalog.find("none")).rejects.toMatchObject({ remedy: "Installed models: base, klein, ready." });
});

test("offers precisions of models whose denoiser is built, with what was measured of each here", async () => {
  await using folder = await temporaryFolder();
  const fixture = (name: string) => inRepository(`tests/fixtures/${name}`);
  const root = join(folder.path, "models");
  await cp(fixture("packs/base"), join(root, "a-ready"), { recursive: true });
  await cp(fixture("checkpoints/base"), join(root, "measured"), { recursive: true });
  await cp(fixture("checkpoints/klein"), join(root, "unmeasured"), { recursive: true });
  const file = join(folder.path, "measurements.json");
  const precisions = [
    { precision: "fp32", seconds: 2, decibels: null },
    { precision: "int8", seconds: 1, decibels: 42 },
  ] as const;
  const run = { device: "cpu", steps: 8, pictures: 3, precisions: [...precisions] };
  await rememberMeasurements(file, { folder: join(root, "measured") }, run);

  const [ready, measured, unmeasured] = await new ModelCatalog([root], file).list();
  expect(ready).toMatchObject({ id: "a-ready", facts: { family: "stable-diffusion" } });
  expect(ready?.precisions).toBeUndefined();
  const [exact, rounded] = precisions;
  expect(measured?.precisions).toEqual([exact, { precision: "fp16" }, rounded, { precision: "int4" }]);
  const names = ["fp32", "fp16", "int8", "int4"];
  expect(unmeasured?.precisions).toEqual(names.map((precision) => ({ precision })));
});
